"""Tickets brought in by whichever way: checked one by one, taken in together, each answered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import structlog
from django.db import transaction

from feeds import inbox
from settlement import intake, services, wakeup
from settlement.asked import TicketRefusal, writable
from settlement.drafts import Draft, draft_of
from settlement.intake import MOST_AT_ONCE, TakenIn
from wallet import selectors
from wallet.money import Unit

log = structlog.get_logger(__name__)

Status = Literal["created", "repeated", "refused"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one ticket; for a refused one why, and in which field."""

    bet_id: str
    status: Status
    code: str = ""
    field: str = ""
    error: str = ""

    @property
    def sentence(self) -> str:
        """The refusal with its field."""
        return f"{self.field}: {self.error}" if self.field else self.error


def bring_in(*, tickets: Iterable[Mapping[str, Any]], actor: str) -> list[Answer]:
    """Take in tickets in a client's words; return an answer for each, in their order.

    Each thousand is a transaction of its own. Run it again at will: what is there is not doubled.
    """
    units = selectors.units()
    return [
        answer
        for some in in_batches(tickets, MOST_AT_ONCE)
        for answer in bring_in_together(some, units, actor)
    ]


def in_batches(
    tickets: Iterable[Mapping[str, Any]], size: int
) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the tickets in lists of at most `size`."""
    left = iter(tickets)
    while some := list(islice(left, size)):
        yield some


def bring_in_together(
    tickets: Sequence[Mapping[str, Any]], units: Mapping[str, Unit], actor: str
) -> list[Answer]:
    """Take in at most a thousand tickets in one transaction."""
    drafted = [drafted_or_refused(ticket, units) for ticket in tickets]
    drafts = [one for one in drafted if isinstance(one, Draft)]
    answers = intake.take_in(drafts=drafts, actor=actor) if drafts else []
    new = [one.ticket_id for one in answers if isinstance(one, TakenIn) and not one.repeated]
    transaction.on_commit(lambda: look_at(new))
    taken = iter(answers)
    return [
        answer_of(ticket, next(taken) if isinstance(one, Draft) else one)
        for ticket, one in zip(tickets, drafted, strict=True)
    ]


def look_at(new: Sequence[int]) -> None:
    """Look whether new tickets, now that all can see them, were spoken of before they came.

    Not before they are committed: a message that is processed meanwhile could not see them, and
    they would have looked already. What fails here is left due: nobody has to bring them again.
    """
    try:
        heard = inbox.look_back().due
        if len(heard) > MOST_AT_ONCE:
            wakeup.wake(wakeup.SETTLE_DUE)
            heard = set()
        services.settle(ticket_ids=heard.union(new))
    except Exception:
        log.exception("look_back_failed", tickets=len(new))


def drafted_or_refused(
    ticket: Mapping[str, Any], units: Mapping[str, Unit]
) -> Draft | TicketRefusal:
    """Return a ticket's draft, or why there is none."""
    try:
        return draft_of(ticket, units)
    except TicketRefusal as refusal:
        return refusal


def answer_of(ticket: Mapping[str, Any], done: TakenIn | TicketRefusal) -> Answer:
    """Return the answer in words for clients."""
    if isinstance(done, TakenIn):
        return Answer(done.bet_id, "repeated" if done.repeated else "created")
    given = ticket.get("bet_id", "") if isinstance(ticket, Mapping) else ""
    return Answer(
        bet_id=writable(str(given)[:100]),
        status="refused",
        code=done.code,
        field=done.field,
        error=done.args[0],
    )
