"""The page: which lines stand on it, in which order, and what it says where there is little to find (look.md 3)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from weal_node.look import guard
from weal_node.look.gathering import Meanings, Structure, english, open_wishes
from weal_node.look.notes import DAY_MS, Finding, act_key, folded, key_of, sentence_key
from weal_node.look.repeats import Group, same_words, stems
from weal_node.look.voice import laid_aside
from weal_node.look.wishes import Wish

RULES = (
    "repeated",
    "due",
    "wish",
    "near",
    "mention",
    "copy",
    "unwritten",
    "question",
    "recurs",
)  # in the order of the page
CAPS = {  # structure stands for most: of two vaults' lines 24 useful and 2 noise, of single wishes 30 and 11 (simulations/LOG.md)
    "repeated": 3,
    "due": 3,
    "wish": 4,
    "near": 3,
    "mention": 5,
    "copy": 2,
    "unwritten": 5,
    "question": 1,
    "recurs": 5,
}
FILLED = ("near", "unwritten", "mention")  # raised to FILL each where the text gives nothing
FEW, ENOUGH, FILL = 10, 12, 7
LITTLE = 4  # lines below which the page says that there is little to find; chosen
OLD_MS = 365 * DAY_MS
MOOD_MS = (
    60 * DAY_MS
)  # of a diary's sentence without an act: of older ones six were noise and four useful (simulations/LOG.md)
OLD_WISHES = 2  # at least, of those shown
QUESTION = 5  # score from which on a question is shown; chosen: few were useful (look.md 1), and neither of two on a first evening (simulations/LOG.md)


@dataclass(frozen=True, slots=True)
class Said:
    """What the person has said of lines. closed: keys of lines and acts that are not shown again.  closed_acts: their words.
    silenced: (rule, note) pairs."""

    closed: frozenset[str] = frozenset()
    closed_acts: tuple[str, ...] = ()
    silenced: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown. findings: in order.  notes: how many were read.  remarks: what the page says about itself."""

    findings: tuple[Finding, ...]
    notes: int
    remarks: tuple[str, ...] = field(default=())


def compose(held: Structure, meant: Meanings, said: Said, now_ms: int, whole: bool = True) -> Page:
    """Return the page. whole: whether every note has been read, so that what is missing can be said."""
    lines: dict[str, list[Finding]] = {}
    taken: set[str] = set()  # members of lines that stand already: nothing is proposed twice
    shown_notes: set[tuple[str, ...]] = set()
    for rule in RULES:
        able = (finding for finding in candidates(held, meant, rule, now_ms) if _allowed(finding, said))
        most = max(CAPS[rule], FILL if rule in FILLED else 0)
        lines[rule] = list(islice(_fresh(able, taken, shown_notes), most))
    counts = {rule: min(CAPS[rule], len(lines[rule])) for rule in RULES}
    if _sum(counts) < FEW:
        _fill(counts, lines)
    findings = tuple(finding for rule in RULES for finding in lines[rule][: counts[rule]])
    return Page(findings, len(held.facts), remarks(held, findings, whole))


def candidates(held: Structure, meant: Meanings, rule: str, now_ms: int) -> Iterator[Finding]:
    """Yield all lines of a rule, best first; nobody's word on them is heeded here."""
    makers: dict[str, Callable[[], Iterable[Finding]]] = {
        "repeated": lambda: map(_repeated, meant.groups),
        "due": lambda: _due(held, now_ms),
        "wish": lambda: map(_wished, _spread(held, meant, now_ms)),
        "near": lambda: _near(held, meant),
        "mention": lambda: _mentions(held),
        "copy": lambda: _copies(held),
        "unwritten": lambda: _unwritten(held),
        "question": lambda: _questions(held),
        "recurs": lambda: _recurring(held),
    }
    for finding in makers[rule]():
        if guard.tender(finding.act, *(f"{one.title} . {one.quote}" for one in finding.quotes)):
            continue
        if not (held.heavy.touches(finding.act) or held.heavy.of(finding.quotes)):
            yield finding


def _allowed(finding: Finding, said: Said) -> bool:
    """Whether the person has not said that this is done, or not to their liking."""
    if finding.key in said.closed or said.closed & set(finding.members):
        return False
    if finding.quotes and (finding.rule, finding.quotes[0].note) in said.silenced:
        return False
    if finding.rule in ("repeated", "wish", "due") and finding.act:
        words = stems(finding.act)
        return not any(same_words(words, stems(act)) for act in said.closed_acts)
    return True


