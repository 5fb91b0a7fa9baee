"""Public keys from a wire: which 32 bytes are a key at all. Every place where one enters asks here.

A point of small order is nobody's key: with it as the signer's, some signatures hold for any message, and a secret shared with it is known
to all. A second spelling of a point (a coordinate that is not below the prime) is one key under two names. Both are refused, and what
is no point of the curve is too. RFC 8032, 5.1.3; RFC 7748, 6.1; Chalkias, Garillot and Nikolaenko 2020.
"""

from functools import lru_cache

from weal_protocol.errors import MalformedError

PRIME = 2**255 - 19
_D = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
_KEPT = 8_192  # keys that were looked at: the same few sign again and again
SMALL_ED25519 = frozenset(  # y of the points of order 1, 2, 4 and 8
    {
        0,
        1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
        PRIME - 1,
    }
)
SMALL_X25519 = frozenset(  # u of the points of order 1, 2, 4 and 8, on the curve and on its twist
    {
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        PRIME - 1,
    }
)


def check_ed25519(raw: bytes, whose: str = "a signing key") -> bytes:
    """Return this key (32 bytes) unless it is none; MalformedError says whose. whose: such as "a member's agent key"."""
    if not _is_ed25519(bytes(raw)):
        raise MalformedError(f"{whose} is no key that anybody could hold", "Its owner must make new keys")
    return raw


def check_x25519(raw: bytes, whose: str = "a key to seal to") -> bytes:
    """Return this key (32 bytes) unless it is none; MalformedError says whose."""
    u = int.from_bytes(raw, "little")
    if len(raw) != 32 or u >= PRIME or u in SMALL_X25519:
        raise MalformedError(f"{whose} is no key that anybody could hold", "Its owner must make new keys")
    return raw


@lru_cache(_KEPT)
def _is_ed25519(raw: bytes) -> bool:
    y = int.from_bytes(raw, "little") & (1 << 255) - 1  # without the sign of x: both are points, and of the same order
    if len(raw) != 32 or y >= PRIME or y in SMALL_ED25519:
        return False
    # x^2 = (y^2 - 1) / (d y^2 + 1) is a square where their product is one (Euler's criterion)
    return pow((y * y - 1) * (_D * y * y + 1), (PRIME - 1) // 2, PRIME) == 1
