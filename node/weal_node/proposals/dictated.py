"""Words of a model that would send its reader somewhere or have them do something to a machine. Pure.

A model repeats what stands in the notes of strangers. Its drafts are ideas about what people could do with each other; none needs an
address, a path, a command or a key, so a line that has one is not shown at all: stripped, it would still be an instruction.
"""

import re

from weal_protocol import letters

_UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_DOTS = str.maketrans(
    {
        "\u2024": ".",
        "\ua4f8": ".",
        "\u0701": ".",
        "\u0702": ".",
        "\u2044": "/",
        "\u2215": "/",
        "\u29f8": "/",
        "\u2236": ":",
        "\ua789": ":",
    }
)
_DOT = re.compile(r"(?<!\s)\s*+[\[({<]\s*+(?:dot|punkt|point|\.)\s*+[\])}>]\s*+|(?<!\s)\s++dot\s++", re.IGNORECASE)
_STOP = re.compile(r"(?<=[a-z0-9])\u3002(?=[a-z0-9])", re.IGNORECASE)  # which browsers read as a dot
_PATTERN = re.compile(
    "|".join(
        (
            r"[a-z][a-z0-9+.-]{1,20}:\s*/",  # https:/ file:/ ssh:/
            r"\b(?:javascript|data|mailto|tel|magnet|weal)\s*:\s*\S",
            r"\bhxxps?\b|\bhttps?\b|\bwww\b",
            r"\]\s*\(",
            r"[^\W_][\w-]*\.(?=[^\W\d_]{2})[\w-]{2,}",  # a name with a dot inside: a domain, a file
            r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\]?|\blocalhost\b",
            r"\S@\S",
            r"(?<![^\W_])(?:~|\.{1,2})?/[\w.~-]+/|(?:^|[\s\"'(])(?:~|\.{1,2})?/[\w.-]+|\\\\|\b[a-z]:\\|%\w+%",  # a path
            r"\bweal(?:-\w+)?\s+(?:--?\w|(?:init|up|join|leave|tier|login|doctor|on|off|note|today|deals|guest|search|index|draft|"
            r"import|export|backup|restore|forget|releases|rollback|expel|invite)\b)",
            r"\bweal-(?:coordinator|simulate)\b",
            r"\b(?:sudo|curl|wget|bash|powershell|chmod|pip3?|npm|npx|git|ssh|scp|docker|rm)\s+(?:-|\w+\b\s+-|install\b|clone\b|run\b|push\b|\S*[./:@])",
            r"(?:^|\s)--[a-z]",
            r"`|\$[({]|&&|\|\|",
            r"\w/\.\w",
            r"\b[0-9a-f]{32,}\b|\b[a-z0-9+/_=-]{40,}\b",  # a key
        )
    ),
    re.IGNORECASE,
)


def instructs(text: str) -> bool:
    """Whether a line names an address, a file, a command or a key, however it is spelt. Costs its size."""
    plain = letters.normal("NFKC", _UNSEEN.sub("", text)).translate(_DOTS)
    plain = _STOP.sub(".", _DOT.sub(".", plain))
    return _PATTERN.search(plain) is not None