def _fresh(findings: Iterable[Finding], taken: set[str], shown: set[tuple[str, ...]]) -> Iterator[Finding]:
    for finding in findings:
        notes = (
            (finding.rule in ("near", "mention", "copy") and "pair") or "",
            *sorted(one.note for one in finding.quotes),
        )
        twice = notes[0] == "pair" and notes in shown
        if twice or taken & {finding.key, *finding.members}:
            continue
        taken |= {finding.key, *finding.members}
        shown.add(notes)
        yield finding


def _sum(counts: dict[str, int]) -> int:
    return sum(count for rule, count in counts.items() if rule != "recurs")


def _fill(counts: dict[str, int], lines: dict[str, list[Finding]]) -> None:
    """Raise what is true in any vault, one line at a time."""
    for _ in range(FILL):
        for rule in FILLED:
            if _sum(counts) < ENOUGH and counts[rule] < min(FILL, len(lines[rule])):
                counts[rule] += 1


def _spread(held: Structure, meant: Meanings, now_ms: int) -> list[Wish]:
    """Return single wishes, one a note, the newest first, with two that are older than a year among the first where there are any. A
    sentence of a diary that is older, and holds no act, comes last: it was a mood, or is over."""
    grouped = {key for group in meant.groups for key in group.keys}
    diaries = {one.reading.note.path for one in held.facts if one.reading.diary}
    of_note: dict[str, Wish] = {}
    for wish in sorted(open_wishes(held.facts), key=lambda wish: (not wish.act, -wish.score)):
        if wish.key not in grouped and not wish.stale:
            of_note.setdefault(wish.quoted.note, wish)

    def worth(wish: Wish) -> tuple[int, bool]:
        diary = wish.quoted.path in diaries
        mood = not wish.act and wish.kind != "promise" and diary and wish.written_ms < now_ms - MOOD_MS
        return (2 if mood else int(not wish.act)), diary

    rows = sorted(of_note.values(), key=lambda wish: (worth(wish)[0], -wish.written_ms, wish.quoted.path))
    past = [wish for wish in rows if wish.act and wish.written_ms and wish.written_ms < now_ms - OLD_MS]
    old = sorted(past, key=lambda wish: worth(wish)[1])[:OLD_WISHES]
    new = [wish for wish in rows if wish not in old]
    first = new[: CAPS["wish"] - len(old)]
    return [*first, *old, *new[len(first) :]]


def day(ms: int) -> str:
    """Return a day in words, "an unknown day" for none."""
    return f"{datetime.fromtimestamp(ms / 1_000, UTC):%-d %B %Y}" if ms else "an unknown day"


def _repeated(group: Group) -> Finding:
    newest = group.wishes[-1]
    years = [datetime.fromtimestamp(wish.written_ms / 1_000, UTC).year for wish in group.wishes if wish.written_ms]
    if group.disagree:
        says = "Two of your notes disagree about this."
    elif len(set(years)) > 1:
        says = f"You wrote this in {', '.join(map(str, years[:-1]))} and again in {years[-1]}."
    else:
        says = f"You wrote this in {len(group.wishes)} notes."
    quotes = tuple(wish.quoted for wish in reversed(group.wishes))
    members = (*group.keys, *map(sentence_key, quotes))
    return Finding("repeated", key_of("repeated", *sorted(group.keys)), says, quotes, newest.act, members)


def _due(held: Structure, now_ms: int) -> Iterator[Finding]:
    rows = [due for one in held.facts for due in one.dues]
    finished = [stems(act) for one in held.facts for act in one.finished]
    for due in sorted(rows, key=lambda due: (due.due_ms < now_ms - DAY_MS, abs(due.due_ms - now_ms), due.quoted.path)):
        words = stems(due.act)
        if due.act and any(same_words(words, done) for done in finished):
            continue
        says = (
            f"Your day for it was {day(due.due_ms)}."
            if due.due_ms < now_ms - DAY_MS
            else f"Your day for it: {day(due.due_ms)}."
        )
        members = (*((act_key(due.act),) if due.act else ()), sentence_key(due.quoted))
        yield Finding("due", due.key, says, (due.quoted,), due.act or due.quoted.quote, members, due.due_ms)


