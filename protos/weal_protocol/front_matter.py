"""Front matter of a note as texts, lists, mappings and nothing. Strangers write it, so it has a budget: of tokens, of depth, of what aliases unfold to.

Every scalar is plain text (YAML's failsafe schema): no tag, number, date or merge key is ever interpreted. Without the bounds, 32 KiB of brackets took a
second and a half, and nine lines of merge keys unfold to 43 million entries.
"""

import re
from collections.abc import Callable
from typing import Any

import yaml

from weal_protocol.errors import MalformedError

MOST_TOKENS = 8_000  # 0.3 s of one core; a list of 3,000 tags takes 6,000
DEEPEST = 24  # lists and mappings within each other
MOST_UNFOLDED = 20_000  # entries, with everything that aliases repeat
MOST_UNFOLDED_CHARACTERS = 256 * 1024
_NULL = "tag:yaml.org,2002:null"
Refused = Callable[[list[str]], bool]


class _Plain(yaml.BaseLoader):
    """Texts, lists, mappings and nothing; no other type, tag or merge key."""

    def __init__(self, text: str, refused: Refused) -> None:
        super().__init__(text)
        self._tokens = self._depth = 0
        self._refused = refused

    def fetch_more_tokens(self) -> None:
        """Scan on, within the budget."""
        self._tokens += 1
        if self._tokens > MOST_TOKENS or self.flow_level > DEEPEST:
            raise MalformedError("too many signs of YAML")
        super().fetch_more_tokens()

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Go one level down, not too deep: how deep Python itself can go hangs on who calls."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise MalformedError("too many lists within lists")
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse keys that must not stand together."""
        if self._refused([key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]):
            raise yaml.constructor.ConstructorError(None, None, "keys that cannot stand together", node.start_mark)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found

    def get_single_data(self) -> Any:
        """Return the value of the document, where what its aliases repeat is bounded too."""
        node = self.get_single_node()
        if node is None:
            return None
        _unfold(node)
        return self.construct_document(node)


_Plain.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
_Plain.add_constructor(_NULL, lambda _loader, _node: None)


def none_refused(_keys: list[str]) -> bool:
    """Return that any keys may stand together."""
    return False


def load(front: str, refused: Refused = none_refused) -> Any:
    """Return what the lines between the fences say. yaml.YAMLError where it is not YAML, or keys of one mapping are refused (refused: says so
    of all its keys, as they stand); MalformedError where it is more than front matter is, or what YAML cannot say: an escape that is no character."""
    try:
        return _Plain(front, refused).get_single_data()
    except (RecursionError, ValueError, OverflowError) as fault:
        raise MalformedError("not front matter") from fault


def _unfold(root: yaml.Node) -> None:
    """Walk through everything as often as it is named; MalformedError where that is too much, or has no end."""
    waiting, entries, characters = [root], 0, 0
    while waiting:
        node = waiting.pop()
        entries += 1
        if isinstance(node, yaml.ScalarNode):
            characters += len(node.value)
        elif isinstance(node, yaml.MappingNode):
            for pair in node.value:
                waiting += pair
        else:
            waiting += node.value
        if entries > MOST_UNFOLDED or characters > MOST_UNFOLDED_CHARACTERS:
            raise MalformedError("aliases that unfold to too much")
