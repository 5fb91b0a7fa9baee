"""How good are the deals that agents find, what do they tell each other, and is a deal ever worse than none?

`seed-shortlist`, `concession` and `masked` are bargains by the node's session objects over signed envelopes, ended by people who rank, refuse and ratify
by what they truly gain. `full-information` chooses the best product of gains with everyone's model in one hand; `single-text` is a mediator's text that
all vote on. Domains are read from files or made up (domains.py). `product`: share of the largest product of gains; `mean_gain`: its root by the number
of parties. `worst`: the least share any party gets of its best gain. `pareto`: distance to the nearest outcome that nothing dominates, in ranges.
`leak`: Spearman correlation of the parties' best estimates of each other with the truth. `under`: deals worse than none for somebody.
With noise every model errs by a Gaussian whose sd is that share of its utility's range, thrice anew. Tuned on seeds 101 to 110, reported on seed 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weal_node.negotiation import mechanism, utility
from weal_protocol.v1 import negotiation_pb2
from weal_simulations.bench.study import Floor, Progress, Row, Study, row
from weal_simulations.engines import in_memory
from weal_simulations.studies.negotiation import references
from weal_simulations.worlds import domain_files, domains
from weal_simulations.worlds.domains import Domain

Array = npt.NDArray[np.float64]
QUESTION = "How good are the deals that agents find, by every mechanism, and what do they tell each other?"
OPTIONS = {
    "domains_at": {
        "option": "--domains",
        "kind": "path",
        "help": "A folder of JSON domains; without it they are made up",
    },
    "noise": {
        "kind": "float",
        "least": 0,
        "most": 1,
        "help": "How far models err: sd, as a share of the range of a party's utility",
    },
}
INSTEAD = "; give --domains for domains of your own"
PEOPLE = 20  # made-up domains of two parties with a deal; there are others beside them
MECHANISMS = (mechanism.SEED_SHORTLIST, mechanism.CONCESSION, mechanism.MASKED, "single-text", "full-information")
NOISY, DRAWS = 0.1, 3  # of the floors about models that err; draws of errors a domain
MEASURES = ("agreed", "product", "mean_gain", "welfare", "worst", "pareto", "messages", "bits", "leak", "under")


@dataclass(frozen=True, slots=True)
class Played:
    """One domain, one mechanism, one draw of errors."""

    domain: Domain
    method: str
    measures: dict[str, float]


def run(seed: int, people: int, progress: Progress, domains_at: Path | None = None, noise: float = 0.0) -> Study:
    """Play every domain by every mechanism. people: how many made-up domains of two, unless a folder is named."""
    found = domain_files.read(domains_at) if domains_at else domains.make(seed, people)
    played: list[Played] = []
    for number, domain in enumerate(found):
        progress(0.7 * number / len(found), domain.name)
        for method in MECHANISMS:
            played += [play(domain, method, noise, seed, draw) for draw in range(DRAWS if noise else 1)]
    noisy = [] if noise else errors(found, seed, lambda share: progress(0.7 + 0.3 * share, "models that err"))
    by_domain = [
        _row(method, domain.name, domain, one) for domain in found for method, one in _by_method(played, domain)
    ]
    floors = floors_of(played, noisy) if not noise else noise_floors(played)
    return Study("bargaining", seed, (*_summary(played), *_summary(noisy, "errs-"), *by_domain), tuple(floors))


def play(domain: Domain, method: str, noise: float, seed: int, draw: int, menu: int | None = None) -> Played:
    """Play one domain by one mechanism. menu: how many options people see, as the mechanism has it by default."""
    gains = domains.believed(domain, noise, np.random.default_rng([seed, draw, 3]))
    name = method if menu is None else f"{method}, menu of {menu}"
    if method == "full-information":
        outcome = references.full_information(gains)
        told = domain.parties * references.EXACT * sum(domain.sizes)
        return Played(domain, name, measured(domain, _ratified(domain, outcome), domain.parties, told, 1.0))
    if method == "single-text":
        outcome, votes = references.single_text(domain, gains, np.random.default_rng([seed, draw, 4]))
        leaks = [
            references.spearman(references.read_votes(domain, votes, party), domain.utilities[:, party])
            for party in range(domain.parties)
        ]
        said, told = 2 * references.VOTES * domain.parties, references.VOTES * domain.parties
        return Played(domain, name, measured(domain, _ratified(domain, outcome), said, told, float(np.mean(leaks))))
    by = negotiation_pb2.Mechanism()
    by.CopyFrom(chosen(method, domain, gains))
    by.menu = by.menu if menu is None else menu
    people = [in_memory.own(party, gains[:, party], 1_000 * seed + draw) for party in range(domain.parties)]
    made = in_memory.bargain(domain.sizes, people, in_memory.by_truth(domain.gains), by, seed)
    leaks_out = references.leak(domain, made.session, gains)
    return Played(domain, name, measured(domain, made.outcome, made.messages, made.bits, leaks_out))


def chosen(method: str, domain: Domain, gains: Array) -> negotiation_pb2.Mechanism:
    """Return the mechanism with the parameters that a node would invite with, from what it knows of its own model."""
    if method == mechanism.CONCESSION:
        return mechanism.OFFERS
    if method == mechanism.MASKED:
        return mechanism.SUMS
    return mechanism.suited(domain.parties, True, utility.additive(gains[:, 0], domain.sizes))


def measured(domain: Domain, outcome: int | None, messages: float, bits: float, leak: float) -> dict[str, float]:
    """Return the measures of one bargain."""
    utilities = domain.reserved if outcome is None else domain.utilities[outcome]
    gains, best = utilities - domain.reserved, domain.gains.max(0)
    product = domain.product(outcome)
    return {
        "agreed": float(outcome is not None),
        "product": product,
        "mean_gain": product ** (1 / domain.parties),
        "welfare": domain.welfare(outcome),
        "worst": float(min(gain / top if top > 0 else 0.0 for gain, top in zip(gains, best, strict=True))),
        "pareto": domain.pareto_distance(utilities),
        "messages": float(messages),
        "bits": float(bits),
        "leak": leak,
        "under": float(outcome is not None and bool((gains < -1e-9).any())),
    }


def errors(found: tuple[Domain, ...], seed: int, progress: Callable[[float], None]) -> list[Played]:
    """Play the additive domains of two with models that err: people see one option, or five, or one hand holds all."""
    two, played = [one for one in found if _sort(one) == "two"], []
    for number, domain in enumerate(two):
        progress(number / len(two))
        for draw in range(DRAWS):
            played += [play(domain, mechanism.SEED_SHORTLIST, NOISY, seed, draw, menu) for menu in (1, 5)]
            played.append(play(domain, "full-information", NOISY, seed, draw))
    return played


def floors_of(played: list[Played], noisy: list[Played]) -> list[Floor]:
    """Hold what was measured without noise against what was promised; what no domain could show is left out."""
    best, found = mechanism.SEED_SHORTLIST, []
    two = _values(played, best, "two")
    if len(two["product"]):
        found += [
            Floor("two parties, product", float(two["product"].mean()), 0.98, True),
            Floor("two parties, worst product", float(two["product"].min()), 0.90, True),
            Floor("two parties, messages", float(two["messages"].max()), 12, False),
            Floor("two parties, bits", float(two["bits"].mean()), 300, False),
        ]
    for sort, floor in (("three", 0.97), ("nine", 0.95), ("dependent", 0.97)):
        if len(values := _values(played, best, sort)["product"]):
            found.append(Floor(f"{sort}, product", float(values.mean()), floor, True))
    hopeless = [one for one in played if not one.domain.feasible and one.method != "full-information"]
    if hopeless:
        deals = sum(one.measures["agreed"] for one in hopeless)
        found.append(Floor("deals where none is better than no deal", deals, 0, False))
    under = sum(one.measures["under"] for one in (*played, *noisy))
    found.append(Floor("deals under a reservation", under, 0, False))
    for method, sorts in ((mechanism.CONCESSION, ("two",)), (mechanism.MASKED, ("three", "five", "nine"))):
        leaks = np.concatenate([_values(played, method, sort)["leak"] for sort in sorts])
        if len(leaks):
            found.append(Floor(f"strangers by {method}, leak", float(leaks.mean()), 0.65, False))
    return found + noise_floors(noisy)


def noise_floors(played: list[Played]) -> list[Floor]:
    """Hold models that err against one hand that holds the same models, and a menu of five against a menu of one."""
    ceiling = _values(played, "full-information", "two")["product"]
    one, five = (_values(played, f"{mechanism.SEED_SHORTLIST}, menu of {menu}", "two")["product"] for menu in (1, 5))
    usual = _values(played, mechanism.SEED_SHORTLIST, "two")["product"]
    if not len(ceiling):
        return []
    if not len(one):
        return [Floor("models that err, share of full information", float(usual.mean() / ceiling.mean()), 0.98, True)]
    return [
        Floor("models that err, one option, share of full information", float(one.mean() / ceiling.mean()), 0.98, True),
        Floor("models that err, five options over one", float(five.mean() - one.mean()), 0.03, True),
    ]


def _ratified(domain: Domain, outcome: int | None) -> int | None:
    """Return the outcome if no person refuses it: they know what they gain."""
    return outcome if outcome is not None and (domain.gains[outcome] > 0).all() else None


def _sort(domain: Domain) -> str:
    """Return which domains this one is counted with."""
    if not domain.feasible:
        return "hopeless"
    if domain.kind == "dependent":
        return "dependent"
    return {2: "two", 3: "three", 5: "five", 9: "nine"}.get(domain.parties, f"{domain.parties} parties")


def _values(played: list[Played], method: str, sort: str) -> dict[str, Array]:
    mine = [one.measures for one in played if one.method == method and _sort(one.domain) == sort]
    return {name: np.array([one[name] for one in mine]) for name in MEASURES}


def _by_method(played: list[Played], domain: Domain) -> list[tuple[str, list[Played]]]:
    mine = [one for one in played if one.domain is domain]
    return [(method, [one for one in mine if one.method == method]) for method in dict.fromkeys(p.method for p in mine)]


def _summary(played: list[Played], prefix: str = "") -> list[Row]:
    sorts = dict.fromkeys(_sort(one.domain) for one in played)
    methods = dict.fromkeys(one.method for one in played)
    return [
        row(method, {"domains": prefix + sort}, values)
        for sort in sorts
        for method in methods
        if len((values := _values(played, method, sort))["agreed"])
    ]


def _row(method: str, name: str, domain: Domain, mine: list[Played]) -> Row:
    keys: dict[str, float | int | str] = {
        "domain": name,
        "parties": domain.parties,
        "outcomes": len(domain.utilities),
        "sort": _sort(domain),
    }
    return row(method, keys, {measure: np.array([one.measures[measure] for one in mine]) for measure in MEASURES})
