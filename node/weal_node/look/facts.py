"""All that is taken from one note by itself. What one strange note costs, it costs alone."""

from dataclasses import dataclass

from weal_node.look import copies
from weal_node.look.due import Due, dues
from weal_node.look.likes import Like, likes
from weal_node.look.notes import OwnNote
from weal_node.look.questions import Question, questions
from weal_node.look.reading import NoteReading, read
from weal_node.look.wishes import Wish, finished, wishes


@dataclass(frozen=True, slots=True)
class Facts:
    """What one note says. finished: acts of ticked tasks.  sketch: by which copies of it are found."""

    reading: NoteReading
    wishes: tuple[Wish, ...]
    likes: tuple[Like, ...]
    dues: tuple[Due, ...]
    questions: tuple[Question, ...]
    finished: tuple[str, ...]
    sketch: tuple[int, ...]


def of(note: OwnNote, now_ms: int) -> Facts:
    """Return what a note says."""
    reading = read(note)
    return Facts(
        reading=reading,
        wishes=tuple(wishes(reading, now_ms)),
        likes=tuple(likes(reading)),
        dues=tuple(dues(reading, now_ms)),
        questions=tuple(questions(reading)),
        finished=tuple(finished(reading)),
        sketch=copies.sketch(note),
    )
