"""What a text may give away that its writer did not mean to share: keys, numbers, addresses. Patterns, not understanding.

Pure, and bounded: every pattern is linear in the text, whatever it says (tests/architecture/test_patterns.py): where two of its
parts could share letters, the first keeps them (`++`, `}+`), or a number is read digit by digit. It says "this looks like", never "this is": the person decides, and an
allowed finding is known by its digest, so that a later edit of the same note does not ask again. What it cannot see: names,
health, passwords that are plain words, addresses in a form that is not listed here.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

LONGEST = 1024 * 1024  # characters of a text that are looked through; a longer one stays
MOST = 50  # findings of one text; more say nothing new
LONGEST_LINE = 20_000  # characters looked at in one line
SHORTEST = 6  # characters of the shortest thing that is found ("E1 6AN")

_KEYS = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{30,255}\b|\bgithub_pat_[0-9A-Za-z_]{22,255}\b|\bglpat-[\w-]{20,64}"
    r"|\bsk-(?:ant-|proj-|or-)?[\w-]{20,200}|\b[srp]k_(?:live|test)_[0-9A-Za-z]{16,128}|\bxox[abeprs]-[0-9A-Za-z-]{10,255}"
    r"|\bAIza[\w-]{35}|\bhf_[0-9A-Za-z]{30,64}\b|\bnpm_[0-9A-Za-z]{36}\b|\bpypi-[\w-]{40,255}|\bSG\.[\w-]{16,64}+\.[\w-]{16,64}"
    r"|\bya29\.[\w-]{20,255}|\bdop_v1_[0-9a-f]{64}\b|\b\d{8,10}:AA[\w-]{33}\b|\beyJ[\w-]{10,400}+\.eyJ[\w-]{10,2000}+\.[\w-]{10,2000}"
    r"|\b(?:https?|ftps?|ssh|smtps?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|rediss?|amqps?)://[^\s/:@]{1,100}+:[^\s/@]{3,100}+@[\w.-]{1,100}"
)
_PRIVATE = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\bAGE-SECRET-KEY-1[0-9A-Z]{50,64}|PuTTY-User-Key-File-\d"
)
_ASSIGNED = re.compile(
    r"(?i)\b(?:api[ _-]?key|access[ _-]?key|client[ _-]?secret|secret|auth[ _-]?token|token|passw(?:or)?d|passwort|passphrase|pwd|pin)"
    r"[\"']?\s{0,3}(?:=|:|\bis\b|\bist\b)\s{0,3}[\"'`]?([^\s\"'`,;<>{}]{4,200})"
)
_PLACEHOLDER = re.compile(r"(?i)x{3,}|\*{2,}|\.{3}|your|example|changeme|placeholder|redacted|^https?:")
_CARD = re.compile(r"(?<![\w.+-])\d(?:[ -]?\d){12,18}(?![\w-])")
_CARD_BEGINS = re.compile(r"4|5[1-5]|2[2-7]|3[4-8]|6(?:011|2|4|5)|50|5[6-9]")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]){11,34}")
_IBAN_LENGTH = dict(
    re.findall(
        r"([A-Z]{2}):(\d+)",
        "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 CH:21 CR:22 CY:28 CZ:24 DE:22 DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 "
        "FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LI:21 LT:20 LU:20 "
        "LV:21 MC:27 MD:24 ME:22 MK:19 MT:31 NL:18 NO:15 PK:24 PL:28 PT:25 QA:29 RO:24 RS:22 SA:24 SE:24 SI:19 SK:24 SM:27 TN:24 TR:26 "
        "UA:29 XK:20",
    )
)  # characters, by country: SWIFT's registry of IBANs
_ACCOUNT = re.compile(
    r"(?i)\b(?:account|acct|a/c|konto|sort code|routing|iban)(?:[ -]?(?:no|nr|num|number|nummer))?\.?\s{0,2}[:#=]?\s{0,2}"
    r"(\d(?:[ -]?\d){5,19})(?!\w)"
)
_IDENTITY = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_PHONE = re.compile(
    r"(?<![\w.+/-])(?<!\d )(?:\+\d(?:[ ./-]?\(?\d\)?){6,14}|00\d(?:[ ./-]?\(?\d\)?){4,12}|\(?0\d{1,4}\)?(?:(?: ?[/-] ?| )\d{2,8}){1,4}|\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4})(?![\w-])"
)
_CALLED = re.compile(
    r"(?i)\b(?:tel|phone|telephone|mobile|cell|handy|telefon|whatsapp|signal|call me|ring me|text me|t[ée]l[ée]phone|m[óo]vil)"
    r"(?: (?:at|on|nr|no|number|is|unter))?\.?\s{0,2}[:#]?\s{0,2}(\+?\(?\d(?:[ ()./-]{0,2}\d){5,14})(?!\w)"
)
_DATE = re.compile(r"\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}")
_NAME = r"[^\W\d_][\w'’.-]{0,30}+"
_ADDRESSES = (
    re.compile(
        rf"(?<![\w.])\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})?,? (?:[NSEW]\.? )?(?:{_NAME} ){{1,3}}"
        r"(?:Street|Avenue|Road|Lane|Drive|Boulevard|Court|Terrace|Crescent|Highway|Parkway|Close|Square|St|Ave|Rd|Ln|Dr|Blvd|Ct|Hwy|Pkwy)\b"
    ),
    re.compile(
        r"(?i)(?<![\w.-])[\d_.-]*+[^\W\d_][\w.-]{0,80}[ -]?(?:stra(?:ß|ss)e|str\.|weg|allee|platz|gasse|ufer|damm|chaussee|straat|laan|gracht|kade|plein|gatan|vägen|gade|vej)"
        r" \d{1,4} ?[a-z]?(?![\w:-]|\.\d| ?(?:Uhr|Minuten|km|m|Jahre|€|%)\b)"
    ),
    re.compile(
        rf"(?i)(?<![\w.])\d{{1,4}}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin|impasse|quai|allée)(?: {_NAME}){{1,5}}"
    ),
    re.compile(
        rf"\b(?:Calle|C/|Avenida|Avda\.|Plaza|Paseo|Via|Viale|Piazza|Corso|Vicolo|Rua|Travessa|ul\.|al\.|Ulica)(?: {_NAME}){{1,5}},? (?:n[º°.o]\.? ?)?\d{{1,4}}\b"
    ),
    re.compile(
        r"(?i)\b(?:home address|my address|our address|i live at|we live at|meine adresse|anschrift|ich wohne in der|j['’]habite(?: au)?|mi dirección)\b"
        r"[^\n]{0,80}?\d[^\n]{0,40}"
    ),
    re.compile(
        r"\b(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[0-9A-HJKMNPR-Y]? \d[ABD-HJLNP-UW-Z]{2})\b|\b[A-Z][a-z]+,? [A-Z]{2} \d{5}(?:-\d{4})?\b"
    ),
)
_SAME_LENGTH = {
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\t"), " "),
    **dict.fromkeys(map(ord, "‐‑‒–—−"), "-"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that looks as if it should not be shared. line: from 1; 0 is the file's name.  shown: masked, safe for a page or a log.
    digest: hex, of kind and value, by which an allowed one is known again."""

    kind: str
    line: int
    shown: str
    digest: str

    @property
    def where(self) -> str:
        """Return where it stands, for a person."""
        return f"line {self.line}" if self.line else "the file's name"


