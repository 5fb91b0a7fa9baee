"""What was said in a deal, a line for each message, and how it ended, in words for its person."""

from weal_node.negotiation import mechanism, wording
from weal_node.negotiation.negotiation import Negotiation, Statement
from weal_node.negotiation.space import OptionSpace
from weal_node.store.deals import DealRow
from weal_protocol.deal import DealState
from weal_protocol.v1 import negotiation_pb2

MAX_REASON = 200  # characters of another's words that are shown


def line(statement: Statement, who: str, options: OptionSpace, names: tuple[str, ...]) -> str:
    """Return one message of the transcript. who: its speaker.  names: of the parties, by place."""
    match statement.kind:
        case "reveal":
            return _opened(negotiation_pb2.Reveal.FromString(statement.body), who)
        case "invite":
            invite = negotiation_pb2.Invite.FromString(statement.body)
            bound = "a key" if mechanism.is_offers_only(invite.mechanism) else "a coarse valuation"
            shown = f"bound to {bound} it had not shown" if invite.commitment else "and told nothing of what it likes"
            return f"{who} invited, {shown}."
        case "offer" | "accept":
            verb = "offered" if statement.kind == "offer" else "accepted the offer"
            option = negotiation_pb2.Offer.FromString(statement.body).option
            return f"{who} {verb}: {wording.outcome(options, option, names)}"
        case "decline" | "cancel":
            verb = "declined" if statement.kind == "decline" else "cancelled"
            reason = _reason(statement)
            return f"{who} {verb}: {reason}" if reason else f"{who} {verb}."
    words = {
        "ratify": "ratified: a human's signature under these terms",
        "receipt": "said whether the others did their part: a human's signature",
        "outcome": "told whether they are satisfied",
    }
    return f"{who} {words.get(statement.kind, statement.kind)}."


def ended(row: DealRow, negotiation: Negotiation, names: tuple[str, ...]) -> str:
    """Return how a deal came to nothing, with the reason as it was sent; "" for one that did not."""
    if row.dismissed and not row.said:
        return "This was declined before anyone was invited."
    if not negotiation.deal.over:
        return ""
    last = negotiation.said[-1]
    if last.kind not in {"decline", "cancel"}:
        return "Nothing was found that everyone prefers to no deal."
    who, reason = "You" if last.party == row.party else names[last.party], _reason(last)
    if negotiation.deal.state is DealState.NO_DEAL:
        return f"{'Your' if who == 'You' else who + chr(39) + 's'} agent had no further offer to make."
    verb = "declined" if last.kind == "decline" else "withdrew"
    return f"{who} {verb}: {reason}" if reason else f"{who} {verb}, and gave no reason."


def receipt_line(statement: Statement, names: tuple[str, ...]) -> str:
    """Return a receipt, or a dispute, in words."""
    receipt, who = negotiation_pb2.Receipt.FromString(statement.body), names[statement.party]
    who = "You say" if who == "you" else f"{who} says"
    if receipt.fulfilled:
        return f"{who} that the others did their part."
    reason = f": {receipt.reason[:MAX_REASON]}" if receipt.reason else "."
    return f"{who} that the others did not do their part{reason}"


def _reason(statement: Statement) -> str:
    word: negotiation_pb2.Decline | negotiation_pb2.Cancel
    if statement.kind == "decline":
        word = negotiation_pb2.Decline.FromString(statement.body)
    else:
        word = negotiation_pb2.Cancel.FromString(statement.body)
    return " ".join(word.reason.split())[:MAX_REASON]


def _opened(reveal: negotiation_pb2.Reveal, who: str) -> str:
    if not reveal.nonce:
        return f"{who} bound itself to what it will open, and opened nothing yet."
    values = f"{len(reveal.values)} values"
    bound = ", and bound itself to the next" if reveal.commitment else ""
    what = {
        "keys": "a key, so that only sums over everyone can be read",
        "seed": "how much single issues matter, coarsely",
        "score": f"scores of options, round {reveal.round + 1}",
        "menu": "a ranking",
    }
    return f"{who} opened {what.get(reveal.phase, reveal.phase)}: {values}{bound}."
