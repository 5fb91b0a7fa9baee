"""Terms: what joining a community and each tier of its aggregation give away, whom that hides from whom, and what it costs."""

from dataclasses import dataclass
from functools import lru_cache

from weal_node.config import Settings
from weal_node.reward import local, private_head
from weal_protocol import accounting, invite
from weal_protocol.contribution import FACTORS, length

USUAL_ITEMS = 500  # of a catalogue, for what a tier costs before a community has any
SUGGESTED = "factors"


@dataclass(frozen=True, slots=True)
class Offer:
    """A tier as a person chooses it: a name, what leaves, who cannot see what, and the price."""

    tier: str
    title: str
    gives: str
    hides: str
    costs: str


def offers(settings: Settings, items: int = USUAL_ITEMS) -> tuple[Offer, ...]:
    """Return every tier, for a catalogue of so many items. The first call takes a second: ask for it in a thread."""
    released = (
        f"Nobody can tell from what is released whether you took part, up to epsilon {settings.epsilon_cap:g} over all "
        f"rounds, of which this node answers at most {settings.round_cap}. The coordinator adds the noise: it sees what you gave"
    )
    training, share = _training(), local.weight(length(items, FACTORS))
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
            "When drawn: clipped counts of what you accepted and rejected, and the mean of your taste.",
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
            f"One training costs about {training:.1f}; past the limit the last one is given again.",
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


@lru_cache(maxsize=1)
def _training() -> float:
    """Return about what one training with noise costs each label (a tighter bound than the one that is charged)."""
    return accounting.epsilon(private_head.STEPS, private_head.SAMPLED, private_head.SIGMA, private_head.DELTA)


def will_leave(text: str, settings: Settings) -> list[str]:
    """Return, in plain lines, what leaves this node by joining and afterwards, but for aggregation; MalformedError for no invite."""
    given = invite.parse(text)
    return [
        f"You are about to join {given.community}, coordinated at {given.grpc}.",
        "What leaves now:",
        f"- your member card: the name {settings.name!r}, four public keys, and what you give to aggregation; and your network address",
        "What leaves afterwards:",
        f"- notes that are public or for the community, {settings.publish_delay_s} s after saving, until then you can undo",
        "- sealed messages about deals that you let your agent negotiate; the coordinator sees who, when and how large",
        "- what you choose to give to aggregation, see below",
        "Private notes, your answers one by one and your reward model stay here. Every byte that leaves is listed on Privacy.",
    ]
