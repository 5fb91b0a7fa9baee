"""What does the scan before publication find of what is planted, and how often does it stop ordinary talk?

PEOPLE is the number of planted values of each kind, each made anew from forms of several countries and put into a sentence. The forms
were written by the same hand as the patterns, so `found` says that the patterns do what they claim, not how people write: `unlisted`
are forms that no pattern was written for, and most of them are missed. `stopped`: share of the shipped statements, which give nothing away, that are held.
"""

import random
import string
from collections.abc import Callable
from importlib.resources import files

from weal_node.vault import sensitive
from weal_simulations.bench.study import Floor, Progress, Row, Study

QUESTION = "What does the scan before publication find, and how often does it stop ordinary talk?"
PEOPLE = 300
AROUND = ("{}", "Write it down: {}.", "see ({}) or ask me", "- {} \n- milk", "So it is {}, as ever.", "> {}")
LETTERS, ALNUM = string.ascii_uppercase, string.ascii_letters + string.digits
NAMES = ("Baker", "Maple", "Old Mill", "Elm", "Victoria", "Saint John's")
Draw = random.Random


def run(seed: int, people: int, progress: Progress) -> Study:
    """Plant, scan, count."""
    draw, rows = Draw(seed), list[Row]()
    floors = []
    for place, (kind, make) in enumerate(MADE.items()):
        progress(place / len(MADE), kind)
        texts = [draw.choice(AROUND).format(make(draw)) for _ in range(people)]
        share = sum(bool(sensitive.found(text)) for text in texts) / people
        rows.append({"method": "weal", "kind": kind, "planted": people, "found": share})
        if kind != "unlisted":
            floors.append(Floor(f"scan: {kind} found", share, 0.95, at_least=True))
    ordinary = (files("weal_node.features") / "statements.txt").read_text().splitlines()
    stopped = sum(bool(sensitive.found(text)) for text in ordinary) / len(ordinary)
    rows.append({"method": "weal", "kind": "ordinary statements", "planted": len(ordinary), "found": stopped})
    floors.append(Floor("scan: ordinary statements stopped", stopped, 0.01, at_least=False))
    return Study("scan", seed, tuple(rows), tuple(floors))


def _some(draw: Draw, letters: str, number: int) -> str:
    return "".join(draw.choice(letters) for _ in range(number))


def _key(draw: Draw) -> str:
    forms: tuple[Callable[[], str], ...] = (
        lambda: "AKIA" + _some(draw, LETTERS + string.digits, 16),
        lambda: "ghp_" + _some(draw, ALNUM, 36),
        lambda: "sk-proj-" + _some(draw, ALNUM + "_-", 48),
        lambda: "xoxb-" + _some(draw, string.digits, 12) + "-" + _some(draw, ALNUM, 24),
        lambda: "AIza" + _some(draw, ALNUM + "_-", 34) + "a",
        lambda: "hf_" + _some(draw, ALNUM, 34),
        lambda: "eyJ" + ".eyJ".join((_some(draw, ALNUM, 20), _some(draw, ALNUM, 40))) + "." + _some(draw, ALNUM, 43),
        lambda: f"postgres://{_some(draw, string.ascii_lowercase, 5)}:{_some(draw, ALNUM, 12)}@db.example.org/x",
        lambda: f"api_key = '{_some(draw, ALNUM, 31)}7'",
    )
    return draw.choice(forms)()


def _password(draw: Draw) -> str:
    word = _some(draw, string.ascii_lowercase, 7) + str(draw.randrange(10, 99))
    return draw.choice(("password: {}", "Passwort ist {}", "pwd={}", "the passphrase is {}")).format(word)


def card_number(draw: Draw) -> str:
    """A card's number that holds its check digit."""
    begin, length = draw.choice((("4", 16), ("51", 16), ("2221", 16), ("37", 15), ("6011", 16)))
    digits = begin + _some(draw, string.digits, length - len(begin) - 1)
    total = sum(int(d) if i % 2 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(reversed(digits)))
    digits += str(-total % 10)
    gap = draw.choice(("", " ", "-"))
    return gap.join(digits[at : at + 4] for at in range(0, len(digits), 4))


def account_number(draw: Draw) -> str:
    """An account's number that holds its check digits."""
    country, digits = draw.choice((("DE", 18), ("ES", 20), ("AT", 16), ("DK", 14), ("PL", 24), ("BE", 12)))
    body = _some(draw, string.digits, digits)
    check = 98 - int(body + "".join(str(int(letter, 36)) for letter in country) + "00") % 97
    whole = f"{country}{check:02}{body}"
    return whole if draw.random() < 0.5 else " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def _phone(draw: Draw) -> str:
    form = draw.choice(
        ("+49 1## #######", "+44 20 7### ####", "+1 (4##) ###-####", "(2##) ###-####", "0## #######", "0#### / ######", "+33 6 ## ## ## ##", "2##-###-####",
         "0049 89 ######", "0# ## ## ## ##", "call me at 555 ####", "Tel.: 7## ####")
    )  # fmt: skip
    return "".join(str(draw.randrange(10)) if letter == "#" else letter for letter in form)


def _address(draw: Draw) -> str:
    number, name = draw.randrange(1, 250), draw.choice(NAMES)
    forms = (
        f"{number} {name} Street", f"{number} {name} Ave", f"{name.replace(' ', '')}straße {number}", f"Am {name}weg {number}a", f"{number}, rue de {name}",
        f"Calle {name} {number}", f"Via {name}, {number}", f"ul. {name} {number}", f"{name}laan {number}", "SW1A 2AA London", f"I live at the {name} house, number {number}",
    )  # fmt: skip
    return draw.choice(forms)


def _unlisted(draw: Draw) -> str:
    """Forms without a pattern: spelt numbers, addresses without a word for street, passwords that are words."""
    forms = (
        "oh one seven one, two three four five six", f"the yellow house next to {draw.choice(NAMES)} church", "password: correcthorsebatterystaple",
        "ring 171 - 12 - 34 - 5", f"{draw.choice(NAMES)} {draw.randrange(9, 99)}, third floor", "abandon ability able about above absent absorb abstract absurd abuse access accident",
    )  # fmt: skip
    return draw.choice(forms)


MADE: dict[str, Callable[[Draw], str]] = {
    "API keys": _key,
    "passwords": _password,
    "cards": card_number,
    "accounts": account_number,
    "phones": _phone,
    "addresses": _address,
    "unlisted": _unlisted,
}
