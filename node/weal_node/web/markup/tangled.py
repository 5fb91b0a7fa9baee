"""How much work a text may make for the Markdown parser. It is counted in attempts, not in seconds: the same text always ends the same way.

Every place of a text at which the parser tries its rules is one attempt, and so is every piece that it makes. Brackets that do not close make it look
at the same places again and again, and a row of a table is filled up to its widest: four kilobytes of either took seconds.
"""

from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

ATTEMPTS = 10_000  # for any text
# More for each letter. The project's own documents take 0.04 to 0.3 a letter, CommonMark's densest examples 3; brackets without end take hundreds.
PER_LETTER = 8
KEY = "attempts left"


class TangledError(Exception):
    """A text makes more work than its length is worth."""


def allowance(text: str) -> dict[str, int]:
    """Return what a parser is given in its env to read this text."""
    return {KEY: ATTEMPTS + PER_LETTER * len(text)}


def bounded(made: MarkdownIt) -> MarkdownIt:
    """Let this parser raise TangledError once the allowance in its env is used up."""
    made.inline.ruler.before(made.inline.ruler.get_all_rules()[0], "attempts", _at_letter)
    first, alternatives = made.block.ruler.get_all_rules()[0], ["paragraph", "reference", "blockquote", "list", "table"]
    made.block.ruler.before(first, "attempts", _at_line, {"alt": alternatives})
    made.core.ruler.after("block", "pieces", _pieces)
    skip = made.inline.skipToken

    def counted(state: StateInline) -> None:
        """Brackets look ahead by this, at places that were looked at before too."""
        count(state.env, 1)
        skip(state)

    made.inline.skipToken = counted  # type: ignore[method-assign]
    return made


def _at_letter(state: StateInline, silent: bool) -> bool:
    count(state.env, 1)
    return False


def _at_line(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    count(state.env, 1)
    return False


def _pieces(state: StateCore) -> None:
    count(state.env, len(state.tokens))


def count(env: MutableMapping[str, Any], attempts: int) -> None:
    """Take these attempts from the text's allowance; TangledError when it is used up."""
    if KEY in env:
        env[KEY] -= attempts
        if env[KEY] < 0:
            raise TangledError
