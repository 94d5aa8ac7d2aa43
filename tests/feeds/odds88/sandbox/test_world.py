"""The demo's world: bets end by chance, and what is said of them can be read."""

import time
from decimal import Decimal
from typing import Any

import pytest

from feeds.odds88.sandbox import Sandbox
from feeds.odds88.sandbox.bodies import Bet, Pick, Result, ResultType
from feeds.odds88.sandbox.world import World, result_of
from feeds.odds88.translate import read
from settlement.vocabulary import TicketResult


def bet(number: int) -> Bet:
    """Return a double."""
    picks = tuple(
        Pick(event=one, market=one, selection=one, price=Decimal("1.9")) for one in range(2)
    )
    return Bet(bet_id=f"bet-{number}", player="plr-1", value=1000, selections=picks)


def test_bets_end_and_some_are_told_of_again(sandbox: Sandbox) -> None:
    World(sandbox.vendor, pace=0.1, seed=1)
    for number in range(100):
        sandbox.bet(bet(number))
    time.sleep(0.6)

    told = [read(text) for text in sandbox.vendor.store.texts]

    assert len({one.subjects[0] for one in told}) == 100
    assert 110 < len(told) < 200
    assert all(len(one.tickets) == 1 for one in told)
    results = {one.tickets[0].result.result for one in told}
    assert {TicketResult.WIN, TicketResult.LOSE} <= results


@pytest.mark.parametrize("words", [{"result_type": ResultType.PENDING}, {"ends": False}])
def test_a_bet_that_is_not_accepted_or_not_to_end_never_ends(
    sandbox: Sandbox, words: dict[str, Any]
) -> None:
    World(sandbox.vendor, pace=0.01, seed=1)
    sandbox.bet(Bet(bet_id="bet-1", player="plr-1", value=1, **words))
    time.sleep(0.1)

    assert sandbox.counts["messages_pushed"] == 0


def test_a_bet_s_result_follows_from_its_legs() -> None:
    assert result_of((Result.WIN, Result.LOSE)) is Result.LOSE
    assert result_of((Result.WIN, Result.REFUND)) is Result.WIN
    assert result_of((Result.REFUND, Result.REFUND)) is Result.REFUND
