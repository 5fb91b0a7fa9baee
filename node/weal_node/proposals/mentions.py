"""Unlinked mentions: others write about what this person has a note or a link for, and nobody has tied the two."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weal_node.proposals.evidence import Citation, Proposal
from weal_node.text.words import words

SHORTEST = 4  # letters of a topic; a shorter one is a word like any other
MOST = 10
_LINKED = re.compile(r"\[\[[^\[\]]*+\]\]|\[[^\[\]\n]{0,400}+\]\([^()\n]{0,400}\)")


@dataclass(frozen=True, slots=True)
class NamedTopic:
    """What the person has a name for. cited: the note that has it.  links: how many of their notes link to it."""

    name: str
    cited: Citation
    links: int


def speaks_of(text: str, topic: str) -> bool:
    """Whether a text names the topic as whole words, outside any link."""
    named = " ".join(words(topic))
    return bool(named) and f" {named} " in f" {' '.join(words(_LINKED.sub(' · ', text)))} "


def usable(topic: str) -> bool:
    """Whether a name is long enough, and has a letter, to be looked for in others' words."""
    return len(topic.strip()) >= SHORTEST and any(map(str.isalpha, topic))


def find(topics: Sequence[NamedTopic], passages: Mapping[str, Sequence[tuple[Citation, str]]]) -> tuple[Proposal, ...]:
    """Return mentions: of each topic the passages (citation, whole text) that the index has for its name. One a note."""
    mentions: dict[tuple[str, str], Proposal] = {}
    for topic in sorted(topics, key=lambda topic: (-topic.links, topic.name)):
        for cited, text in passages.get(topic.name, ()):
            if usable(topic.name) and (cited.author, cited.note) not in mentions and speaks_of(text, topic.name):
                sentence = f"{cited.who} writes about your topic “{topic.name}”: “{cited.quote}”"
                score = topic.links / (1 + topic.links)
                mentions[cited.author, cited.note] = Proposal("mention", sentence, (topic.cited, cited), score)
    return tuple(sorted(mentions.values(), key=lambda mention: (-mention.score, mention.text))[:MOST])
