"""Devise: a deal that the person thought of themselves, among whom and about what they like, until their agent enters.

Lines say who could give what to whom (negotiation/wording.py). Everyone named must have a part in them, and only what the
person thought of themselves may be made one with others: what was found in notes is between those whose notes they are.
"""

import secrets
import sqlite3
from collections.abc import Callable, Sequence

from weal_node.deals import drafts
from weal_node.deals.dialogue import Post
from weal_node.deals.view import is_free, names_of
from weal_node.errors import RefusedError, TypedError
from weal_node.keys import Keys
from weal_node.negotiation import space, wording
from weal_node.negotiation.negotiation import Negotiation
from weal_node.negotiation.space import OptionSpace
from weal_node.store import deals
from weal_node.store.database import Database
from weal_protocol.deal import MAX_PARTIES
from weal_protocol.deal import DealState as Standing

Change = Callable[[sqlite3.Connection, deals.DealRow, Negotiation], None]


class Devising:
    """Free proposals and changes to drafts, for one node."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        post: Post,
        clock: Callable[[], int],
        name_of: Callable[[bytes], str],
    ) -> None:
        self._database = database
        self._own = keys.agent_public
        self._post = post
        self._clock = clock
        self._name_of = name_of

    async def propose(self, others: Sequence[bytes], gives: str = "", gets: str = "", lines: str = "") -> str:
        """Draft what the person thought of: in lines, or with one other, what they would give and get; return the draft's id."""
        parties = await self._parties(others)
        gives, gets = gives.strip()[: space.MAX_TEXT], gets.strip()[: space.MAX_TEXT]
        if bool(lines.strip()) == bool(gives or gets):
            raise TypedError(
                "a proposal says what you would give or get, or has lines that say who gives what to whom",
                "Fill in one of the two",
            )
        if lines.strip():
            made = drafts.written(parties, lines, self._names(parties), secrets.token_bytes(16))
        elif len(parties) == 2:
            made = drafts.free(*parties, gives, gets, secrets.token_bytes(16))
        else:
            raise TypedError("with several, lines say who gives what to whom", wording.HINT)
        await self._database.write(lambda connection: self._keep(connection, made))
        return made.id.hex()

    async def edit(self, text: str, others: Sequence[bytes] | None = None) -> Change:
        """Return the change of a draft to these lines and, unless None, to a deal with these others; it raises what is wrong."""
        parties = None if others is None else await self._parties(others)

        def change(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            begun = row.dismissed or row.utilities is not None
            if begun or stands.deal.state is not Standing.DRAFT or row.party > 0:
                raise RefusedError("what this deal is about is fixed already", "Decline it, and propose something else")
            of = drafts.drafted(row, self._own)
            if parties is not None and set(parties) != set(of.parties):
                if not is_free(of):
                    raise RefusedError(
                        "this was found in the notes of those it is between", "Propose one of your own, with others"
                    )
                kept = [party for party in of.parties if party in parties]
                of = OptionSpace(
                    (*kept, *(one for one in parties if one not in kept)), of.subject, of.issues, of.sources
                )
            edited = drafts.edited(of, text, self._names(of.parties))
            deals.edit(connection, row.id, space.pack(edited), edited.parties[1])

        return change

    async def _parties(self, others: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return this person and these others, each a member that can be invited."""
        found = tuple(dict.fromkeys(others))
        if not 0 < len(found) < MAX_PARTIES or self._own in found:
            raise TypedError(f"a deal is between you and 1 to {MAX_PARTIES - 1} others", "Choose them again")
        for key in found:
            if self._post.is_guest(key):
                raise RefusedError("a guest looks for itself and cannot be invited", "Choose members")
            await self._post.member(key)
        return (self._own, *found)

    def _names(self, parties: tuple[bytes, ...]) -> tuple[str, ...]:
        return names_of(OptionSpace(parties, "", ()), self._own, self._name_of)

    def _keep(self, connection: sqlite3.Connection, made: drafts.Draft) -> None:
        given = [next((one.name for one in made.of.issues if (one.giver == 0) is own), "") for own in (True, False)]
        secret, packed = secrets.token_bytes(32), space.pack(made.of)
        gifts = (given[0], given[1])
        deals.draft(connection, made.id, made.of.parties[1], gifts, (), made.why, secret, self._clock(), space=packed)
