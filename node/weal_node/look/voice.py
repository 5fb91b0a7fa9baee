"""Who speaks: whether a note, or a line of it, is a song, a story, a letter, a talk or a copy, and so no word of the person to themself.

What a note is called tells it, or a section of it; else its form does. A weak name alone ("story", "letter") leaves the person's tasks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.look.lines import Line
from weal_node.look.notes import folded, wordset

# Named so, the words are somebody else's, or nobody's.
OTHERS = wordset(
    """
    clippings clipping clipped clip copied references highlights goodreads readwise kindle templates template readme quotes quote quotations
    articles snippets literature excerpts excerpt changelog license lyrics lyric songtext songtexte letra paroles poem poems gedicht gedichte
    poema poemas poème poèmes haiku haikus fiction nanowrimo fanfic fanfiction dream dreams traum träume sueño sueños rêve rêves transcript transcripts
    transkript dictation dictated horoscope horoskop zitate zitat citas citations personas quotation
    """
)
# Named so, sentences are a character's, a customer's or a reader's; a box to tick is still the person's.
WEAK = wordset(
    """
    story stories novel chapter ch kapitel capítulo chapitre roman novela cuento cuentos nouvelle erzählung kurzgeschichte song songs lied lieder canción
    chanson poetry poesie poesía poésie scene szene screenplay script speech sermon essay essays aufsatz ensayo comprehension roleplay dialogue dialog exercise exercises übung übungen ejercicio ejercicios exercice
    exercices worksheet unsent letter letters brief carta lettre testimonials feedback
    """
)
# Named so, what stands there is asked of somebody, said by several, or over when the day is.
# In a folder named so a note that tells of people is another's text; one that does not is about the work on it.
WORKED_ON = WEAK | wordset(
    "translation translations übersetzung übersetzungen traducción traducciones traduction traductions manuscript manuskript samples"
)
TOLD = wordset("story stories song songs cuentos lieder chansons erzählungen geschichten")  # folders of nothing else
ASKING = wordset(
    """
    interview interviews survey surveys checklist checklists onboarding questionnaire questionnaires faq quiz exam template templates packing
    retro retrospective stickies rota roster shopping groceries einkauf einkaufsliste packliste compra umfrage fragebogen encuesta entrevista
    sondage entretien protokoll participant participants respondent respondents
    """
)
OVER = wordset(
    "archive archiv archived archivo archives backup backups trash papierkorb obsolete deprecated superseded outdated"
)
_TWO = re.compile(
    r"\b(?:model answers?|(?:pupils?|students?)['’]? work|success criteria|learning objectives|report comments|personal statement|cover letter|role play|focus group|chat log|voice memos?|user stor(?:y|ies)|not sent|never sent|nicht abgeschickt|sin enviar|do not use|don['’]t use|shift logs?|moving list|old[- ]vault|shopping list|handover notes?)\b",
    re.IGNORECASE,
)
_COPIED = re.compile(
    r"^\W{0,3}(?:(?:auto(?:matic)? )?transcript|dictated|copied|clipped|pasted|transcribed|excerpt|quoted|kopiert|abgeschrieben aus|copiado|copié|translated by|from the|from an? (?:article|book|blog|leaflet|forum)"
    r"|source|quelle|fuente)\b(?! (?:(?:from|off|out of) )?(?:my|mine)\b)|\b(?:copied (?:off|from|out of)|auto transcript|written by (?!me))\b(?! my)",
    re.IGNORECASE,
)
_SALUTED = re.compile(
    r"^(?:dear|dearest|liebe[rs]?|sehr geehrte[rs]?|hallo|querid[oa]s?|estimad[oa]s?|ch(?:er|ère|ers)|caro|cara)(?: [\w.'’-]+){1,4}[,!:]?$",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"^(?:\[?\d{1,2}[:.]\d\d\]?,? )?(?P<name>[A-ZÄÖÜÉ][\w.'’-]{0,15}(?: [A-ZÄÖÜ][\w.'’-]{0,15})?)(?: ?\([^()]{1,20}\))?: (?P<said>.+)"
)
_ME = wordset("me i ich yo moi todo next goal goals plan idea ideas note notes update edit done open tomorrow today")
_SAYS_I = re.compile(r"\b(?:I|I['’](?:m|d|ll|ve)|ich|yo|quiero|je|j['’]\w+)\b|^(?:want|need|have) to\b")
_TOLD = re.compile(
    r"\b(?:he|she|they|(?:the )?[A-Z]?[a-zäöü]{2,14}) (?:said|thought|asked|whispered|answered|replied|nodded|shouted|muttered|knew|looked|turned|smiled|stood|sat|put)\b"
    r"|\b(?:said|thought|asked|whispered|answered) (?:he|she|the \w+|[A-Z]\w+)\b|\b(?:sagte|dachte|fragte|flüsterte) (?:er|sie|der \w+|die \w+|[A-Z]\w+)\b|\b(?:dijo|pensó|preguntó) (?:él|ella|el \w+|la \w+|[A-Z]\w+)\b"
)
_STORY_TOLD, _STORY_WORDS = 3, 50  # so many "she said", one at least in so many words, tell a story; chosen
VERSE_WORDS = 9  # of a line; chosen
VERSE_LINES, STANZAS = 3, 2  # lines of a stanza, and stanzas; chosen: errands on a telephone stand in one block
TALK_LINES, TALK_SHARE = 3, 0.4  # lines that begin with a speaker, and their share; chosen
HEADING_WORDS = 4  # of a heading that names what stands below it; chosen


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose voice a note has. others: nothing of its sentences is the person's.  weak: its sentences are not, its boxes are.
    over: it was laid aside, and what it plans with it."""

    others: bool
    weak: bool
    over: bool


