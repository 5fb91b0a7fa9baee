"""The charter: the rules of a community that a machine reads."""

import tomllib
from dataclasses import dataclass, fields

from weal_coordinator.errors import CoordinatorError
from weal_protocol import charters, jury
from weal_protocol.accounting import LEAST_SIGMA, MOST_SIGMA
from weal_protocol.charters import Chain
from weal_protocol.contribution import LAYOUTS, LIGHT
from weal_protocol.errors import WealError
from weal_protocol.jury import Jury

TEMPLATE = """\
# The rules of this community that a machine reads. Once somebody has joined they are changed by `weal-coordinator charter amend`.

[community]
name = "{name}"

[aggregation]
sampling_rate = 0.2       # chance with which each registered person is drawn for a round
clip = 1.0                # L2 bound on one person's contribution
sigma = 1.5               # noise multiplier: standard deviation of the noise over the clip
delta = 1e-5              # of user-level (epsilon, delta) differential privacy, add/remove adjacency
epsilon_cap = 8.0         # no round is run that would pass it; `weal-coordinator status` says how many more fit
population_floor = 200    # with fewer registered persons nothing is released
minimum_judges = 10       # an item is released once about this many judged it
deadline_s = 120          # how long a round waits for those who were drawn
every_h = 168.0           # hours from one round to the next, a week; 0: rounds are run only when asked for
soonest_h = 84.0          # hours before which no round follows another, however many new answers there are; a year of such fits under the cap
new_answers = 20          # a node says, once a round, that its person gave so many since the last one
ready_share = 0.5         # a round is begun early once this share of members has said so; 0: never early
layout = "factors"        # "light": counts and moments; "factors": also the axes along which members' tastes differ

# Who may take back what its author leaves standing; nobody while this is left out. Ratification keys: `weal doctor` shows one's own.
# [jury]
# quorum = 2
# jurors = ["", "", ""]
"""


@dataclass(frozen=True, slots=True)
class Aggregation:
    """How rounds of private aggregation run; units beside each name in the template above."""

    sampling_rate: float
    clip: float
    sigma: float
    delta: float
    epsilon_cap: float
    population_floor: int
    minimum_judges: int
    deadline_s: int
    layout: str = "light"
    every_h: float = 0.0
    soonest_h: float = 6.0
    new_answers: int = 0
    ready_share: float = 0.0


BOUNDS: dict[str, tuple[float, float]] = {
    "sampling_rate": (1e-6, 1.0),
    "clip": (1e-6, 1e6),
    "sigma": (LEAST_SIGMA, MOST_SIGMA),
    "delta": (1e-12, 1e-5),  # nodes refuse a larger one
    "epsilon_cap": (1e-3, 1e3),
    "population_floor": (1, 10**9),
    "minimum_judges": (1, 10**6),
    "deadline_s": (1, 86_400),
}
# Came later: a charter written before has none of them, which is as the defaults above.
SCHEDULE: dict[str, tuple[float, float]] = {
    "every_h": (0, 24 * 366),
    "soonest_h": (0, 24 * 366),
    "new_answers": (0, 10**6),
    "ready_share": (0, 1),
}
WHOLE = {"population_floor", "minimum_judges", "deadline_s", "new_answers"}


@dataclass(frozen=True, slots=True)
class Charter:
    """text: as written.  chain: of the charters up to this one.  jury: with the former ones, whose verdicts hold."""

    text: str
    name: str
    aggregation: Aggregation
    chain: Chain
    jury: Jury = jury.NONE

    @property
    def community(self) -> bytes:
        """The community's id: SHA-256 of its first charter, 32 bytes."""
        return self.chain.community


def of_chain(chain: Chain) -> Charter:
    """Return the charter in force; CoordinatorError as below."""
    return read(chain.current, chain)


def read(text: str, chain: Chain | None = None) -> Charter:
    """Return the charter; CoordinatorError names the rule that is missing or out of bounds. chain: of which it is the last; else it is the first."""
    try:
        given = tomllib.loads(text)
        community, aggregation = given["community"], dict(given["aggregation"])
        name = str(community["name"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as fault:
        raise CoordinatorError(
            f"the charter cannot be read: {fault}", "It needs [community] name and [aggregation]"
        ) from fault
    if not 0 < len(name.encode()) <= 80 or not name.isprintable():  # it stands on the coordinator's member card
        raise CoordinatorError("the community's name must be 1 to 80 bytes of plain text", "Choose another")
    layout = aggregation.pop("layout", LIGHT)  # a charter written before there was a choice has none
    if layout not in LAYOUTS:
        raise CoordinatorError(f"layout in the charter must be one of {', '.join(LAYOUTS)}", "Mend charter.toml")
    names = {field.name for field in fields(Aggregation)} - {"layout"}
    if set(aggregation) | set(SCHEDULE) != names:
        odd = ", ".join(sorted((set(aggregation) | set(SCHEDULE)) ^ names))
        raise CoordinatorError(f"[aggregation] in the charter lacks or has too much: {odd}", "Mend charter.toml")
    for rule, value in aggregation.items():
        (low, high), whole = (BOUNDS | SCHEDULE)[rule], rule in WHOLE
        kinds = int if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            kind = "a whole number" if whole else "a number"
            raise CoordinatorError(f"{rule} in the charter must be {kind} from {low} to {high}", "Mend charter.toml")
        aggregation[rule] = value if whole else float(value)
    try:
        chain = chain or charters.begin(text)
        named = jury.of_charters(chain.texts, chain.community)
    except WealError as fault:
        raise CoordinatorError(fault.what, fault.hint) from fault
    return Charter(text, name, Aggregation(**aggregation, layout=layout), chain, named)
