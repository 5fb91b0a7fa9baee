"""Verdicts: as a juror whom the charter names, vote that a record be taken back, and publish once enough of the others did.

The person's own key signs, because they pressed the button on the note's page: nothing else calls this.
"""

from collections.abc import Sequence

from weal_node.commons.contributions import BuildOn
from weal_node.errors import RefusedError
from weal_protocol import jury


def is_juror(building: BuildOn) -> bool:
    """Whether the charter names this person."""
    return building.keys.ratification_public in building.jury().jurors


async def vote(building: BuildOn, record: str, reason: str, others: Sequence[str]) -> tuple[str, ...]:
    """Vote on a record; publish the verdict where the others' votes, as lines, make a quorum. Return the votes there are."""
    if not is_juror(building):
        raise RefusedError("only a juror whom the charter names can vote", "Ask one of them")
    version, court = await building.found(record), building.jury()
    votes = court.counted(record, reason, [*others, court.vote(building.keys.ratification, record, reason)])
    if len(votes) >= court.quorum:
        await building.send([building.taking(version, "verdict", jury.body(reason, votes), building.clock())])
    return votes
