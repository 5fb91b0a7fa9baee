"""Markdown of a stranger: it leads to topics, to other sites and to places in itself, to no page of this node."""

import re

from weal_node.web.markup.wikilinks import linked

SEEDS = (
    b"[[a]] [[b#c|d]] ![[e]]",
    b"[a](/notes) [b](//x) [c](javascript:d) <http://e>",
    b"[[a]](b) [[[c]]]",
    b"^[a [](b) ![c](d) [[e]]]",
)


def fuzz_one(data: bytes) -> None:
    for address in re.findall(r'href="([^"]*)"', linked(data.decode(errors="replace"))):
        assert address.startswith(("/topics/", "http://", "https://", "mailto:", "#fn", "#n-")), address
