"""What one side's agent says next by itself: a pure function of the negotiation and of what only this side knows."""

from weal_node.negotiation import concession, masked, mechanism, seed, space, utility
from weal_node.negotiation.exchange import fingerprint
from weal_node.negotiation.negotiation import Negotiation, OwnSide, Statement
from weal_node.negotiation.shortlist import Shortlist
from weal_node.negotiation.space import OptionSpace
from weal_node.negotiation.transcript import Values
from weal_protocol import deal
from weal_protocol.deal import DealState
from weal_protocol.v1 import negotiation_pb2


def invite(
    own: OwnSide,
    options: OptionSpace,
    expires_ms: int,
    by: negotiation_pb2.Mechanism = mechanism.UNKNOWN,
    answers: bytes = b"",
) -> Statement:
    """Return the invitation of the first party. answers: the deal of an invitation that this one is offered in place of."""
    bound = b""
    if steps := mechanism.steps(by):
        name, number = steps[0]
        draft = Negotiation(space=options, mechanism=by)
        bound = seed.commitment(name, number, values(draft, own, name, number), seed.nonce(own.secret, name, number))
    sent = negotiation_pb2.Invite(
        space=space.write(options),
        mechanism=by,
        expires_ms=expires_ms,
        commitment=bound,
        answers=answers,
        ratify_within_ms=deal.LONGEST_TO_RATIFY_MS,
    )
    return Statement(0, "invite", sent.SerializeToString(deterministic=True))


def after(negotiation: Negotiation, own: OwnSide) -> Statement | None:
    """Return what this side's agent says now; None while it is another's turn, or a person's."""
    if negotiation.space is None or negotiation.deal.turn != own.party:
        return None
    if negotiation.mechanism.name == mechanism.CONCESSION:
        return _bid(negotiation, own)
    (name, number), parties = negotiation.step(), negotiation.deal.parties
    if name == "menu" and own.places is None:
        return None
    binds = {DealState.INVITED, DealState.SCORING, DealState.MENU_BOUND} if own.party else {DealState.MENU}
    if negotiation.deal.state in binds and own.party < parties - 1:
        return _say(
            own.party,
            negotiation_pb2.Reveal(phase=name, round=number, commitment=_commitment(negotiation, own, name, number)),
        )
    if own.party == 0:
        return _first_opens(negotiation, own)
    return _say(own.party, _opening(negotiation, own))


def values(negotiation: Negotiation, own: OwnSide, name: str, number: int) -> Values:
    """Return what this side opens in an exchange."""
    by, hidden = negotiation.mechanism, negotiation.mechanism.name == mechanism.MASKED
    if name == "keys":
        return tuple(masked.key(own.secret).public_key().public_bytes_raw())
    if name == "menu":
        return own.places or ()
    if name == "seed":
        parts = utility.contributions(own.utilities, negotiation.known().sizes)
        plain = masked.coarse(parts, by.seed_bits) if hidden else utility.coarse(parts, by.seed_bits)
    elif hidden:
        plain = masked.score(own.utilities, negotiation.candidates(), own.reservation)
    else:
        scales = negotiation.public.scales[own.party] if isinstance(negotiation.public, Shortlist) else ()
        plain = utility.score(own.utilities, negotiation.candidates(), scales, own.reservation)
    if not hidden:
        return plain
    return masked.mask(plain, own.party, own.secret, negotiation.phases[0].all_opened() or (), name, number)


def _bid(negotiation: Negotiation, own: OwnSide) -> Statement:
    bargain = concession.Bargain(negotiation.known().sizes, negotiation.deal.parties, negotiation.mechanism.rounds)
    word = concession.answer(bargain, own.utilities, own.reservation, own.party, negotiation.offers)
    if word.offer is None and not word.accept:
        return Statement(own.party, "decline", negotiation_pb2.Decline().SerializeToString(deterministic=True))
    outcome = negotiation.offers[-1][1] if word.offer is None else word.offer
    body = negotiation_pb2.Offer(option=space.option(negotiation.known(), outcome)).SerializeToString(
        deterministic=True
    )
    return Statement(own.party, "accept" if word.accept else "offer", body)


def _commitment(negotiation: Negotiation, own: OwnSide, name: str, number: int) -> bytes:
    return seed.commitment(name, number, values(negotiation, own, name, number), seed.nonce(own.secret, name, number))


def _opening(negotiation: Negotiation, own: OwnSide) -> negotiation_pb2.Reveal:
    name, number = negotiation.step()
    return negotiation_pb2.Reveal(
        phase=name,
        round=number,
        values=values(negotiation, own, name, number),
        nonce=seed.nonce(own.secret, name, number),
        candidates_sha256=fingerprint(negotiation.candidates()) if name == "score" else b"",
    )


def _first_opens(negotiation: Negotiation, own: OwnSide) -> Statement:
    """Open what was committed; commit to the next exchange, which follows from what is now open, or sign the terms."""
    reveal, at, last = _opening(negotiation, own), negotiation.at(), len(negotiation.phases) - 1
    if at == last:
        opened = negotiation.opened(at, 0, reveal)
        if opened.chosen() is not None:
            digest = deal.terms_hash(opened.terms())
            reveal.signed.CopyFrom(negotiation_pb2.Sign(terms_sha256=digest, signature=own.sign(digest)))
    elif at < last - 1:
        # As it will be once this is said: candidates do not depend on the rest of it.
        ahead = negotiation.opened(at, 0, reveal)
        reveal.commitment = _commitment(ahead, own, *ahead.step())
    return _say(0, reveal)


def _say(party: int, reveal: negotiation_pb2.Reveal) -> Statement:
    return Statement(party, "reveal", reveal.SerializeToString(deterministic=True))
