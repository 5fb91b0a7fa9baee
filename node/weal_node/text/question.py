"""A question: which of its words say what is asked, and by which words it is known again. Pure.

"When did we move the rehearsals?" asks about rehearsals and moving; the rest is how people ask. Such words are left out in the languages
that this list knows; of a question that has no others all count.
"""

from dataclasses import dataclass, replace

from weal_node.text.query import Query, parse
from weal_node.text.snippet import stem
from weal_node.text.words import words

_ASKING = (
    # English
    "a about after again all also am an and any anybody anyone anything are as at be because been before being but by can could did do does doing done"
    " don down each every for from get gets getting give go goes going got had has have having he her here hers him his how i if in into is it its"
    " just know let like ll long made make makes many may me might mine more most much must my myself need needs no nor not of off on once one only"
    " or other our ours out over own per please s said say says shall she should so some somebody someone something such t take tell than that"
    " the their theirs them then there these they this those through time to too under until up us used using ve very was we were what when where"
    " whether which while who whom whose why will with without would you your yours"
    # German
    " aber alle als am an auch auf aus bei bin bis da dann das dass dein dem den der des die dies diese dir doch du durch ein eine einem einen einer"
    " er es etwas euch fur gab gibt hab habe haben hast hat hatte hatten ich ihr ihre im immer in ist ja kann kannst kein keine konnen kommt machen man mein"
    " meine mich mir mit muss nach nicht noch nur ob oder schon sehr sein seine sich sie sind so soll uber um und uns unser unsere viel viele vom von"
    " vor wann war waren warum was welche welchem welchen welcher welches wem wen wenn wer werden wie wieder wieviel will wir wird wo woher wohin"
    " wozu wurde wurden zu zum zur"
    # French, Italian, Spanish, Portuguese
    " au aux avec ce ces cette combien comment dans de des donde dove du elle en es est et ete etait faire fait il ils je la le les leur lui ma mais"
    " mes moi mon ne nos notre nous ou par pas pour pourquoi quand que quel quelle quelles quels qui sa sans se ses son sont sur ta te tes ton tu un"
    " une vos votre vous y al como con cual cuales cuando cuanta cuantas cuanto cuantos del el ella en era esta estan este esto fue ha han hay las"
    " lo los mas mi mis muy nosotros o para pero por quien quienes se ser si sin sobre su sus tiene tienen una unas unos che chi come cosa da dei"
    " della delle di do gli ho i il mio nel nella nostro per perche piu quale quali quando quanta quante quanti quanto sei sono suo ti um uma adonde onde"
    # Bulgarian, Russian, Ukrainian
    " а аз беше в във ви все да дали до е за защо и из или им има как какво какъв каква кога кого кой коя колко кои къде ли ме ми мен ни на не ние нас си с са се"
    " след сме съм това тази този те ти то тук че ще я был была были быть вы где для его ее если есть зачем из их когда кто который куда меня мне мой моя мы наш нам но"
    " о об он она они от по почему при про так там тебе ты у уже чем что чего это эта этот яка який які що хто де коли скільки та"
)
ASKING = frozenset(_ASKING.split())
LONGEST = 2_000  # characters of a question that are read to tell it from others; a query reads fewer


@dataclass(frozen=True, slots=True)
class Question:
    """query: what is looked for, with its filters.  terms: those of its words that say what is asked.  key: by which it is
    known when asked again, in whatever order; "" of a question without a word."""

    query: Query
    terms: tuple[str, ...]
    key: str


def read(text: str) -> Question:
    """Return the question in a text; WealError for a filter that is none. A #tag is a word of it: who asks means the subject."""
    query = parse(text[:LONGEST])
    if query.loose:
        query = replace(query, tag="", terms=query.loose, loose=(), text=f"{query.text} {query.tag}".strip())
    named = map(_without_possessive, query.terms)
    telling = tuple(dict.fromkeys(term for term in named if not _is_asking(term)))
    terms = telling or query.terms
    return Question(query, terms, _key(terms))


def _without_possessive(term: str) -> str:
    """Return whom Lena's bicycle is of: words are cut at the apostrophe, and no note need hold them in that row."""
    return term.removesuffix(" s")


def _is_asking(term: str) -> bool:
    return all(word in ASKING for word in term.split())


def _key(terms: tuple[str, ...]) -> str:
    stems = {stem(word) for term in terms for word in words(term)}
    return " ".join(sorted(stems))
