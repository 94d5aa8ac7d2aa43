"""What a message's result, void factor and dead-heat factor pay: every row, end to end."""

import pytest

from tests.factories import FundedPlayer
from tests.feeds.sportradar.uof import (
    asked,
    bring,
    hear,
    market,
    outcome,
    payout,
    settled,
    single,
    sound,
)


@pytest.mark.parametrize(
    ("what", "said", "result", "paid", "balance"),
    [
        ("lose the entire bet", {"result": "0"}, "LOSE", "0.00", "90.00"),
        ("win the entire bet", {"result": "1"}, "WIN", "25.00", "115.00"),
        ("refund the entire bet", {"result": "0", "void_factor": "1"}, "REFUND", "10.00", "100.00"),
        ("refund half and win the other half", {"result": "1", "void_factor": "0.5"},
         "HALF_WIN", "17.50", "107.50"),
        ("refund half and lose the other half", {"result": "0", "void_factor": "0.5"},
         "HALF_LOSE", "5.00", "95.00"),
        ("won and void is a refund", {"result": "1", "void_factor": "1.0"},
         "REFUND", "10.00", "100.00"),
        ("no void at all, written out", {"result": "1", "void_factor": "0.0"},
         "WIN", "25.00", "115.00"),
        ("a half with two places", {"result": "0", "void_factor": "0.50"},
         "HALF_LOSE", "5.00", "95.00"),
        ("a dead heat of two", {"result": "1", "dead_heat_factor": "0.5"},
         "MIXED", "12.50", "102.50"),
        ("a third that was rounded", {"result": "1", "dead_heat_factor": "0.33"},
         "MIXED", "8.33", "98.33"),
        ("no dead heat, written out", {"result": "1", "dead_heat_factor": "1.0"},
         "WIN", "25.00", "115.00"),
        ("a dead heat of a loser", {"result": "0", "dead_heat_factor": "0.5"},
         "LOSE", "0.00", "90.00"),
        ("void in a dead heat", {"result": "1", "void_factor": "1", "dead_heat_factor": "0.5"},
         "REFUND", "10.00", "100.00"),
    ],
)  # fmt: skip
def test_a_single_of_ten_at_two_and_a_half(
    player: FundedPlayer, what: str, said: dict[str, str], result: str, paid: str, balance: str
) -> None:
    bring(single(player))

    hear(settled(market(outcome("X", **said))))

    assert payout() == ("SETTLED", result, paid)
    assert player.balance == balance
    assert asked() == []
    assert sound()