def found(text: str, path: str = "") -> tuple[Finding, ...]:
    """Return what the text and the file's name, which leaves with it, seem to give away, by line, at most MOST.

    Lines beyond LONGEST_LINE are looked at in pieces."""
    if len(text) > LONGEST:
        return (_finding("more text than can be looked through", f"{len(text)} characters", 1),)
    findings: dict[str, Finding] = {}
    name = path.rpartition("/")[2].removesuffix(".md")
    for number, line in enumerate((name, *text.splitlines())):
        if len(line) < SHORTEST:
            continue
        for begin in range(0, len(line), LONGEST_LINE):
            for kind, value in _in_line(_plain(line[begin : begin + LONGEST_LINE + 200])):
                finding = _finding(kind, value, number)
                findings.setdefault(finding.digest, finding)
        if len(findings) >= MOST:
            break
    return tuple(findings.values())[:MOST]


def said(findings: tuple[Finding, ...]) -> str:
    """Return the kinds in one line: "a phone number, an API key"."""
    return ", ".join(dict.fromkeys(finding.kind for finding in findings))


def digests(findings: Iterable[Finding]) -> set[str]:
    """Return by what they are known again."""
    return {finding.digest for finding in findings}


def _in_line(line: str) -> Iterator[tuple[str, str]]:
    """Give what is found in one line; a place that one pattern took is not looked at by the next."""
    for kind, pattern, group, right in _LOOK:
        for match in list(pattern.finditer(line)):
            value = match.group(group)
            if right(value):
                yield kind, value
                line = line[: match.start()] + " " * (match.end() - match.start()) + line[match.end() :]


