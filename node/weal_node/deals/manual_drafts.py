"""A deal that the person thought of themselves, among whom and about what they like, until their agent enters.

Lines say who could give what to whom (negotiation/wording.py). Everyone named must have a part in them, and only what the
person thought of themselves may be made one with others: what was found in notes is between those whose notes they are.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.deals import drafts
from weal_node.deals.context import Context
from weal_node.deals.situation import Situation
from weal_node.errors import RefusedError, TypedError
from weal_node.negotiation import space, wording
from weal_node.negotiation.space import OptionSpace
from weal_protocol.deal import MAX_PARTIES


@dataclass(frozen=True, slots=True)
class ManualProposal:
    """What a person thought of. others: agent keys.  gives, gets: of a deal of two.  lines: of any, in place of these."""

    others: Sequence[bytes]
    gives: str = ""
    gets: str = ""
    lines: str = ""


async def propose(context: Context, proposal: ManualProposal) -> str:
    """Draft what the person thought of; return the draft's id. Nobody else sees it."""
    parties = await checked_parties(context, proposal.others)
    gives, gets = proposal.gives.strip()[: space.MAX_TEXT], proposal.gets.strip()[: space.MAX_TEXT]
    token = secrets.token_bytes(16)
    if bool(proposal.lines.strip()) == bool(gives or gets):
        raise TypedError(
            "a proposal says what you would give or get, or has lines that say who gives what to whom",
            "Fill in one of the two",
        )
    if proposal.lines.strip():
        draft = drafts.written(parties, proposal.lines, context.names(parties), token)
    elif len(parties) == 2:
        draft = drafts.free(parties, gives, gets, token)
    else:
        raise TypedError("with several, lines say who gives what to whom", wording.HINT)
    await drafts.keep(context, draft)
    return draft.id.hex()


def edited(context: Context, situation: Situation, text: str, parties: tuple[bytes, ...] | None) -> OptionSpace:
    """Return a draft with these lines and, unless None, between these parties; RefusedError or MalformedError says what is wrong."""
    options = situation.options
    if parties is not None and set(parties) != set(options.parties):
        if not drafts.is_free(options):
            raise RefusedError(
                "this was found in the notes of those it is between", "Propose one of your own, with others"
            )
        kept = [party for party in options.parties if party in parties]
        new = [party for party in parties if party not in kept]
        options = OptionSpace((*kept, *new), options.subject, options.issues, options.sources)
    return drafts.edited(options, text, context.names(options.parties))


async def checked_parties(context: Context, others: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return this person and these others; RefusedError unless each is a member that can be invited."""
    members = tuple(dict.fromkeys(others))
    if not 0 < len(members) < MAX_PARTIES or context.own_key in members:
        raise TypedError(f"a deal is between you and 1 to {MAX_PARTIES - 1} others", "Choose them again")
    for key in members:
        if context.post.is_guest(key):
            raise RefusedError("a guest looks for itself and cannot be invited", "Choose members")
        await context.post.member(key)
    return (context.own_key, *members)
