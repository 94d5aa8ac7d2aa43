"""What an answer of Odds88 says of the ticket that was asked about, and whether it is its own."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple

from django.conf import settings
from msgspec.structs import replace

from feeds.calling import UNREAD, bet_of
from feeds.matching import stake_text
from feeds.models import LookupCall
from feeds.odds88.client import Answer
from feeds.odds88.endpoints import BetStatus, read_reject_reasons, read_status
from feeds.odds88.translate import read_look_up
from feeds.odds88.troubles import Trouble
from settlement.models import Ticket
from settlement.said import TICKS_A_SECOND, TicketSaid, Unreadable, ticks_of
from settlement.vocabulary import TicketResult

MOST_AHEAD = 60 * TICKS_A_SECOND
CENT = Fraction(1, 100)
NOT_SETTLED = "Odds88 has not settled it."
EMPTY = "Odds88 does not know this bet: its answer is empty."


class Standing(NamedTuple):
    """Where an answer says that a bet stands, with sentences about it."""

    status: BetStatus | None
    sentences: tuple[str, ...]
    trouble: Trouble | None = None


def standing_in(answer: Answer) -> Standing:
    """Return where an answer says that a bet stands."""
    if answer.trouble is not None:
        return Standing(None, (answer.sentence,), answer.trouble)
    try:
        found = read_status(answer.body)
    except Unreadable as why:
        return Standing(None, (f"Odds88's answer can't be read: {why}",), Trouble.UNREADABLE)
    if found is None:
        return Standing(None, (EMPTY,), Trouble.UNKNOWN_BET)
    return Standing(found, found.sentences)


class Ending(NamedTuple):
    """How an answer says that a bet ended: not at all, then the sentence says why."""

    said: TicketSaid | None = None
    sentence: str = ""
    trouble: Trouble | None = None


def ending_in(ticket: Ticket, kept: LookupCall, answer: Answer) -> Ending:
    """Return how an answer says that a ticket's bet ended.

    That Odds88 does not know a bet may only mean here that it has not settled it.
    """
    if answer.trouble is not None:
        return Ending(None, answer.sentence, answer.trouble)
    try:
        said = said_by(ticket, kept.asked_at, answer.body)
    except Unreadable as why:
        told = f"Odds88's answer about the settlement can't be read: {why}"
        return Ending(None, told, Trouble.UNREADABLE)
    if said is None or is_open(said):
        return Ending(said, NOT_SETTLED)
    return Ending(said)


def reason_in(answer: Answer, reason: int) -> str:
    """Return Odds88's own label of a reject reason; empty when the answer names none."""
    if answer.trouble is not None:
        return ""
    try:
        return read_reject_reasons(answer.body).get(reason, "")
    except Unreadable:
        return ""


def is_open(said: TicketSaid) -> bool:
    """Whether a result says that there is none."""
    return said.result.result == TicketResult.NONE and not said.result.flag


def said_by(ticket: Ticket, asked_at: datetime, body: bytes) -> TicketSaid | None:
    """Return what the answer to a question about a ticket says of how it ended."""
    if UNREAD.encode() in body:
        raise Unreadable("It holds characters that are none.")
    player, request = bet_of(ticket)
    said = read_look_up(
        body,
        player=player,
        request=request,
        asked_at=asked_at,
        currency=settings.ODDS88_API_CURRENCY,
    )
    return said and in_own_money(said, ticket.currency_id)


def in_own_money(said: TicketSaid, currency: str) -> TicketSaid:
    """Return a result whose payout is no other currency's.

    Look-ups name amounts in one currency, whatever the bet's. Where their payout is their stake
    times the multiplier, the multiplier says it all; where it is not, a person must decide.
    """
    given = said.result
    if said.currency in ("", currency) or None in (given.payout, given.multiplier, said.stake):
        return said
    whole = Fraction(said.stake or 0, 10**said.precision) * Fraction(given.multiplier or 0)
    paid = Fraction(given.payout or 0)
    if min(abs(whole - paid), abs(whole - paid - Fraction(given.partial_refund or 0))) > CENT:
        return said
    return replace(said, result=replace(given, payout=None, partial_refund=None))


def complaint(ticket: Ticket, said: TicketSaid) -> str:
    """Say why an answer is not taken for this ticket's; empty when it is."""
    bet = bet_of(ticket)
    ours = {bet.request, f"{bet.player}:{bet.request}", ticket.bet_id}
    if said.bet_ref not in ours:
        return f"The answer is about the bet “{said.bet_ref}”, and not about “{bet.request}”."
    if said.ticks > ticks_of(datetime.now(UTC)) + MOST_AHEAD:
        return "The answer says that the bet was settled at a time ahead of our clock."
    if said.stake is None or said.currency != ticket.currency_id:
        return ""  # Amounts in another currency can't be compared.
    if said.stake * 10**ticket.currency.precision == ticket.stake * 10**said.precision:
        return ""
    own = stake_text(ticket.stake, ticket.currency.precision)
    return (
        f"The answer is for a stake of {stake_text(said.stake, said.precision)} {said.currency}, "
        f"the ticket's is {own}."
    )
