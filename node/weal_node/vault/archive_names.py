"""What the names in a zip archive mean: which characters their bytes are, whoever packed it; and when a file was last changed. Pure."""

import binascii
import struct
import time
import unicodedata
import zipfile

from weal_protocol import letters

_UTF8 = 0x800  # bit 11 of the flags: the name is UTF-8 (APPNOTE 4.4.4)
_UNICODE_PATH = 0x7075  # Info-ZIP's field with the name in UTF-8
_TIMES = 0x5455  # Info-ZIP's field with the time in UTC
# Old Windows writes names in the code page of its console, some programs in that of its windows; both are Western most often.
_WESTERN = ("cp437", "cp850", "cp1252")


def name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's whole name with / between its parts, its characters as whoever packed it meant them."""
    raw_name = entry.orig_filename.partition("\0")[0]
    if not entry.flag_bits & _UTF8:
        raw_name = _meant(raw_name.encode("cp437", errors="replace"), entry.extra)
    return letters.normal("NFC", raw_name.replace("\\", "/"))


def changed_ms(entry: zipfile.ZipInfo) -> int:
    """Return when the file was last changed, Unix time in ms; 0 where the archive does not say."""
    times = _field(entry.extra, _TIMES)
    if len(times) >= 5 and times[0] & 1:
        return int(struct.unpack("<i", times[1:5])[0]) * 1_000
    try:
        if entry.date_time[:3] <= (1980, 1, 1):  # what programs write that know no date
            return 0
        return int(time.mktime((*entry.date_time, 0, 0, -1)) * 1_000)  # the clock of the computer that packed it
    except (ValueError, OverflowError):
        return 0


def _meant(raw: bytes, extra: bytes) -> str:
    unicode_path = _field(extra, _UNICODE_PATH)
    if len(unicode_path) > 5 and struct.unpack("<I", unicode_path[1:5])[0] == binascii.crc32(raw):
        return unicode_path[5:].decode(errors="replace")
    try:
        return raw.decode()  # macOS and most of Unix write UTF-8 without saying so
    except UnicodeDecodeError:
        pass
    for page in _WESTERN:
        decoded = raw.decode(page, errors="replace")
        if all(letter.isascii() or _latin(letter) for letter in decoded):
            return decoded
    return raw.decode("cp437")


def _latin(letter: str) -> bool:
    return "LATIN" in unicodedata.name(letter, "") and letter.isalpha()


def _field(extra: bytes, wanted_kind: int) -> bytes:
    """Return the content of an extra field, b"" where there is none."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack("<HH", extra[at : at + 4])
        if kind == wanted_kind:
            return extra[at + 4 : at + 4 + size]
        at += 4 + size
    return b""
