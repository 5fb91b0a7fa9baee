"""What a community's charter says of the cost of its rounds, in the form in which an invite carries it: a person sees it before they join."""

import tomllib
from dataclasses import astuple, dataclass
from typing import Self

from weal_protocol.accounting import unfit
from weal_protocol.errors import MalformedError

MOST_CAP, MOST_HOURS = 1e3, 24.0 * 366


@dataclass(frozen=True, slots=True)
class Terms:
    """sampling_rate: chance of each member to be drawn.  sigma: noise over the clip.  epsilon_cap: beyond which no round is run.
    every_h: hours between rounds, 0 where they are run only when asked for. MalformedError for what cannot be accounted for."""

    sampling_rate: float
    sigma: float
    delta: float
    epsilon_cap: float
    every_h: float

    def __post_init__(self) -> None:
        wrong = unfit(1, self.sampling_rate, self.sigma, self.delta)
        if not 0.0 < self.epsilon_cap <= MOST_CAP or not 0.0 <= self.every_h <= MOST_HOURS:
            wrong = "its cap or its hours are out of bounds"
        if wrong:
            raise MalformedError(f"the rules of this community's rounds make no sense: {wrong}")

    @property
    def text(self) -> str:
        """Five numbers with spaces between."""
        return " ".join(repr(number) for number in astuple(self))

    @property
    def rounds_a_year(self) -> int:
        """How many there are at most by the schedule, 0 where there is none."""
        return 1 + int(MOST_HOURS / max(self.every_h, 1.0)) if self.every_h else 0

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what stands in an invite."""
        try:
            numbers = [float(word) for word in text.split(" ")]
        except ValueError as fault:
            raise MalformedError("the rules of this community's rounds cannot be read") from fault
        if len(numbers) != 5:
            raise MalformedError("the rules of this community's rounds cannot be read")
        return cls(*numbers)

    @classmethod
    def of_charter(cls, charter: str) -> Self:
        """Return what stands in a charter."""
        try:
            said = tomllib.loads(charter)["aggregation"]
            found = [said[name] for name in ("sampling_rate", "sigma", "delta", "epsilon_cap")]
            found.append(said.get("every_h", 0.0))
        except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as fault:
            raise MalformedError("the charter says nothing that can be read of rounds") from fault
        if not all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in found):
            raise MalformedError("the charter says nothing that can be read of rounds")
        try:
            return cls(*(float(number) for number in found))
        except OverflowError as fault:
            raise MalformedError("the charter says nothing that can be read of rounds") from fault
