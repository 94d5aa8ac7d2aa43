"""A process dies in the middle of an act: what it left is done by the next one, once."""

import os
import signal
from typing import Any
from unittest.mock import patch

import pytest

from settlement.acts import carrying, services
from settlement.models import Batch, SettlementEvent, TicketFact
from settlement.orders import read_order
from settlement.tasks import finish_acts
from tests.factories import FundedPlayer
from tests.feeds.test_interleavings import assert_sound
from tests.nursery import Nursery
from tests.settlement.acting import OLGA, no_limits, previewed, words
from tests.settlement.asked import accepted, bet

MARKET = {
    "provider": "manual", "event": "E-1", "market": "1", "outcomes": {"X": {"result": "win"}},
}  # fmt: skip
# Where a process dies: before a function does its work the first time, or after a later one.
POINTS: dict[str, tuple[Any, str, int]] = {
    "before the act is written": (services, "write_batch", 0),
    "after the act is written": (services, "write_batch", 1),
    "after what it says is written": (carrying, "write_facts", 1),
    "after its tickets moved": (carrying, "carried_out", 1),
    "after its lines are done": (carrying, "write_lines", 1),
    "before it ends": (carrying, "end", 0),
    "in its second chunk": (carrying, "write_facts", 2),
    "after the second chunk's tickets moved": (carrying, "carried_out", 2),
}
MARKET_POINTS: dict[str, tuple[Any, str, int]] = {
    "after what it says is written": (carrying, "write_market_facts", 1),
    "before its tickets are looked for": (carrying, "look_for_tickets_of_act", 0),
    "after its tickets were looked for": (carrying, "look_for_tickets_of_act", 1),
    "after its tickets moved": (carrying, "drain", 1),
    "after its lines are done": (carrying, "write_lines_of_markets", 1),
}


def act_and_die(point: str, order: dict[str, Any], token: str) -> None:
    """Do an act in chunks of a hundred, and die at a point of it."""
    owner, name, calls = (MARKET_POINTS if "market" in order else POINTS)[point]
    function, left = getattr(owner, name), [calls]

    def dying(*given: Any, **more: Any) -> Any:
        left[0] -= 1
        done = function(*given, **more) if left[0] >= 0 else None
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    patch("settlement.acts.carrying.FIRST_CHUNK", 100).start()
    setattr(owner, name, dying)
    services.finish(batch=services.act(order=read_order(order), actor=OLGA, token=token))


def confirmed_again(order: dict[str, Any], token: str) -> Batch:
    """Confirm as a person does who got no answer; then let a worker do what is left."""
    services.act(order=read_order(order), actor=OLGA, token=token)
    finish_acts()
    return Batch.objects.get()


@pytest.mark.parametrize(
    ("point", "tickets"),
    [(point, 250) for point in POINTS] + [(point, 1) for point in list(POINTS)[:6]],
)
def test_an_act_whose_process_is_killed_is_done_once(
    children: Nursery, point: str, tickets: int
) -> None:
    player = FundedPlayer.create("1000.00")
    no_limits()
    ids = [f"T-{number}" for number in range(tickets)]
    accepted(*[bet(player, bet_id=one, stake="1.00") for one in ids])
    order = words("settle", *ids, each={"result": "win"})
    token = previewed("settle", *ids, each={"result": "win"}).token

    assert children.run(act_and_die, point, order, token) == -signal.SIGKILL
    batch = confirmed_again(order, token)

    assert (batch.state, batch.lines.filter(state="DONE").count()) == ("DONE", tickets)
    assert SettlementEvent.objects.count() == TicketFact.objects.count() == tickets
    assert_sound()


@pytest.mark.parametrize("point", MARKET_POINTS)
def test_an_act_on_a_market_whose_process_is_killed_is_done_once(
    children: Nursery, point: str
) -> None:
    player = FundedPlayer.create("100.00")
    no_limits()
    accepted(*[bet(player, bet_id=f"T-{number}", stake="1.00") for number in range(20)])
    order = words("market_settle", market=MARKET)
    token = previewed("market_settle", market=MARKET).token

    assert children.run(act_and_die, point, order, token) == -signal.SIGKILL
    batch = confirmed_again(order, token)

    assert (batch.state, batch.lines.filter(difference=250).count()) == ("DONE", 20)
    assert SettlementEvent.objects.count() == 20
    assert player.balance == "130.00"
    assert_sound()
