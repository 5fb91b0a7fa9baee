"""An act: what a person wrote that they want to do, cut out of its sentence: 3 to 11 words that begin with a verb of action."""

import re
from datetime import UTC, datetime

from weal_node.look.closed import before_arrow
from weal_node.look.days import DAYS, MONTHS
from weal_node.look.notes import DAY_MS, folded, wordset

FEWEST, MOST = 3, 11  # words of an act (look.md 2.2)
VERBS = wordset(
    """
    add ask answer apply arrange clear attend bake bike book borrow bring brew build buy call cancel carve celebrate change check choose clean climb
    close collect compare compose contact convert cook copy create cut cycle dance debug decide declutter delete deploy design dig discover
    document donate download draft draw drink drive eat email exercise experiment explore extend fermentate ferment fetch file fill find finish
    fix fly focus forage forgive freeze fry gather get give glue go grill grind grow hand hang harvest help hike hire host improve implement install
    interview invest invite iron join journal juggle keep knit label launch learn leave lend let limit list listen live look make map marinate
    measure meditate meet memorise memorize mend message migrate mix model mount move note offer open order organise organize pack paint park
    pay phone photograph pick pickle plan plant play polish post practise practice prepare present preserve print produce prune publish put quit
    raise read rebuild record recycle redesign reduce refactor reflect register release remove renew rent repair repaint replace reply report
    repot rerun research reserve return ring review revise rewrite ride roast run save schedule see sell send separate serve set sew share ship shoot show
    sign simplify sing sketch ski sleep smoke sort sow speak spend split start stay stop stretch study submit subscribe surf swap swim switch
    take talk taste teach tell test text thank think tidy track trade train translate travel treat trim try turn understand update upgrade use
    visit volunteer walk wash watch water weed weigh win work write
    """
)  # fmt: skip
EMPTY = wordset(
    """
    a an the some any more less most few many much other another own same new good better best great really very just also again things thing
    stuff something anything everything one ones life today tomorrow now soon day days time times way ways lot lots bit i me my mine we us our
    you your to of in on at for with and or by from about into out up off over back down it its be is are was do so as than then too all own
    there here
    """
)
_LEANING = wordset(
    """
    it them this that these those they he she him her his hers their theirs himself herself themselves you your yours there so such
    ihn ihm ihr ihre ihren sein seine seinen ella él su sus lui elle leur
    """
)
_OPEN_END = wordset(
    """
    about in of to as with for on at from by into and or the a an more my than is are also not but our your his their very some any i we will
    can
    """
)
_CUT = re.compile(
    r" (?:because|since|so that|so i|so we|but|which|although|though|as it|as they|as i|as we|when|if|where|while|unless|until|whether|due to|in order|and (?:i|then|it|that|so|also|maybe))\b.*$"
    r"|[(\[{—–;:…].*$| --? .*$|, (?:and|but|so|as|which|maybe|especially|then|ideally|perhaps|even|i|it)\b.*$|\.\..*$",
    re.IGNORECASE,
)
_END = re.compile(r"(?<!\b(?:Dr|Mr|St|vs|ca|no|Nr))(?<!\b(?:Mrs|Ms\.|etc))[.!?]\s+")  # an act is of one sentence
_TAIL = re.compile(
    r",? (?:finally|hopefully|too|as well|at some point|ideally|etc|again|now|soon|anyway|please|some ?day|one day|today|tonight|tomorrow"
    r"|(?:this|next) (?:week|weekend|month|year|spring|summer|autumn|fall|winter|term|semester)|in (?:the future|20\d\d)"
    rf"|(?:by|before|until|on) (?:next )?(?:20\d\d-\d\d-\d\d|{'|'.join(DAYS)}|\d{{1,2}} [a-z]{{3,9}}(?: 20\d\d)?))$",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"^(?:to |and |also |that |please |maybe |really |actually |finally |just |try and )+", re.IGNORECASE
)
_SPANS = (  # words that tie an act to a time, and for how many days after they were written they hold; chosen
    (re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b", re.IGNORECASE), 2),
    (re.compile(r"\b(?:tomorrow)\b", re.IGNORECASE), 3),
    (re.compile(r"\b(?:(?:this|next|coming) (?:week|weekend)|on the weekend)\b", re.IGNORECASE), 15),
    (re.compile(rf"\b(?:{'|'.join(DAYS)})\b", re.IGNORECASE), 8),
    (re.compile(r"\b(?:this|next|coming) month\b", re.IGNORECASE), 62),
    (re.compile(rf"\b(?:in|by|this|next|until|before|end of|of|early|late|mid) (?:{'|'.join(MONTHS)})\b", re.IGNORECASE), 200),
    (re.compile(r"\b(?:this|next) (?:spring|summer|autumn|fall|winter|term|semester)\b", re.IGNORECASE), 300),
    (re.compile(r"\bthis year\b", re.IGNORECASE), 366),
    (re.compile(r"\bnext year\b", re.IGNORECASE), 731),
)  # fmt: skip
_YEAR = re.compile(r"\b20\d\d\b")


def base(word: str) -> str:
    """Return the plain form of a verb of action, "" where it is none that is known: "selling" is "sell"."""
    word = word.casefold()
    if word in VERBS:
        return word
    if not word.endswith("ing"):
        return ""
    stem = word[:-3]
    for form in (stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else ""):
        if form in VERBS:
            return form
    return ""


def cut(rest: str) -> str:
    """Return the act that a sentence goes on with after "I want to", "" where none can be told apart. Its words are as they were written,
    but for the first, which is a plain verb."""
    text = _HEAD.sub("", _CUT.sub("", _END.split(before_arrow(rest.strip()), maxsplit=1)[0]))
    left, comma, _ = text.partition(", ")
    if comma and len(left.split()) > FEWEST:
        text = left
    text = text.strip(" .!,-:*_")
    shorter = _TAIL.sub("", text)
    text = shorter if len(shorter.split()) >= FEWEST else text
    first, _, others = text.partition(" ")
    verb = base(first)
    words = folded(text)
    if not verb or not FEWEST <= len(text.split()) <= MOST:
        return ""
    if (
        words[-1] in _OPEN_END
        or _LEANING & set(words)
        or not set(words[1:]) - EMPTY
        or any(sign in text for sign in "?=<>{}/\\")
    ):
        return ""
    return f"{verb} {others}"


def stale(text: str, written_ms: int, now_ms: int) -> bool:
    """Whether a text speaks of a time that has gone by: "this weekend" of an old note. Of a note without a date it has."""
    age = (now_ms - written_ms) / DAY_MS if written_ms else float("inf")
    if any(age > days and pattern.search(text) for pattern, days in _SPANS):
        return True
    year = datetime.fromtimestamp(now_ms / 1_000, UTC).year
    years = list(map(int, _YEAR.findall(text)))
    return bool(years) and max(years) < year