def _plain(line: str) -> str:
    """Return the line with every digit, space and dash as ASCII has it."""
    if line.isascii():
        return line.replace("\t", " ")
    line = line.translate(_SAME_LENGTH)
    return "".join(map(_ascii, line))


def _ascii(letter: str) -> str:
    return str(unicodedata.digit(letter)) if not letter.isascii() and letter.isdecimal() else letter


def _finding(kind: str, value: str, line: int) -> Finding:
    bare = "".join(filter(str.isalnum, value)).casefold()
    return Finding(kind, line, _masked(value), hashlib.sha256(f"weal/finding/{kind}/{bare}".encode()).hexdigest())


def _masked(value: str) -> str:
    value = " ".join(value.split())
    keep = min(4, len(value) // 5)
    return f"{value[:keep]}…{value[-min(2, keep) :]}" if keep > 1 else "…"


def _digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))


def _any(_value: str) -> bool:
    return True


def _is_card(value: str) -> bool:
    """Luhn's sum (ISO/IEC 7812-1), and a beginning that card networks use."""
    digits = _digits(value)
    if not 13 <= len(digits) <= 19 or not _CARD_BEGINS.match(digits) or len(set(digits)) < 2:
        return False
    odd = sum(map(int, digits[-1::-2]))
    even = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0


def _is_iban(value: str) -> bool:
    """ISO 13616: the country's length, and 1 modulo 97."""
    bare = value.replace(" ", "")
    length = int(_IBAN_LENGTH.get(bare[:2], 0))
    if not length or len(bare) < length:
        return False
    bare = bare[:length]
    return int("".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])) % 97 == 1


def _is_phone(value: str) -> bool:
    digits = _digits(value)
    grouped = _DATE.fullmatch(value.strip()) is not None
    return 7 <= len(digits) <= 15 and not grouped and len(set(digits)) > 2


def _is_secret(value: str) -> bool:
    mixed = any(map(str.isdigit, value)) and (len(value) >= 6 or value.isdigit())
    return mixed and not _PLACEHOLDER.search(value)


_LOOK: tuple[tuple[str, re.Pattern[str], int, Callable[[str], bool]], ...] = (
    ("a private key", _PRIVATE, 0, _any),
    ("an API key", _KEYS, 0, _any),
    ("a password or key", _ASSIGNED, 1, _is_secret),
    ("an account number", _IBAN, 0, _is_iban),
    ("a card number", _CARD, 0, _is_card),
    ("an account number", _ACCOUNT, 1, _any),
    ("an identity number", _IDENTITY, 0, _any),
    ("a phone number", _CALLED, 1, _is_phone),
    ("a phone number", _PHONE, 0, _is_phone),
    *(("a street address", pattern, 0, _any) for pattern in _ADDRESSES),
)
