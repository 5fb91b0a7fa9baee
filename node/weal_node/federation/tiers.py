"""What joining a community and each tier of its aggregation give away, whom that hides from whom, and what it costs."""

from dataclasses import dataclass

from weal_node.commons.consent import ConsentQuestion
from weal_node.config import Settings
from weal_node.reward import local, private_head
from weal_protocol import accounting, invite
from weal_protocol.accounting import Spent
from weal_protocol.contribution import FACTORS, length
from weal_protocol.terms import Terms

USUAL_ITEMS = 500  # of a catalogue, for what a tier costs before a community has any
SUGGESTED = "factors"
NOTHING_ASKED = ConsentQuestion((), 0)  # of a home without notes


@dataclass(frozen=True, slots=True)
class Offer:
    """A tier as a person chooses it: a name, what leaves, who cannot see what, and the price."""

    tier: str
    title: str
    gives: str
    hides: str
    costs: str


def offers(settings: Settings, items: int = USUAL_ITEMS, rounds_of: Terms | None = None) -> tuple[Offer, ...]:
    """Return every tier, for a catalogue of so many items and a community with these rounds, None where it has not said.

    The first call takes seconds: ask for it in a thread.
    """
    released = (
        f"Nobody can tell from what is released whether you took part, up to epsilon {settings.epsilon_cap:g} over all "
        f"rounds, of which this node answers at most {settings.round_cap}. {cost(rounds_of, settings)} "
        "The coordinator adds the noise: it sees what you gave"
    )
    (price, trainings), share = private_head.trainings(settings.label_epsilon_cap), local.weight(length(items, FACTORS))
    rounds = next(n for n in range(10_000) if local.epsilon(n + 1) > settings.local_epsilon_cap)
    return (
        Offer(
            "none",
            "Nothing",
            "Nothing of your answers leaves.",
            "There is nothing to hide.",
            "What others learn together still comes to you; your taste does not shape it.",
        ),
        Offer(
            "light",
            "Counts",
            "When drawn: clipped counts of what you accepted and rejected, the mean of your taste, and how smooth it is.",
            f"{released}.",
            "Your words weigh as much as everybody's; along which axes tastes differ is learnt without you.",
        ),
        Offer(
            "factors",
            "Counts and axes",
            "When drawn: the same, and which way your answers pull the axes along which tastes differ.",
            f"{released}.",
            "The same epsilon as counts alone, and the release predicts better for you and people like you.",
        ),
        Offer(
            "label-private",
            "A blurred taste",
            "When drawn: only the mean of a taste that was trained with noise on this node. No answers.",
            f"Also from the coordinator: no single answer shows, up to epsilon {settings.label_epsilon_cap:g} for each. "
            f"{_trained(price, trainings)}",
            "Clearly less is learnt from you: what you think of single items stays unknown.",
        ),
        Offer(
            "local",
            "With noise of your own",
            "When drawn: counts and axes under noise that this node adds.",
            f"From everyone, the coordinator too, up to epsilon {settings.local_epsilon_cap:g}: that is "
            f"{rounds} round{'' if rounds == 1 else 's'} in all, then this node refuses.",
            f"With {items} items about {100 * share:.1g}% of your voice is left: it helps where very many people choose it.",
        ),
    )


def _trained(price: float, trainings: int) -> str:
    if not trainings:
        return f"One training would cost {price:.1f}: none fits under the limit, and this node refuses."
    times = "one fits" if trainings == 1 else f"{trainings} fit"
    return (
        f"One training costs {price:.1f}, and {times} under the limit, {private_head.EVERY_ROUNDS} rounds or more apart; "
        "then the last one is given again."
    )


def cost(terms: Terms | None, settings: Settings) -> str:
    """Return in a sentence or two what rounds of a community cost, by its charter."""
    if terms is None:
        return "What one round costs, this invite does not say: Your part shows it after joining."
    if terms.delta > settings.delta_cap:
        return f"This node refuses the community's rounds: their delta of {terms.delta:g} is above its own cap."
    drawn = f"This community draws each member with a chance of {100 * terms.sampling_rate:g}%, adds noise of {terms.sigma:g} times the most that one person can add"
    first, year = (
        accounting.within((Spent(terms.sampling_rate, terms.sigma, rounds),), terms.delta, terms.epsilon_cap)
        for rounds in (1, terms.rounds_a_year or 10)
    )
    sentence = f"{drawn}, and runs no round beyond epsilon {terms.epsilon_cap:g}. One round costs {first:.2f}"
    many = f"the {terms.rounds_a_year} that it schedules for a year" if terms.every_h else "ten"
    if year > terms.epsilon_cap:
        return f"{sentence}, drawn or not; {many} would pass that, so they end before."
    return f"{sentence}, {many} {year:.2f} in all, drawn or not."


def rounds_of(text: str) -> Terms | None:
    """Return what an invite says of the cost of rounds; MalformedError for no invite."""
    terms = invite.parse(text).rounds
    return Terms.read(terms) if terms else None


def will_leave(text: str, settings: Settings, question: ConsentQuestion = NOTHING_ASKED) -> list[str]:
    """Return, in plain lines, what leaves this node by joining and afterwards, but for aggregation; MalformedError for no invite. asked:
    what is queued here now."""
    invitation = invite.parse(text)
    address = settings.peer_address or settings.peer_listen
    return [
        f"You are about to join {invitation.community}, coordinated at {invitation.grpc}. Nothing has left yet.",
        "What leaves now:",
        f"- your member card: the name {settings.name!r}, four public keys, and what you give to aggregation; and your network address",
        *([f"- on that card, as your settings say: {address}, where your node answers members"] if address else []),
        *([_letters(question.letters)] if question.letters else []),
        "What leaves afterwards:",
        f"- of the notes written so far ({question.total}) only those that you tick, their lines of needs and offers too: "
        f"{delay(settings)} after you join, not before",
        f"- notes that you save or change from then on as public or for the community: {delay(settings)} after saving, until then you can undo",
        "- sealed messages about deals that you let your agent negotiate; the coordinator sees who, when and how large",
        "- one word, yes or no, on a chain of help that you are in, once it is settled",
        "- in the tiers of counts and axes one bit a round: that there are enough new answers",
        "- what you choose to give to aggregation, see below",
        "Private notes, your answers one by one and your reward model stay here. Every byte that leaves is listed on Privacy.",
    ]


def _letters(count: int) -> str:
    many = "1 sealed message that was" if count == 1 else f"{count} sealed messages that were"
    return f"- {many} still waiting here when you left another community, to members of this one"


def delay(settings: Settings) -> str:
    """Return the delay before a note leaves, in words."""
    seconds = settings.publish_delay_s
    if seconds % 60 or not seconds:
        return f"{seconds} seconds"
    return "1 minute" if seconds == 60 else f"{seconds // 60} minutes"