WISHED = {
    "wish": "You wrote that you want this. Still open?",
    "task": "A task that is not ticked.",
    "promise": "You wrote that you promised this.",
}


def _wished(wish: Wish) -> Finding:
    return Finding("wish", wish.key, WISHED[wish.kind], (wish.quoted,), wish.act, (wish.key, sentence_key(wish.quoted)))


def _near(held: Structure, meant: Meanings) -> Iterator[Finding]:
    for pair in meant.near:
        says = "An older note bears on what you changed last. No link between them yet."
        if not held.dates_known:
            says = "Two notes bear on each other. No link between them yet."
        act = f"Put “{pair.new.title}” and “{pair.old.title}” together"
        yield Finding("near", key_of("near", *sorted((pair.new.note, pair.old.note))), says, (pair.new, pair.old), act)


def _mentions(held: Structure) -> Iterator[Finding]:
    for mention in held.mentions:
        says = f"This names your note “{mention.of.title}” without a link to it."
        key = key_of("mention", mention.where.note, mention.of.note)
        yield Finding(
            "mention", key, says, (mention.where, mention.of), f"Link “{mention.of.title}” in “{mention.where.title}”"
        )


def _copies(held: Structure) -> Iterator[Finding]:
    rows = sorted(
        held.copies, key=lambda copy: laid_aside(copy.first.path) or laid_aside(copy.second.path)
    )  # a backup is one
    for copy in rows:
        says = (
            "Two notes say the same, word for word."
            if copy.exact
            else f"{copy.share:.0%} of the shorter note stands in the other."
        )
        key = key_of("copy", *sorted((copy.first.note, copy.second.note)))
        yield Finding(
            "copy", key, says, (copy.first, copy.second), f"Keep one of {copy.first.path} and {copy.second.path}"
        )


def _unwritten(held: Structure) -> Iterator[Finding]:
    for wanted in held.unwritten:
        says = f"“{wanted.name}” is linked from {wanted.notes} notes and was never written."
        key = key_of("unwritten", *folded(wanted.name))
        yield Finding("unwritten", key, says, wanted.quotes, f"Write the note “{wanted.name}”")


def _questions(held: Structure) -> Iterator[Finding]:
    rows = [question for one in held.facts for question in one.questions if question.score >= QUESTION]
    for question in sorted(
        rows, key=lambda question: (-question.score, -question.quoted.dated_ms, question.quoted.path)
    ):
        key = key_of("question", *folded(question.quoted.quote))
        says = "You asked this, and nothing below it answers. Still open?"
        yield Finding("question", key, says, (question.quoted,), f"Find out: {question.quoted.quote}")


def _recurring(held: Structure) -> Iterator[Finding]:
    for one in held.recurring:
        says = f"{one.of.title} is linked from {one.notes} of your notes, last here."
        act = f"Get in touch with {one.of.title}" if one.kind == "person" else f"Go to {one.of.title}"
        yield Finding("recurs", key_of("recurs", one.of.note), says, (one.of, one.where), act)


def remarks(held: Structure, findings: Sequence[Finding], whole: bool) -> tuple[str, ...]:
    """Return what the page says about itself: that there is little to find, and why, and what helps."""
    if not whole:
        return ()
    said: list[str] = []
    notes = len(held.facts)
    if notes and len(findings) < LITTLE:
        said.append(f"There is little to find by rule in {'one note' if notes == 1 else f'these {notes} notes'}.")
        if not english(held.facts):
            said.append(
                "They do not seem to be in English: the rules for wishes, dates and questions read English. Copies, links, mentions and "
                "old notes are found in any language."
            )
        elif not any(one.reading.personal for one in held.facts):
            said.append(
                "Little in them speaks of you: most is about things, lists or code. A page of a diary, or a list of plans, gives more."
            )
        else:
            said.append("More comes as you write: what you want, what you promised, links between notes.")
    elif notes and not english(held.facts):
        said.append("Your notes do not seem to be in English: wishes, dates and questions are found in English alone.")
    if notes > 2 and not held.dates_known and any(finding.rule == "near" for finding in findings):
        said.append(
            "Most notes bear the same day, so what you changed last is not known: the longest that speak of you were taken."
        )
    return tuple(said)
