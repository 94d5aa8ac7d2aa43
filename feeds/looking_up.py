"""What Odds88 says of a ticket when it is asked, and how that becomes a fact.

Nothing here moves money by itself: a wish to cancel or to cash out is only sent, and what Odds88
makes of it comes by the feed or by a look-up.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

from django.conf import settings
from django.db import transaction

from feeds.answers import (
    NOT_SETTLED,
    Ending,
    Standing,
    complaint,
    ending_in,
    is_open,
    reason_in,
    said_by,
    standing_in,
)
from feeds.calling import (
    LookUpRefused,
    bet_of,
    call,
    our_client,
    ticket_at_odds88,
    ticket_known_at_odds88,
)
from feeds.models import CallKind, LookupCall
from feeds.odds88.client import Answer, Client
from feeds.odds88.endpoints import BetStatus
from feeds.odds88.troubles import AT_ODDS88, Trouble
from settlement import arrays, histories, services
from settlement.models import Review, Ticket
from settlement.recording import ForTicket, record_results
from settlement.reviews import Asked, open_reviews, ticket_subject
from settlement.said import TicketSaid, Unreadable
from settlement.vocabulary import HOLDING, ReviewKind, TicketStatus

__all__ = [
    "CancelReason",
    "LookUp",
    "LookUpRefused",
    "Outcome",
    "Sent",
    "SettledByLookUp",
    "ask_to_cancel",
    "ask_to_cash_out",
    "look_up",
    "said_in",
    "settle_by_look_up",
]


MOST_CASHED_OUT = Decimal(10**12)


class CancelReason(IntEnum):
    """Why we want a bet cancelled, in Odds88's numbers."""

    TIME_OUT = 2
    BOOKMAKER = 3


