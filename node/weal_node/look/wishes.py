"""Wishes: what a person wrote that they want, plan, must or promised to do, with a score; from 4 on it is shown (look.md 2.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from weal_node.look import acts
from weal_node.look.days import day_in
from weal_node.look.notes import DAY_MS, Quoted, act_key, folded, key_of, quoted, wordset
from weal_node.look.reading import IMPERSONAL, PERSONAL, NoteReading
from weal_node.look.sentences import Sentence, sentences

SHOWN = 4  # score from which on a wish is shown (look.md 1)
KEPT = 3  # from which on it is a wish at all
FEWEST_WORDS = 5  # of a sentence that is shown without an act
_AUXILIARY = (
    r"(?:want to|wanna|need to|should(?: really)?|must|will|plan to|planning to|hope to|hoping to|would (?:really )?(?:like|love) to|['’]d (?:really )?(?:like|love) to"
    r"|looking forward to|thinking of|thinking about|trying to|going to|gonna|have to|ought to|promised(?: [A-Za-z]+){0,3} to|intend to|aim to|['’]ll|meaning to|mean to)"
)
_ADVERB = r"(?: (?:really|also|still|just|definitely|probably|do|always|think i|guess i|know i|finally|now|am|have been|was)){0,3}"
_I = re.compile(rf"\bI(?:['’](?:m|ve))?{_ADVERB} ?(?P<aux>{_AUXILIARY}) (?P<rest>.+)", re.IGNORECASE)
_BARE = re.compile(
    r"^(?:(?:really|also|still|maybe|perhaps|definitely) )?(?P<aux>want to|wanna|need to|must|should|plan to|planning to|hope to|hoping to|would (?:really )?(?:like|love) to"
    r"|looking forward to|thinking of|thinking about|trying to|going to|have to|gotta|remember to|do(?:n['’]t| not) forget to|promised(?: [A-Za-z]+){0,3} to) (?P<rest>.+)",
    re.IGNORECASE,
)
_PROMISED = re.compile(
    r"\b(?:told|promised|said to|offered)(?: [\w'’.]+){1,3} (?:that )?I(?:['’]d|['’]ll| would| will) (?P<rest>.+)|\bI(?: still)? owe (?P<owed>.+)",
    re.IGNORECASE,
)
_TODO = re.compile(r"^(?:todo|to do|to-do)\s?:\s?(?P<rest>.+)", re.IGNORECASE)
_NAMED = re.compile(
    r"^(?:one (?:more )?thing (?:that )?i (?:really )?(?:want|need|have|plan) to do is|my (?:goal|plan|dream|aim|wish|resolution)(?: for [\w ]{1,30})? is|to ?do|next step|goal|someday|idea)"
    r"(?::| to| is)? (?P<rest>.+)",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:next (?:week|month|year|step|spring|summer|autumn|winter|time)|this (?:week|month|year|spring|summer|autumn|winter)|coming (?:year|months?|weeks?)|soon"
    r"|(?:one|some) ?day|in the future|eventually|from now on|by (?:the end of )?20\d\d|in 20\d\d)\b",
    re.IGNORECASE,
)
_MEANT = re.compile(
    r"\b(?:would (?:also |really )?(?:love|like)|['’]d (?:really )?(?:love|like)|plan(?:ning)?|hope|hoping|goal|resolution|looking forward|wanna|promised|forget to|remember to"
    r"|(?:want|need) to (?:learn|build|try|visit|read|write|start|stop|focus|help|move|create|take|find|make|ask|call|cook|bake))\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?:if|when|once|imagine|whenever|unless|suppose|in case)\b", re.IGNORECASE)
_LECTURE = re.compile(
    r"\b(?:in this (?:post|article|chapter|note|section|talk|blog)|this (?:article|post|blog)|explain|talk about|show you)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?:data|things?|something|anything|everything|books?|all|tools|people|information|one|ones|what|that|which|so|because|if|when|whenever|where|how|whether|than|until|once|why"
    r"|not|never|without|list|apps|topics?|ideas|feel like|no matter) I\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:was|were|had|did|went|wanted|used|thought|felt)\b", re.IGNORECASE)
_TUTORIAL = re.compile(
    r"\b(?:would (?:also )?(?:love|like)|['’]d (?:love|like)|planning to|hope to|one day|next|soon)\b", re.IGNORECASE
)
_NOT = re.compile(
    r"^(?:not|to not|never|nothing|be honest|say|admit|mention|note|have to say|see how|have been|be sure|always be)\b",
    re.IGNORECASE,
)
_WANTED_HEADING = wordset(
    """
    goals goal todo todos next someday wishlist plans plan intentions resolutions bucket tasks promises
    """
)
_REGRET = re.compile(
    r"\b(?:should|ought to|must|could|would (?:like|love) to)(?: really)? have (?!a\b|an\b|the\b|to\b|some\b|more\b|less\b|my\b|no\b|one\b|two\b|another\b|\d)\w",
    re.IGNORECASE,
)
_STORY = re.compile(
    r"^(?:as an? \w|given (?:an?|the|that) )|\b(?:e\.g\.|for example,?|z\. ?B\.) I\b|[=/] ?I\b", re.IGNORECASE
)  # "As a climber I want ..."
_TOLD = re.compile(
    r"\b(?:[A-Z]\w+|he|she|they) (?:said|says|thought|thinks|wrote|asked|reckons|meint|sagt|sagte|dice|dit)[:,]? .{0,12}\bI\b|,? (?:he|she) (?:said|thought|asked)\b"
)
_GARBLED = re.compile(r"\b(?!had |that |very |so |no |really |many |bye |the )(\w+) \1\b", re.IGNORECASE)
_WILL = re.compile(r"\bwill\b|['’]ll\b", re.IGNORECASE)
_LEANS = wordset("he him his himself she her hers herself")
ERRAND_DAYS = 60  # after which a box on a page of a diary was an errand of its day; chosen
_RECURRING = re.compile(r"🔁|\brepeat::|\bevery (?:day|week|month|year|morning|evening)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish. kind: "wish", "task" or "promise".  act: what is to be done, "" where the sentence leans on what stands before it.
    written_ms: when its note began, 0 for unknown.  stale: it spoke of a time that has gone by; it counts as written once, and is not shown alone."""

    kind: str
    quoted: Quoted
    act: str
    score: int
    written_ms: int
    stale: bool = False

    @property
    def key(self) -> str:
        """Its name: that of its act; without one, that of its sentence."""
        return act_key(self.act) if self.act else key_of("wish", *folded(self.quoted.quote))


