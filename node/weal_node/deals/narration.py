"""Tell: what was said in a deal, a line for each message, and how it ended, in words for its person."""

from weal_node.negotiation import mechanism, wording
from weal_node.negotiation.negotiation import Negotiation, Statement
from weal_node.negotiation.space import OptionSpace
from weal_node.store.deals import DealRow
from weal_protocol.deal import DealState as Standing
from weal_protocol.v1 import negotiation_pb2

MAX_REASON = 200  # characters of another's words that are shown


def line(one: Statement, who: str, of: OptionSpace, names: tuple[str, ...]) -> str:
    """Return one message of the transcript. who: its speaker.  names: of the parties, by place."""
    match one.kind:
        case "reveal":
            return _opened(negotiation_pb2.Reveal.FromString(one.body), who)
        case "invite":
            invite = negotiation_pb2.Invite.FromString(one.body)
            bound = "a key" if mechanism.is_careful(invite.mechanism) else "a coarse valuation"
            return f"{who} invited, {f'bound to {bound} it had not shown' if invite.commitment else 'and told nothing of what it likes'}."
        case "offer" | "accept":
            verb = "offered" if one.kind == "offer" else "accepted the offer"
            return f"{who} {verb}: {wording.outcome(of, negotiation_pb2.Offer.FromString(one.body).option, names)}"
        case "decline" | "cancel":
            verb = "declined" if one.kind == "decline" else "cancelled"
            reason = _reason(one)
            return f"{who} {verb}: {reason}" if reason else f"{who} {verb}."
    words = {
        "ratify": "ratified: a human's signature under these terms",
        "receipt": "said whether the others did their part: a human's signature",
        "outcome": "told whether they are satisfied",
    }
    return f"{who} {words.get(one.kind, one.kind)}."


def ended(row: DealRow, stands: Negotiation, names: tuple[str, ...]) -> str:
    """Return how a deal came to nothing, with the reason as it was sent; "" for one that did not."""
    if row.dismissed and not row.said:
        return "This was declined before anyone was invited."
    if stands.deal.state not in {Standing.DECLINED, Standing.CANCELLED, Standing.NO_DEAL}:
        return ""
    one = stands.said[-1]
    if one.kind not in {"decline", "cancel"}:
        return "Nothing was found that everyone prefers to no deal."
    who, reason = "You" if one.party == row.party else names[one.party], _reason(one)
    if stands.deal.state is Standing.NO_DEAL:
        return f"{'Your' if who == 'You' else who + chr(39) + 's'} agent had no further offer to make."
    verb = "declined" if one.kind == "decline" else "withdrew"
    return f"{who} {verb}: {reason}" if reason else f"{who} {verb}, and gave no reason."


def _reason(one: Statement) -> str:
    said = (
        negotiation_pb2.Decline.FromString(one.body)
        if one.kind == "decline"
        else negotiation_pb2.Cancel.FromString(one.body)
    )
    return " ".join(said.reason.split())[:MAX_REASON]


def _opened(reveal: negotiation_pb2.Reveal, who: str) -> str:
    if not reveal.nonce:
        return f"{who} bound itself to what it will open, and opened nothing yet."
    told = f"{len(reveal.values)} values"
    bound = ", and bound itself to the next" if reveal.commitment else ""
    what = {
        "keys": "a key, so that only sums over everyone can be read",
        "seed": "how much single issues matter, coarsely",
        "score": f"scores of options, round {reveal.round + 1}",
        "menu": "a ranking",
    }
    return f"{who} opened {what.get(reveal.phase, reveal.phase)}: {told}{bound}."
