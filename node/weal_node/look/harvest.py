"""What notes give to others than this page: acts that a person may be asked about or reminded of, and sentences that may count as answers."""

from collections.abc import Sequence

from weal_node.look import guard, heavy
from weal_node.look.facts import Facts
from weal_node.look.gathering import open_wishes
from weal_node.look.likes import Like
from weal_node.look.wishes import Wish


def acts(facts: Sequence[Facts]) -> tuple[Wish, ...]:
    """Return own wishes that are cut to an act of 3 to 11 words, each act once, the newest first; none of a time gone by, none that a
    later note has ticked off. `Wish.act` are the words, `Wish.quoted` says where they stand."""
    known = heavy.of([one.reading for one in facts])
    firsts: dict[str, Wish] = {}
    for wish in open_wishes(facts):
        if not wish.act or wish.stale or known.touches(wish.act) or known.of([wish.quoted]):
            continue
        if not guard.tender(wish.act, wish.quoted.quote, wish.quoted.title):
            firsts.setdefault(wish.key, wish)
    return tuple(firsts.values())


def likes(facts: Sequence[Facts]) -> tuple[Like, ...]:
    """Return sentences that say what the person likes or not, each object once, the newest first. `Like.asks` is what to put to them."""
    known = heavy.of([one.reading for one in facts])
    firsts: dict[str, Like] = {}
    every = [like for one in facts for like in one.likes]
    for like in sorted(every, key=lambda like: (-like.score, -like.quoted.dated_ms, like.quoted.path)):
        if known.touches(like.object) or known.of([like.quoted]):
            continue
        if not guard.tender(like.quoted.quote, like.object, like.quoted.title):
            firsts.setdefault(like.key, like)
    return tuple(firsts.values())
