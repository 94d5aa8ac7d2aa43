"""Short words for tests that accept what a provider answered."""

from datetime import UTC, datetime, timedelta
from typing import Any

from settlement.acts import services
from settlement.acts.actors import Actor
from settlement.models import Batch
from settlement.orders import Answer, Order, answered, read_order
from settlement.said import LegSaid, ResultSaid, ticks_of
from settlement.vocabulary import Source, TicketResult
from tests.settlement.acting import OLGA, confirmed, words


def answer(
    result: str = "WIN",
    payout: str | None = "25.00",
    multiplier: str | None = "2.5",
    *,
    ago: timedelta = timedelta(),
    leg: tuple[str, str] | None = None,
    **more: Any,
) -> Answer:
    """Return what Odds88 answered some time ago: a single of 10.00 EUR won at 2.50, unless told."""
    legs = (LegSaid("X", win=leg),) if leg else ()
    said = ResultSaid(TicketResult(result), payout=payout, multiplier=multiplier, legs=legs, **more)
    return Answer(Source.ODDS88, ticks_of(datetime.now(UTC) - ago), said)


LOST = ("LOSE", "0", "0")


def accepting(bet_id: str, said: Answer, *, lookup: int = 17) -> Order:
    """Return the order to accept an answer."""
    asked = read_order(words("accept_result", bet_id, each={"lookup": lookup}))
    return answered(asked, {bet_id: said})


def accept_shown(
    bet_id: str, said: Answer, *, actor: Actor = OLGA, lookup: int = 17
) -> services.Preview:
    """Preview that."""
    return services.preview(order=accepting(bet_id, said, lookup=lookup), actor=actor)


def accept(bet_id: str, said: Answer, *, actor: Actor = OLGA, lookup: int = 17) -> Batch:
    """Accept an answer."""
    return confirmed(accept_shown(bet_id, said, actor=actor, lookup=lookup), actor)
