"""What was asked of Odds88 about a ticket, and what it answered, in words."""

from backoffice.facts import Bet, told_answer
from backoffice.words import person
from feeds.answers import NOT_SETTLED, is_open, said_by
from feeds.models import CallKind, LookupCall
from feeds.odds88.endpoints import read_status
from feeds.odds88.troubles import Trouble
from settlement import selectors
from settlement.models import Ticket
from settlement.said import Unreadable

ASKED_FOR = {
    CallKind.STATUS: "where the bet stands",
    CallKind.SETTLEMENT: "how the bet ended",
    CallKind.CANCEL: "to cancel the bet",
    CallKind.CASH_OUT: "to cash the bet out",
    CallKind.REJECT_REASONS: "why it rejects bets",
}
TAKEN = "It took the wish; what becomes of it, a later look-up or the feed says."
UNREAD = "Its answer can't be read."
# A question about the settlement is answered like that also when the bet is known, and open.
UNKNOWN, NO_SETTLEMENT = "does not know this bet", "knows no settlement of this bet"


def asked_by(call: LookupCall) -> str:
    """Say who asked for what."""
    return f"{person(call.actor)} asked Odds88 {ASKED_FOR[CallKind(call.kind)]}"


def took(call: LookupCall) -> str:
    """Say how long an answer took."""
    tries = f", {call.tries} tries" if call.tries > 1 else ""
    return f"It took {call.duration_ms / 1000:.1f} s{tries}."


def bet_for(ticket: Ticket) -> Bet:
    """Return a ticket with the selections that answers name."""
    return Bet(ticket, selectors.selections_of(ticket.pk), {})


def answer_told(call: LookupCall, bet: Bet) -> str:
    """Say in a sentence what was answered."""
    if call.kind == CallKind.SETTLEMENT and call.trouble == Trouble.UNKNOWN_BET:
        return call.sentence.replace(UNKNOWN, NO_SETTLEMENT)
    if call.sentence:
        return call.sentence
    try:
        match call.kind:
            case CallKind.STATUS:
                return status_told(call)
            case CallKind.SETTLEMENT:
                return ending_told(call, bet)
    except Unreadable:
        return UNREAD
    return TAKEN


def status_told(call: LookupCall) -> str:
    """Say where an answer says that the bet stands."""
    found = read_status(call.answer.encode())
    return " ".join(found.sentences) if found else "Its answer is empty: it does not know this bet."


def ending_told(call: LookupCall, bet: Bet) -> str:
    """Say how an answer says that the bet ended."""
    said = said_by(bet.ticket, call.asked_at, call.answer.encode())
    if said is None or is_open(said):
        return NOT_SETTLED
    return told_answer(said.result, "Odds88", bet).title