def wishes(reading: NoteReading, now_ms: int) -> Iterator[Wish]:
    """Yield the wishes of a note, score KEPT or more, each once."""
    if not reading.speaks:
        return
    seen: set[str] = set()
    for sentence in sentences(reading):
        if sentence.closed or (reading.weak and sentence.line.kind != "open"):
            continue
        wish = _wish(reading, sentence)
        if wish is None or wish.score < KEPT or wish.key in seen:
            continue
        seen.add(wish.key)
        day = day_in(sentence.text, reading.told_ms)
        gone = day is not None and day < now_ms - 2 * DAY_MS
        errand = wish.kind == "task" and reading.diary and now_ms - wish.written_ms > ERRAND_DAYS * DAY_MS
        yield replace(wish, stale=errand or gone or acts.stale(sentence.text, wish.written_ms, now_ms))


def _wish(reading: NoteReading, sentence: Sentence) -> Wish | None:
    text = sentence.text
    if text.endswith(":") or "?" in text or any(one.search(text) for one in (_REGRET, _STORY, _TOLD, _GARBLED)):
        return None
    task = sentence.line.kind == "open" or (sentence.line.kind == "item" and _below_wishes(sentence))
    apart = matched(reading, sentence.text)
    if apart is not None:
        kind, rest = apart
        act, score = acts.cut(rest), _score(reading, sentence.text, kind)
        if not act and len(sentence.text.split()) < FEWEST_WORDS:
            return None
        if not act and kind != "promise" and _LEANS & set(folded(text)):
            return None
    elif task and not _RECURRING.search(sentence.line.raw):
        kind, act = "task", acts.cut(sentence.text)
        score = SHOWN - (reading.tutorial and not reading.personal) if act else 0
    else:
        return None
    note = reading.note
    return Wish(kind, quoted(note, sentence.text), act, score, note.written_ms or note.dated_ms)


def _below_wishes(sentence: Sentence) -> bool:
    headings = sentence.line.headings
    return bool(headings) and bool(
        set(folded(headings[-1].replace("to do", "todo").replace("To do", "todo").replace("-", ""))) & _WANTED_HEADING
    )


def matched(reading: NoteReading, text: str) -> tuple[str, str] | None:
    """Return the kind and what follows the auxiliary, None where it is no wish."""
    if promise := _PROMISED.search(text):
        return "promise", promise["rest"] or promise["owed"]
    if todo := _TODO.match(text):
        return "task", todo["rest"]
    match = (
        _I.search(text) or _NAMED.match(text) or (_BARE.match(text) if reading.personal or reading.first > 0 else None)
    )
    if match is None or _NOT.match(match["rest"]):
        return None
    promised = "promised" in match[0].casefold() or "forget to" in match[0].casefold()
    return ("promise" if promised else "wish"), match["rest"]


def _score(reading: NoteReading, text: str, kind: str) -> int:
    future = bool(_FUTURE.search(text))
    score = KEPT + (reading.first > PERSONAL) + reading.personal + future + (kind != "wish")
    score -= not (future or _MEANT.search(text))
    score -= (
        2 * bool(_LEADING.match(text)) + 2 * bool(_LECTURE.search(text)) + 2 * bool({"you", "your"} & set(folded(text)))
    )
    score -= 2 * (reading.first < IMPERSONAL and not reading.personal) + 2 * (
        kind == "wish" and bool(_RELATIVE.search(text))
    )
    score -= 3 * (reading.tutorial and not _TUTORIAL.search(text))
    score -= bool(_PAST.search(text)) and kind != "promise"
    return score - bool(_WILL.search(text))


def finished(reading: NoteReading) -> Iterator[str]:
    """Yield the acts of ticked tasks: what was done in one note is done."""
    for line in reading.lines:
        if line.kind == "done" and (act := acts.cut(line.text)):
            yield act