def of_note(path: str, title: str, tags: Sequence[str], lines: Sequence[Line], diary: bool) -> Voice:
    """Return whose voice a note has, by what it is called and by its form."""
    *folders, _ = path.split("/")
    called = f"{path.rpartition('/')[2].removesuffix('.md')} {title} {' '.join(tags)}"
    words, above = set(folded(called)), set(folded(" ".join(folders)))
    phrases = f"{' '.join(folders)} {called}".replace("_", " ")
    copied = any(_COPIED.search(line.text) for line in lines[:2] if line.kind != "heading" and line.text[:1] != "[")
    others = bool((words | above) & OTHERS) or bool(_TWO.search(phrases)) or copied or verse(lines)
    weak = bool(above & TOLD) or (
        bool(words & WEAK)
        or (not diary and bool(above & WORKED_ON) and told(lines, 1))
        or told(lines, _STORY_TOLD, diary)
    )
    letter = any(_SALUTED.match(line.text) for line in lines[:4] if line.kind == "prose")
    return Voice(others, weak or letter or talk(lines), bool((words | above) & OVER))


def laid_aside(path: str) -> bool:
    """Whether a note lies in an archive or a backup."""
    return bool(set(folded(path)) & OVER)


def of_section(line: Line) -> bool:
    """Whether a line stands below a heading that names another's words: "Lyrics", "Dream"."""
    return any(set(words) & OTHERS for words in map(folded, line.headings) if len(words) <= HEADING_WORDS)


def said_by_another(text: str) -> bool:
    """Whether a line is what somebody else says: "Lewis: I want ..."."""
    match = _SPEAKER.match(text)
    return match is not None and match["name"].casefold() not in _ME and bool(_SAYS_I.search(match["said"]))


def verse(lines: Sequence[Line]) -> bool:
    """Whether a note is in stanzas: short lines of prose that end in no full stop."""
    prose = [line for line in lines if line.kind == "prose"]
    if len(prose) < VERSE_LINES * STANZAS or 2 * sum(line.kind in ("item", "open", "done") for line in lines) > len(
        prose
    ):
        return False
    stanzas: list[list[Line]] = []
    for line in prose:
        if stanzas and stanzas[-1][-1].number + 1 == line.number:
            stanzas[-1].append(line)
        else:
            stanzas.append([line])
    sung = [
        stanza for stanza in stanzas if len(stanza) >= VERSE_LINES and sum(map(_sung, stanza)) >= 0.75 * len(stanza)
    ]
    return len(sung) >= STANZAS and sum(map(len, sung)) >= 0.7 * len(prose)


def _sung(line: Line) -> bool:
    words = line.text.split()
    return (
        2 <= len(words) <= VERSE_WORDS
        and not line.text.endswith((".", ":", "!"))
        and not any(map(str.isdigit, line.text))
    )


def told(lines: Sequence[Line], least: int, diary: bool = False) -> bool:
    """Whether a note tells of people who say and think. A page of a diary does so of those whom one met."""
    if diary:
        return False
    text = " ".join(line.text for line in lines if line.kind == "prose")
    found = sum(1 for _ in _TOLD.finditer(text))
    return found >= least and found * _STORY_WORDS >= len(text.split())


def talk(lines: Sequence[Line]) -> bool:
    """Whether a note puts down who said what."""
    said = [match["name"] for line in lines if (match := _SPEAKER.match(line.text))]
    speaking = sum(line.kind != "heading" for line in lines)
    several = len(set(said)) > 1 and len(said) > len(set(said))
    return (
        len(said) >= TALK_LINES
        and len(said) >= TALK_SHARE * speaking
        and (several or any(map(said_by_another, (line.text for line in lines))))
    )