@dataclass(frozen=True, slots=True)
class LookUp:
    """What Odds88 says of a bet.

    `calls` are the numbers of what was asked, `settlement_call` that of the one that says how the
    bet ended. With a `complaint` the result is not taken for this ticket's. `trouble` is why
    nothing is known at all.
    """

    calls: tuple[int, ...]
    asked_at: datetime
    status: BetStatus | None = None
    result: TicketSaid | None = None
    settlement_call: int | None = None
    complaint: str = ""
    sentences: tuple[str, ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a wish: it was sent, or not taken for the reason that the sentence says."""

    call: int
    sentence: str
    trouble: Trouble | None = None


class Outcome(StrEnum):
    """What a look-up did to an open ticket."""

    SETTLED = "SETTLED"
    HELD = "HELD"
    STILL_OPEN = "STILL_OPEN"
    LEFT_ALONE = "LEFT_ALONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class SettledByLookUp:
    """What became of a ticket that was to be settled by a look-up; `call` is what was asked."""

    outcome: Outcome
    sentence: str
    call: int | None = None
    trouble: Trouble | None = None


def look_up(*, ticket: int, actor: str, client: Client | None = None) -> LookUp:
    """Ask Odds88 where a ticket's bet stands, and how it ended. Both calls are written down."""
    found, asked = ticket_at_odds88(ticket), our_client(client)
    bet, until = bet_of(found), time.monotonic() + asked.seconds
    first, answer = call(found, actor, CallKind.STATUS, lambda: asked.status(bet, until=until))
    if answer.trouble in AT_ODDS88:
        return failed(first, answer)
    second, other = call(
        found, actor, CallKind.SETTLEMENT, lambda: asked.settlement(bet, until=until)
    )
    said = told(found, (first, answer), (second, other))
    return with_reason(said, found, actor, lambda: asked.reject_reasons(until=until))


def with_reason(said: LookUp, ticket: Ticket, actor: str, ask: Callable[[], Answer]) -> LookUp:
    """Return a look-up with Odds88's own name of a reject reason, when we don't know it."""
    reason = said.status.unknown_reason if said.status else None
    if reason is None:
        return said
    kept, answer = call(ticket, actor, CallKind.REJECT_REASONS, ask)
    label = reason_in(answer, reason)
    named = (f"Odds88 calls the reason {reason}: “{label}”.",) if label else ()
    return replace(said, calls=(*said.calls, kept.pk), sentences=(*said.sentences, *named))


def failed(kept: LookupCall, answer: Answer) -> LookUp:
    """Return that nobody could be asked."""
    return LookUp((kept.pk,), kept.asked_at, sentences=(answer.sentence,), trouble=answer.trouble)


def told(
    ticket: Ticket, first: tuple[LookupCall, Answer], second: tuple[LookupCall, Answer]
) -> LookUp:
    """Return what two answers say together."""
    kept, answer = second
    standing, ending = standing_in(first[1]), ending_in(ticket, kept, answer)
    found = LookUp((first[0].pk, kept.pk), kept.asked_at)
    if standing.status is None and ending.said is None:
        return nothing_known(found, standing, ending)
    said = () if standing.trouble == Trouble.UNKNOWN_BET else standing.sentences
    last = NOT_SETTLED if ending.trouble == Trouble.UNKNOWN_BET else ending.sentence
    return replace(
        found,
        status=standing.status,
        result=ending.said,
        settlement_call=kept.pk if ending.said is not None else None,
        complaint=complaint(ticket, ending.said) if ending.said else "",
        sentences=(*said, last) if last else said,
    )


def nothing_known(found: LookUp, standing: Standing, ending: Ending) -> LookUp:
    """Return that neither answer says anything of the bet."""
    told = standing.sentences
    if ending.trouble not in (None, Trouble.UNKNOWN_BET) and ending.sentence not in told:
        told = (*told, ending.sentence)
    return replace(found, sentences=told, trouble=standing.trouble)


def said_in(*, call: int, ticket: int) -> TicketSaid:
    """Return the result that a call about a ticket brought, to be accepted; refuse what is none."""
    kept = LookupCall.objects.filter(pk=call, ticket=ticket, kind=CallKind.SETTLEMENT).first()
    if kept is None:
        raise LookUpRefused(f"Look-up {call} is none that says how this ticket ended.")
    if kept.trouble or kept.is_cut:
        why = kept.sentence or "its answer is too long to be kept whole."
        raise LookUpRefused(f"Look-up {call} brought no result: {why}")
    found = ticket_known_at_odds88(ticket)
    try:
        said = said_by(found, kept.asked_at, kept.answer.encode())
    except Unreadable as why:
        raise LookUpRefused(f"Look-up {call} brought no result: {why}") from None
    if said is None or is_open(said):
        raise LookUpRefused(f"Look-up {call} brought no result: {NOT_SETTLED}")
    if doubt := complaint(found, said):
        raise LookUpRefused(doubt)
    return said


def ask_to_cancel(
    *, ticket: int, reason: CancelReason, actor: str, client: Client | None = None
) -> Sent:
    """Ask Odds88 to cancel a ticket's bet. Whether it did, a later look-up or the feed says."""
    found = ticket_at_odds88(ticket)
    if found.status in (TicketStatus.CANCELLED, TicketStatus.REJECTED):
        raise LookUpRefused(f"{found.bet_id} is {found.status.lower()} already.")
    asked = our_client(client)
    kept, answer = call(
        found, actor, CallKind.CANCEL, lambda: asked.cancel(bet_of(found), reason=reason)
    )
    return sent(kept, answer, "Odds88 took the wish to cancel. Look the bet up to see the outcome.")


def ask_to_cash_out(
    *, ticket: int, amount: Decimal, actor: str, client: Client | None = None
) -> Sent:
    """Ask Odds88 to cash a ticket's bet out. What it pays, which may differ, the feed says."""
    found = ticket_at_odds88(ticket)
    refuse_cash_out(found, amount)
    asked = our_client(client)
    kept, answer = call(
        found, actor, CallKind.CASH_OUT, lambda: asked.cash_out(bet_of(found), amount=amount)
    )
    return sent(kept, answer, "Odds88 took the wish to cash out. Its result pays, once it is here.")


def refuse_cash_out(ticket: Ticket, amount: Decimal) -> None:
    """Refuse to cash out what is over, or for an amount that can't be meant."""
    if ticket.status != TicketStatus.OPEN:
        raise LookUpRefused(
            f"{ticket.bet_id} is {ticket.status.lower()}: only an open bet can be cashed out."
        )
    if ticket.currency_id != settings.ODDS88_API_CURRENCY:
        raise LookUpRefused(
            f"Odds88 takes an amount in {settings.ODDS88_API_CURRENCY}, and this ticket is in "
            f"{ticket.currency_id}: cash it out there."
        )
    if not (amount.is_finite() and 0 < amount <= MOST_CASHED_OUT):
        raise LookUpRefused("The amount of a cash-out must be more than nothing, and money.")
    if amount != round(amount, ticket.currency.precision):
        raise LookUpRefused(f"{amount} has more places than {ticket.currency_id} has.")


def sent(kept: LookupCall, answer: Answer, sentence: str) -> Sent:
    """Return what became of a wish."""
    return Sent(kept.pk, answer.sentence or sentence, answer.trouble)


def settle_by_look_up(*, ticket: int, actor: str, client: Client | None = None) -> SettledByLookUp:
    """Settle an open ticket by what Odds88 says when it is asked; leave any other one alone."""
    found = ticket_at_odds88(ticket)
    if why := why_alone(found):
        return SettledByLookUp(Outcome.LEFT_ALONE, why)
    asked, bet = our_client(client), bet_of(found)
    kept, answer = call(found, actor, CallKind.SETTLEMENT, lambda: asked.settlement(bet))
    said, sentence, trouble = ending_in(found, kept, answer)
    if trouble not in (None, Trouble.UNKNOWN_BET):
        return SettledByLookUp(Outcome.FAILED, sentence, kept.pk, trouble)
    if said is None or is_open(said):
        return SettledByLookUp(Outcome.STILL_OPEN, sentence, kept.pk, trouble)
    if why := complaint(found, said):
        ask_a_person(found, why)
        return SettledByLookUp(Outcome.FAILED, why, kept.pk)
    return SettledByLookUp(*applied(found, said), kept.pk)


def why_alone(ticket: Ticket) -> str:
    """Say why a ticket is not settled by a look-up; empty when it may be."""
    if ticket.status != TicketStatus.OPEN:
        return f"{ticket.bet_id} is {ticket.status.lower()} already: it was left alone."
    decided = histories.decided_by(ticket)
    if decided.acts.pin or any(leg.pinned for leg in decided.wanted.legs):
        return f"Somebody fixed {ticket.bet_id} by hand: release it, then ask again."
    return ""


def ask_a_person(ticket: Ticket, why: str) -> None:
    """Open a review about an answer that is not the ticket's."""
    with transaction.atomic():
        open_reviews(
            [
                Asked(
                    ReviewKind.NOT_THE_TICKET,
                    ticket_subject(ticket.pk),
                    f"{why} It was not applied.",
                    ticket=ticket.pk,
                )
            ]
        )


def applied(ticket: Ticket, said: TicketSaid) -> tuple[Outcome, str]:
    """Write a result down as a fact of a ticket that is still open, and settle it."""
    if why := services.retried(lambda: recorded(ticket, said)):
        return Outcome.LEFT_ALONE, why
    services.settle(ticket_ids=[ticket.pk])
    ticket.refresh_from_db()
    if ticket.status != TicketStatus.OPEN:
        return Outcome.SETTLED, f"{ticket.bet_id} was settled as Odds88 says."
    held = Review.objects.filter(ticket=ticket, closed_at=None, kind__in=HOLDING).first()
    if held is not None:
        return Outcome.HELD, f"It waits for a person: {held.sentence}"
    return Outcome.STILL_OPEN, "A later word of Odds88's feed keeps it open."


def recorded(ticket: Ticket, said: TicketSaid) -> str:
    """Write the fact, unless somebody settled or fixed the ticket meanwhile; say so then."""
    arrays.fetch(LOCK, [ticket.pk])
    ticket.refresh_from_db()
    if why := why_alone(ticket):
        return why
    record_results([ForTicket(ticket.pk, said, None)])
    return ""


LOCK = "SELECT id FROM settlement_ticket WHERE id = %s FOR NO KEY UPDATE"
