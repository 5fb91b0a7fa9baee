"""What a sentence of Mirror can be about: the person's own words for things, the public vocabulary, a text they answered about, or all at once. Pure."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from weal_node.features import vocabulary
from weal_node.features.concepts import UNRELATED
from weal_node.features.layout import DIMENSIONS
from weal_node.features.projection import shipped
from weal_node.mind import explanations
from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.own_scores import OwnScores
from weal_node.reward import principles

Array = npt.NDArray[np.float64]
FEWEST = (
    2  # different things that were answered about, which are about a concept, before a sentence is made of it; chosen
)
LEAST = 0.1  # of how much texts are about a concept, in all, below which nothing can be said of it; chosen
LONGEST = 120  # characters of a text that is quoted; chosen


class Kind(StrEnum):
    """What a sentence is about."""

    GENERAL = "general"
    OWN = "own"
    PUBLIC = "public"
    EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a sentence can be about.

    key: name of the concept, or id of the item that is an example; "" in general.  words: as a sentence names it.
    weights: (u,), over the known texts, with sum 1: the sentence is about their mean.
    direction: (WIDTH,), of what is named, of length one; None in general.
    """

    kind: Kind
    key: str
    words: str
    weights: Array
    direction: Array | None


def subjects(fitted: FittedModel, own: OwnScores, language: str) -> tuple[Subject, ...]:
    """Return what can be spoken of, in the order of the model's columns, then of texts. Nothing that is forbidden, ruled out or set aside."""
    count = len(own.rows)
    if not count:
        return ()
    general = Subject(Kind.GENERAL, "", "", np.full(count, 1.0 / count), None)
    return (general, *_concepts(fitted, own, language), *_examples(fitted, own))


def _concepts(fitted: FittedModel, own: OwnScores, language: str) -> list[Subject]:
    features, titles = fitted.features, explanations.titles(fitted, language)
    aside = _set_aside(fitted)
    directions = {one.name: one.vector for one in features.concepts}
    kinds = {one.name: one.kind for one in features.concepts}
    found = []
    for column, name in enumerate(features.names[DIMENSIONS:], DIMENSIONS):
        about = features.phi[own.rows, column]
        if about.sum() < LEAST or name in aside:
            continue
        number, weights = vocabulary.shipped().number(name), about / about.sum()
        if name in kinds:
            words = own_words(name, kinds[name], titles[name])
            found.append(Subject(Kind.OWN, name, words, weights, directions[name]))
        elif number is not None:
            direction = vocabulary.shipped().directions[number]
            found.append(Subject(Kind.PUBLIC, name, titles[name], weights, direction))
    return found


def is_heard(fitted: FittedModel, subject: Subject) -> bool:
    """Whether the person answered about FEWEST different things that are about a concept: of less, nothing is said but in the words of an
    example. Anything else than a concept is."""
    if subject.kind not in (Kind.OWN, Kind.PUBLIC):
        return True
    features, column = fitted.features, fitted.features.names.index(subject.key)
    said = {item for answer in fitted.answers for item in (answer.item, answer.other) if item in features.index}
    return sum(bool(features.phi[features.index[item], column] > 0.0) for item in said) >= FEWEST


def _set_aside(fitted: FittedModel) -> set[str]:
    """Return the concepts that the person said count nothing, and principles, which the page shows in their own words."""
    ignored = {name for name, value in fitted.change.held.items() if value == 0.0}
    return ignored.union(principle.concept for principle in principles.soft(fitted.features.edits))


def own_words(name: str, kind: str, title: str) -> str:
    """Return how a sentence names one of the person's own words for things. title: what they call it, else its name."""
    if title != name:
        return title
    said = name.removeprefix(f"{kind}: ").removeprefix("principle: ")
    forms = {
        "tag": f"what you tag “{said}”",
        "folder": f"what lies in “{said}”",
        "link": f"what has to do with “{said}”",
        "title": f"what “{said}” is about",
    }
    return forms.get(kind, said)


def _examples(fitted: FittedModel, own: OwnScores) -> list[Subject]:
    """Return the texts that the person answered about, as examples."""
    features = fitted.features
    answered = {item for answer in fitted.model.rows.answers for item in (answer.item, answer.other)}
    vetoes = principles.vetoes(features.edits)
    found = []
    for place, row in enumerate(own.rows.tolist()):
        item = features.items[row]
        if item.id not in answered or principles.vetoed(item, vetoes) or _is_forbidden(fitted, row):
            continue
        weights = np.zeros(len(own.rows))
        weights[place] = 1.0
        found.append(Subject(Kind.EXAMPLE, item.id, f"things like {quoted(item.text)}", weights, own.directions[place]))
    return found


def _is_forbidden(fitted: FittedModel, row: int) -> bool:
    """Return whether a text is about something that is forbidden."""
    features = fitted.features
    if not features.forbidden:
        return False
    offset = features.vectors[row].astype(np.float64) - shipped().centre
    length = max(float(np.linalg.norm(offset)), 1e-12)
    return any(float(direction @ offset) / length >= UNRELATED for direction in features.forbidden)


def quoted(text: str) -> str:
    """Return a text between quotation marks, on one line, cut where it is long."""
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= LONGEST else f"“{line[: LONGEST - 1].rstrip()}…”"
