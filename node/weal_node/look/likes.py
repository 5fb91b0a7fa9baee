"""Likes and dislikes with their object: sentences that can be put to the person to be confirmed (look.md 2.3 and 4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from weal_node.look.notes import Quoted, folded, key_of, quoted, wordset
from weal_node.look.reading import NoteReading, dated
from weal_node.look.sentences import sentences

SHOWN = 3  # score from which on a like is shown (look.md 1)
LONGEST = 9  # words of an object (look.md 2.3)
NAME = 4  # words of what "is amazing"
_VERB = r"(?P<like>love|like|enjoy|prefer|appreciate|admire|miss)|(?P<dislike>hate|dislike|can['’]t stand|cannot stand|avoid|don['’]t like|do not like|am tired of|['’]m tired of)"
_I = re.compile(
    rf"\bI(?: (?:really|also|still|just|always|absolutely|do|generally|usually|much)){{0,2}} ?(?:{_VERB}) (?P<object>.+)"
)
_BEGUN = re.compile(
    r"^(?:(?:really|absolutely) )?(?P<like>loved?|enjoyed?|preferr?(?:ed)?|adored?)\b|^(?P<dislike>hated?|disliked?)\b",
    re.IGNORECASE,
)
_FAVOURITE = re.compile(
    r"^(?P<object>[^.!?]{2,80}?) (?:is|are) (?:one of )?my (?:all[- ]time )?favou?rites?\b", re.IGNORECASE
)
_PRAISED = re.compile(
    r"^(?P<object>[A-Z][^.!?,]{1,60}?) (?:is|are) (?:(?:so|really|just|pretty|very) )?(?:(?P<like>amazing|great|wonderful|brilliant|delicious|lovely|awesome)|(?P<dislike>boring|awful|terrible|horrible|overrated))\b"
)
_UNMEANT = re.compile(
    r"\b(?:would|might|could|if|['’]d|used to|things? I|people I|what I|songs? I|I (?:like|love) (?:in|to think|to say|how)|did I|do I|why I|feel like)\b",
    re.IGNORECASE,
)
_CUT = re.compile(
    r" (?:because|when|that|since|but|although|as it|as they|if|while|which|where|so)\b.*$|[,(\[;:—–…!].*$| --? .*$",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"^(?:it|this|that|these|those|how|what|the one)\b", re.IGNORECASE)
_LEADS = re.compile(
    r"^(?:(?:and|but|still|yes|oh|also) )?(?:I|really|absolutely|lov|enjoy|hat|lik|ador|prefer)", re.IGNORECASE
)
_LEANS = wordset("he him his she her hers they them their you your")
_POINTLESS = re.compile(
    r"^(?:introduction|conclusion|notes?|summary|links?|overview|thoughts?|other|misc|day \d+|diary|journal|results?|untitled|retro|ideas?|todo|inbox)$",
    re.IGNORECASE,
)
_TRIM = re.compile(r" (?:very much|a lot|so much|tremendously|the most|too|as well|more and more)$", re.IGNORECASE)
_OPEN_END = wordset("about in of to as with for on at from by into and or the a an more my than is are")


@dataclass(frozen=True, slots=True)
class Like:
    """A sentence that says what its writer likes. likes: False for a dislike.  object: of what."""

    quoted: Quoted
    likes: bool
    object: str
    score: int

    @property
    def key(self) -> str:
        """Its name: what is liked, and whether it is."""
        return key_of("like", str(self.likes), *folded(self.object))

    @property
    def asks(self) -> str:
        """What is put to the person, so that a yes is an answer."""
        return f"You wrote: “{self.quoted.quote}” Count it as an answer?"


def likes(reading: NoteReading) -> Iterator[Like]:
    """Yield what a note's writer likes or not, score SHOWN or more, each object once."""
    if not reading.speaks or reading.weak:
        return
    seen: set[str] = set()
    for sentence in sentences(reading):
        like = _like(reading, sentence.text, sentence.line.headings)
        if like is not None and like.score >= SHOWN and like.key not in seen:
            seen.add(like.key)
            yield like


def _like(reading: NoteReading, text: str, headings: tuple[str, ...]) -> Like | None:
    if text.endswith("?") or _UNMEANT.search(text):
        return None
    score = SHOWN + (reading.personal or reading.first > 0) - 2 * bool({"you", "your"} & set(folded(text)))
    if match := _I.search(text):
        liked, thing = bool(match["like"]), match["object"]
    elif match := _FAVOURITE.match(text):
        liked, thing = True, match["object"]
    elif (match := _BEGUN.match(text)) and reading.personal:
        liked, thing = bool(match["like"]), text[match.end() :]
    elif (match := _PRAISED.match(text)) and reading.personal and len(match["object"].split()) <= NAME:
        liked, thing, score = bool(match["like"]), match["object"], score - (not _named(match["object"]))
    else:
        return None
    if (
        _LEANS & set(folded(thing))
        or (_PRONOUN.match(thing) and text[:1] in "([")
        or (_PRONOUN.match(thing) and not _LEADS.match(text))
    ):
        return None
    thing = _object(thing, headings, reading.note.title)
    words = thing.split()
    if (
        not words
        or len(words) > LONGEST
        or len(thing) < 3
        or words[-1].casefold() in _OPEN_END
        or words[0].casefold() in _OPEN_END - {"the", "a", "an", "my"}
    ):
        return None
    return Like(quoted(reading.note, text), liked, thing, score - 2 * (not reading.personal and reading.first == 0))


def _object(thing: str, headings: tuple[str, ...], title: str) -> str:
    """Return what is liked; of "it" what the heading or the title says, "" where that says nothing."""
    thing = _TRIM.sub("", _CUT.sub("", thing).strip(" .!*_"))
    if not _PRONOUN.match(thing):
        return thing
    for name in (*reversed(headings[-1:]), title):
        if name and not dated(name) and not _POINTLESS.match(name.strip()):
            return name
    return ""


def _named(thing: str) -> bool:
    return all(word[:1].isupper() or word in ("of", "the", "and", "de", "in") for word in thing.split())
