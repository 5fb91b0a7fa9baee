"""Deals of one node: drafts from notes, what the person does, what others' agents say.

Every act of the person is a row of the table in acts.py. It uses up, in the transaction of its effect, an approval made for what they saw
(approvals.py), and the person's own key signs in such acts and nowhere else. What agents say by themselves: dialogue.py.
"""

import sqlite3
from collections.abc import Callable

from weal_node.deals import acts, dialogue, manual_drafts, ratification, reception, situation
from weal_node.deals.context import Context, OptionJudge
from weal_node.deals.manual_drafts import ManualProposal
from weal_node.deals.matching import Matching
from weal_node.deals.person_act import G, PersonAct, Prepared
from weal_node.deals.queries import Queries
from weal_node.deals.situation import Situation
from weal_node.mind.answers import Also, give
from weal_protocol.envelope import Envelope


class Deals(Queries):
    """All deals of one node in one community."""

    def __init__(self, context: Context, mind: OptionJudge) -> None:
        super().__init__(context)
        self._mind = mind
        self._matching = Matching(context, mind)

    async def find(self) -> int:
        """Look through own and others' published notes for deals; return how many new drafts there are."""
        return await self._matching.find()

    async def look_again(self) -> int:
        """Look as `find` does, in the background, where anything that deals follow from has changed since."""
        self.context.approvals.check_on()
        return await self._matching.again()

    async def propose(self, proposal: ManualProposal) -> str:
        """The person thought of something themselves; return the draft's id."""
        return await manual_drafts.propose(self.context, proposal)

    async def act(self, act: PersonAct[G], deal_id: str, approval: str, given: G) -> str:
        """Do an act of the person; return the id of the deal to look at next.

        RefusedError, and no effect, where it cannot be done with the deal as it is, or without an approval of exactly this."""
        now = await self._load(deal_id)
        _check_possible(act, now)
        prepared = await act.prepare(self.context, self._mind, now, given)
        effect = self._with_approval(act, deal_id, approval, prepared)
        if prepared.learnt is None:
            await self.context.database.write(effect)
        else:
            answer, about = prepared.learnt
            await give(self.context.database, self._mind, answer, also=Also(about, effect))
        self.context.post.wake()
        if prepared.afterwards is not None:
            await prepared.afterwards()
        return prepared.leads_to or deal_id

    def _with_approval(
        self, act: PersonAct[G], deal_id: str, approval: str, prepared: Prepared
    ) -> Callable[[sqlite3.Connection], None]:
        """Return a transaction that uses the approval up and has the effect, or neither."""

        def at_once(connection: sqlite3.Connection) -> None:
            now = situation.load(self.context, connection, deal_id)
            self.context.approvals.use(connection, approval, act.name, now.row.id, now.fingerprint())
            _check_possible(act, now)
            prepared.effect(connection, now)
            dialogue.advance(self.context, connection, now.row.id)

        return at_once

    async def receive(self, letter: Envelope) -> reception.Effect | None:
        """Return the effect of a verified letter of a deal; it, or this, raises a PeerError that names what is wrong."""
        self.context.approvals.check_on()
        return await reception.receive(self.context, letter)

    async def conclude(self) -> None:
        """Go on with ratifications that wait for the notary or for others; called from time to time."""
        self.context.approvals.check_on()
        await ratification.conclude(self.context)


def _check_possible(act: PersonAct[G], now: Situation) -> None:
    """Raise RefusedError where an act cannot be done with a deal as it is."""
    if (refusal := acts.refusal(act, now)) is not None:
        raise refusal.error()
