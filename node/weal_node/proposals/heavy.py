"""What a card never touches: death, illness, grief, debt, a breakup, dark thoughts. A word guard, on the safe side. Pure.

"die" alone is an article in German. It sees words, not meaning: an idea with such a word is not brought, whatever it says of it. Who looks through their notes themselves sees it all.
"""

import re
from collections.abc import Iterable

_WORDS = (
    r"died|dying|(?:to|will|would|might|may|could|not|i|we|he|she|they|people) die|dead|deaths?|deceased|funerals?|burials?|cremat\w*|graves?|gravestones?|coffins?|mourn\w*|grie(?:f|v)\w*|bereave\w*|widow\w*|obituar\w*|eulog\w*|"
    r"suicid\w*|self-harm\w*|kill (?:myself|himself|herself)|end it all|give up|giving up|hopeless\w*|worthless|depress\w*|despair\w*|panic attacks?|"
    r"cancer|cancerous|tumou?rs?|chemo\w*|oncolog\w*|hospice|palliative|diagnos\w*|biops\w*|miscarr\w*|stillb\w*|dementia|alzheimer\w*|stroke|hospitals?|relapse\w*|overdos\w*|addict\w*|"
    r"debts?|owe|overdraft|bankrupt\w*|insolven\w*|foreclos\w*|evict\w*|bailiffs?|payday loan|"
    r"divorc\w*|break-?ups?|broke up|breaking up|split up|my ex|custody|cheat(?:ed|ing) on|"
    r"abus\w*|assault\w*|rape\w*|"
    r"gestorben|verstorben\w*|sterben|stirbt|tod|tot|beerdigung\w*|trauer\w*|selbstmord\w*|krebs|tumor\w*|chemo\w*|schulden|insolvenz|scheidung\w*|trennung\w*|depression\w*"
)
_HEAVY = re.compile(rf"(?<![^\W_])(?:{_WORDS})(?![^\W_])", re.IGNORECASE)


def heavy(texts: Iterable[str]) -> bool:
    """Whether any of these (a sentence, its quotes, the paths and titles of their notes) touches what a card never does. Costs their size."""
    return any(_HEAVY.search(text) for text in texts)
