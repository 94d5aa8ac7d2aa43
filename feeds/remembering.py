"""What Odds88 said before, told again from what was written down: nobody is asked."""

from collections.abc import Sequence

from feeds.calling import ticket_known_at_odds88
from feeds.looking_up import LookUp, failed, told
from feeds.models import CallKind, LookupCall
from feeds.odds88.client import Answer, Asked
from feeds.odds88.troubles import AT_ODDS88, Trouble

CUT = "The answer was too long to be kept whole."
BROKEN_OFF = "The look-up broke off before Odds88 was asked how the bet ended. Ask again."


def calls_about(*, ticket: int, most: int) -> Sequence[LookupCall]:
    """Return what was asked about a ticket, the newest first."""
    return list(LookupCall.objects.filter(ticket=ticket).order_by("-id")[:most])


def look_up_of(*, ticket: int, call: int | None = None) -> LookUp | None:
    """Return a look-up by the number of its first call, or the newest; nothing when there is none.

    Somebody who looks a bet up asks for its status, and then how it ended.
    """
    asked = LookupCall.objects.filter(ticket=ticket)
    firsts = asked.filter(kind=CallKind.STATUS).order_by("-id")
    first = firsts.filter(pk=call).first() if call else firsts.first()
    if first is None:
        return None
    if first.trouble in AT_ODDS88:
        return failed(first, answer_in(first))
    later = asked.filter(pk__gt=first.pk, actor=first.actor, kind=CallKind.SETTLEMENT)
    if (second := later.order_by("id").first()) is None:
        return LookUp((first.pk,), first.asked_at, sentences=(BROKEN_OFF,), trouble=Trouble.FAILED)
    known = ticket_known_at_odds88(ticket)
    return told(known, (first, answer_in(first)), (second, answer_in(second)))


def answer_in(kept: LookupCall) -> Answer:
    """Return an answer as it came."""
    trouble = Trouble(kept.trouble) if kept.trouble else None
    if trouble is None and kept.is_cut:
        trouble = Trouble.UNREADABLE
    method, _, path = kept.sent.partition(" ")
    return Answer(
        asked=Asked(method, path),
        body=kept.answer.encode(),
        status=kept.http_status,
        duration=kept.duration_ms / 1000,
        tries=kept.tries,
        trouble=trouble,
        sentence=kept.sentence or (CUT if kept.is_cut else ""),
    )
