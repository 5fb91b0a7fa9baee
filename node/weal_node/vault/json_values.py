"""The values of a JSON file one after the other, however long it is: memory for one, and what is broken costs no other.

A list gives its members; values that follow each other (JSON Lines) give themselves. UTF-8, UTF-16 and UTF-32, with a byte-order
mark or without.
"""

import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, cast

CHUNK = 1 << 20  # characters read at a time
MAX_VALUE = 64 * 1024 * 1024  # characters of one value: a conversation of years has a tenth of that
MAX_BROKEN = 10_000  # values that are no JSON, after which the file is none
_OUTSIDE = re.compile(r'["\[\]{},]')
_INSIDE = re.compile(r'["\\]')
_BLANK = re.compile(r"[ \t\r\n\ufeff]*")


@dataclass(frozen=True, slots=True)
class Broken:
    """A value that cannot be read. why: in words that follow a colon."""

    why: str


def values(file: BinaryIO) -> Iterator[object]:
    """Give each value, or what is wrong with it."""
    window = _Window(file)
    try:
        yield from _values(window)
    finally:
        window.leave()


def _values(window: "_Window") -> Iterator[object]:
    listed = window.peek() == "["
    window.at += listed
    broken = 0
    while sign := window.peek():
        if listed and sign in ",]":
            window.at += 1
            if sign == "]":
                if window.peek():
                    yield Broken("something follows the end of the list")
                return
            continue
        value = window.value(listed)
        yield value
        if isinstance(value, Broken):
            broken += 1
            if broken >= MAX_BROKEN:
                return
    if listed:
        yield Broken("the file ends in the middle: it was cut off")


class _Window:
    """The part of a text that is being read."""

    def __init__(self, file: BinaryIO) -> None:
        buffered = io.BufferedReader(cast(io.RawIOBase, file))
        encoding = json.detect_encoding(buffered.peek(4)[:4])
        self._file = io.TextIOWrapper(buffered, encoding, errors="replace", newline="")
        self._decoder = json.JSONDecoder(parse_int=_number, strict=False)
        self.text, self.at = "", 0

    def leave(self) -> None:
        """Let go of the file, which is its opener's to close, and may be closed by now."""
        with suppress(ValueError):
            self._file.detach().detach()

    def peek(self) -> str:
        """Return the next character that is no blank, "" at the end."""
        while True:
            self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches nothing too
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def value(self, listed: bool) -> object:
        """Return the value that begins here and go behind it; one that cannot be read is gone over."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self.text, self.at)
            except RecursionError:
                return self._over(listed, "it is nested too deeply")
            except json.JSONDecodeError as fault:
                cut = fault.msg.startswith("Unterminated string") or fault.pos >= len(self.text) - 16
                if not cut:
                    return self._over(listed, f"it is no JSON: {fault.msg}")
                if len(self.text) - self.at > MAX_VALUE:
                    return self._over(listed, f"it is larger than {MAX_VALUE >> 20} MiB")
                if not self._more():
                    return self._over(listed, "it is no JSON, or the file was cut off in it")
                continue
            if end == len(self.text) and not isinstance(value, dict | list | str) and self._more():
                continue  # a number may go on
            self.at = end
            return value

    def _over(self, listed: bool, why: str) -> Broken:
        """Go behind the value that begins here, by its brackets and quotes."""
        depth, quoted, first = 0, False, True
        while True:
            match = (_INSIDE if quoted else _OUTSIDE).search(self.text, self.at)
            if match is None:
                self.at = len(self.text)
                if not self._more():
                    return Broken(why)
                continue
            sign, self.at = match[0], match.end()
            if quoted:
                quoted = sign != '"'
                if sign == "\\":
                    self.at += 1 if self.at < len(self.text) or self._more() else 0
            elif sign == '"':
                quoted = True
            elif sign in "[{":
                depth += 1
            elif sign == "," and depth:
                pass
            elif sign == "]" and not depth and listed and not first:
                self.at -= 1
                return Broken(why)
            else:
                depth -= 1
                if depth <= 0:
                    return Broken(why)
            first = False

    def _more(self) -> bool:
        piece = self._file.read(max(CHUNK, len(self.text) - self.at))
        self.text, self.at = self.text[self.at :] + piece, 0
        return bool(piece)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= 20 else float(digits)
