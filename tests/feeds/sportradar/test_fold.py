"""Every rule of the fold, from a message's bytes to the player's balance."""

import itertools
from typing import Any

import pytest

from settlement.models import MarketFact, Review, SettlementEvent
from tests.factories import FundedPlayer
from tests.feeds.sportradar.uof import (
    NOON,
    TEN,
    asked,
    bring,
    cancel_rolled_back,
    cancelled,
    hear,
    lost,
    market,
    on,
    outcome,
    payout,
    rolled_back,
    settled,
    single,
    sound,
    won,
)
from tests.settlement.asked import bet
from tests.settlement.settling import read_rules_as

WIN, LOSE, REFUND = ("SETTLED", "WIN", "25.00"), ("SETTLED", "LOSE", "0.00"), (
    "SETTLED", "REFUND", "10.00")  # fmt: skip
OPEN = ("OPEN", "NONE", "0.00")
UNDECIDED = outcome("X", -1)


def stands(*bodies: bytes) -> tuple[str, str, str]:
    """Send messages and return how the ticket stands; the books must be true."""
    hear(*bodies)
    assert sound()
    return payout()


# Rule 1


def test_a_later_settlement_overrides_an_earlier_one(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(settled(market(won())), settled(market(lost()), at=1)) == LOSE
    assert player.balance == "90.00"


def test_an_older_settlement_that_comes_late_changes_nothing(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(settled(market(lost()), at=1), settled(market(won()))) == LOSE


def test_what_was_seen_live_never_overrides_what_is_confirmed(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(
        settled(market(won()), certainty=2), settled(market(lost()), at=1, certainty=1)
    ) == WIN  # fmt: skip


def test_a_missing_certainty_is_that_of_live(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(
        settled(market(won()), certainty=2), settled(market(lost()), at=1, certainty=None)
    ) == WIN  # fmt: skip


def test_a_confirmed_result_overrides_the_live_one(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(settled(market(won())), settled(market(lost()), at=1, certainty=2)) == LOSE


def test_two_confirmed_results_are_followed_and_asked_about(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(won()), certainty=2), settled(market(lost()), at=1, certainty=2))

    assert payout() == LOSE
    assert asked() == ["TWO_CONFIRMED"]


def test_a_confirmed_result_that_was_taken_back_does_not_contradict_the_next(
    player: FundedPlayer,
) -> None:
    bring(single(player))

    hear(
        settled(market(won()), certainty=2),
        rolled_back(market(), at=1),
        settled(market(lost()), at=2, certainty=2),
    )

    assert (payout(), asked()) == (LOSE, [])


def test_two_confirmed_results_above_the_limit_are_held(player: FundedPlayer) -> None:
    bring(single(player))
    read_rules_as(auto_resettle_limit={"EUR": "20.00"})

    hear(settled(market(won()), certainty=2), settled(market(lost()), at=1, certainty=2))

    assert payout() == WIN
    assert asked() == ["LIMIT", "TWO_CONFIRMED"]
    assert player.balance == "115.00"


def test_an_undecided_and_then_a_confirmed_result_are_not_two(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(UNDECIDED), certainty=2), settled(market(won()), at=1, certainty=2))

    assert (payout(), asked()) == (WIN, [])


def test_another_producer_overrides_across(player: FundedPlayer) -> None:
    """The live producer says that all lost; the one before the match then refunds."""
    bring(single(player))

    assert stands(
        settled(market(lost(), outcome("Y", 0)), product=1),
        settled(market(lost(void_factor="1"), outcome("Y", 0, void_factor="1"), void_reason=9),
                at=5000, product=3),
    ) == REFUND  # fmt: skip
    assert player.balance == "100.00"


# Rule 2


def test_a_later_undecided_opens_what_was_seen_live(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(settled(market(won())), settled(market(UNDECIDED), at=1)) == OPEN
    assert player.balance == "90.00"


def test_an_undecided_seen_live_leaves_what_is_confirmed(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(settled(market(won()), certainty=2), settled(market(UNDECIDED), at=1)) == WIN


def test_a_partial_settlement_settles_what_it_decides(player: FundedPlayer) -> None:
    bring(single(player, "X"), single(player, "Y", outcome="Y"))

    hear(settled(market(won(), outcome("Y", -1))))
    assert (payout("X"), payout("Y")) == (WIN, OPEN)
    hear(settled(market(won(), lost("Y")), at=1))

    assert (payout("X"), payout("Y")) == (WIN, LOSE)
    assert SettlementEvent.objects.count() == 2


# Rule 3


def test_a_rollback_takes_back_the_whole_market(player: FundedPlayer) -> None:
    bring(single(player, "X"), single(player, "Y", outcome="Y"))

    hear(settled(market(won(), lost("Y")), certainty=2), rolled_back(market(), at=1))

    assert (payout("X"), payout("Y")) == (OPEN, OPEN)
    assert player.balance == "80.00"
    assert sound()


def test_a_rollback_that_names_outcomes_takes_back_only_those(player: FundedPlayer) -> None:
    bring(single(player, "X"), single(player, "Y", outcome="Y"))

    hear(settled(market(won(), lost("Y"))), rolled_back(market(outcome("X")), at=1))

    assert (payout("X"), payout("Y")) == (OPEN, LOSE)


def test_a_rollback_whose_outcomes_have_no_ids_is_not_one_of_the_market(
    player: FundedPlayer,
) -> None:
    bring(single(player))

    assert stands(settled(market(won())), rolled_back(market("<outcome/>"), at=1)) == WIN
    assert asked() == ["MARKET_HELD"]


def test_a_rollback_of_another_producer_counts_too(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(settled(market(won()), product=1), rolled_back(market(), at=1, product=3)) == OPEN


def test_a_rollback_that_comes_first_waits_for_its_settlement(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(rolled_back(market(), at=1), settled(market(won()))) == OPEN
    assert not SettlementEvent.objects.exists()


def test_a_settlement_after_the_rollback_counts(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(
        settled(market(won()), certainty=2),
        rolled_back(market(), at=1),
        settled(market(lost()), at=2),
    ) == LOSE  # fmt: skip


def test_a_rollback_of_the_same_moment_reaches_its_settlement(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(rolled_back(market()), settled(market(won()))) == OPEN


# Rule 4


@pytest.mark.parametrize(
    ("what", "window", "accepted", "ends"),
    [
        ("a millisecond before its start", (0, 1000), -1, "OPEN"),
        ("at its start", (0, 1000), 0, "SETTLED"),
        ("at its end", (0, 1000), 1000, "SETTLED"),
        ("a millisecond after its end", (0, 1000), 1001, "OPEN"),
        ("only an end, at it", (None, 0), 0, "SETTLED"),
        ("only an end, after it", (None, 0), 1, "OPEN"),
        ("only a start, at it", (0, None), 0, "SETTLED"),
        ("only a start, before it", (0, None), -1, "OPEN"),
        ("no window", (None, None), 0, "SETTLED"),
        ("a window of one millisecond", (0, 0), 0, "SETTLED"),
    ],
)
def test_a_cancel_reaches_the_bets_of_its_window(
    player: FundedPlayer,
    what: str,
    window: tuple[int | None, int | None],
    accepted: int,
    ends: str,
) -> None:
    bring(single(player, accepted_at=moment(accepted)))

    hear(cancelled(market(void_reason=12), **window_words(window)))

    assert payout()[0] == ends
    assert player.balance == ("100.00" if ends == "SETTLED" else "90.00")


def test_a_second_window_stands_beside_the_first(player: FundedPlayer) -> None:
    bring(*[single(player, f"T-{at}", accepted_at=moment(at)) for at in (0, 10, 20)])

    hear(
        cancelled(market(), **window_words((0, 5))),
        cancelled(market(), at=1, **window_words((15, 25))),
    )

    assert [payout(f"T-{at}")[0] for at in (0, 10, 20)] == ["SETTLED", "OPEN", "SETTLED"]


def test_a_cancel_rollback_takes_back_the_equal_window_only(player: FundedPlayer) -> None:
    bring(*[single(player, f"T-{at}", accepted_at=moment(at)) for at in (0, 20)])
    hear(
        cancelled(market(), **window_words((0, 5))),
        cancelled(market(), at=1, **window_words((15, 25))),
    )

    hear(cancel_rolled_back(market(), at=2, **window_words((0, 5))))

    assert [payout(f"T-{at}") for at in (0, 20)] == [OPEN, REFUND]
    assert asked() == []


def test_a_cancel_rollback_without_times_takes_back_all_windows(player: FundedPlayer) -> None:
    bring(*[single(player, f"T-{at}", accepted_at=moment(at)) for at in (0, 20)])
    hear(
        cancelled(market(), **window_words((0, 5))),
        cancelled(market(), at=1, **window_words((15, 25))),
    )

    hear(cancel_rolled_back(market(), at=2))

    assert [payout(f"T-{at}") for at in (0, 20)] == [OPEN, OPEN]
    assert player.balance == "80.00"


def test_a_cancel_that_is_later_than_the_rollback_stands(player: FundedPlayer) -> None:
    bring(single(player))

    assert stands(cancelled(market()), cancel_rolled_back(market(), at=1),
                  cancelled(market(), at=2)) == REFUND  # fmt: skip


@pytest.mark.parametrize("window", [(None, None), (5, 6)])
def test_a_cancel_rollback_that_finds_no_cancel_is_asked_about(
    player: FundedPlayer, window: tuple[int | None, int | None]
) -> None:
    bring(single(player))
    if window != (None, None):
        hear(cancelled(market(), **window_words((0, 5))))

    hear(settled(market(won()), at=1), cancel_rolled_back(market(), at=2, **window_words(window)))

    assert payout() == WIN
    assert asked() == ["CANCEL_ROLLBACK_UNMATCHED"]


def test_the_review_closes_when_the_cancel_comes_late(player: FundedPlayer) -> None:
    bring(single(player))
    hear(cancel_rolled_back(market(), at=2))

    hear(cancelled(market(), at=1))

    assert (payout(), asked()) == (OPEN, [])


# Rule 5


def test_a_cancel_hits_a_settled_market_and_its_rollback_revives_the_result(
    player: FundedPlayer,
) -> None:
    bring(single(player))

    assert stands(settled(market(won())), cancelled(market(), at=1)) == REFUND
    assert player.balance == "100.00"
    assert stands(cancel_rolled_back(market(), at=2)) == WIN
    assert player.balance == "115.00"
    assert SettlementEvent.objects.count() == 3


def test_a_settlement_after_a_cancel_does_not_reach_the_bets_of_its_window(
    player: FundedPlayer,
) -> None:
    bring(single(player, "in", accepted_at=moment(0)), single(player, "out", accepted_at=moment(9)))

    hear(cancelled(market(), **window_words((0, 5))), settled(market(won()), at=100, certainty=2))

    assert (payout("in"), payout("out")) == (REFUND, WIN)


def test_a_void_leg_counts_as_one_in_an_accumulator(player: FundedPlayer) -> None:
    bring(bet(player, on(), on("sr:match:2", price="3.00"), bet_id="T-1", kind="accumulator",
              provider="sportradar"))  # fmt: skip

    hear(cancelled(market()), settled(market(won()), event_id="sr:match:2"))

    assert payout() == ("SETTLED", "MIXED", "30.00")


# Rule 6


def test_money_moves_only_by_the_difference(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(won())), settled(market(won(void_factor="0.5")), at=1))

    assert list(SettlementEvent.objects.order_by("id").values_list("difference", flat=True)) == [
        2500, -750,
    ]  # fmt: skip


def test_the_same_bytes_and_the_same_words_in_other_bytes_cost_nothing(
    player: FundedPlayer,
) -> None:
    bring(single(player))
    body = settled(market(won()))

    hear(body, body, settled(market(won()), product=3, request_id=7), body)

    assert payout() == WIN
    assert (SettlementEvent.objects.count(), MarketFact.objects.count()) == (1, 1)


def test_messages_of_all_kinds_come_to_the_same_in_any_order(player: FundedPlayer) -> None:
    bodies = [
        settled(market(won())),
        rolled_back(market(outcome("X")), at=1),
        settled(market(lost()), at=2, certainty=2),
        cancelled(market(), at=3, **window_words((TEN - NOON - 5, TEN - NOON + 5))),
        cancel_rolled_back(market(), at=4),
    ]
    for number, order in enumerate(itertools.permutations(range(len(bodies)))):
        if number % 10 == 0:
            event = f"sr:match:{number}"
            bring(single(player, f"T-{number}", event=event, stake="0.10"))
            hear(*[bodies[n].replace(b"sr:match:4711", event.encode()) for n in order])
            assert payout(f"T-{number}") == LOSE

    assert sound()
    assert not Review.objects.filter(closed_at__isnull=True).exists()


# Whoever comes late


def test_a_ticket_that_comes_after_its_messages_is_settled(player: FundedPlayer) -> None:
    hear(settled(market(won())), cancelled(market(ref="9"), at=1))

    bring(single(player))

    assert payout() == WIN
    assert sound()


def moment(milliseconds: int) -> str:
    """Return a point in time, so many milliseconds after noon."""
    seconds, part = divmod(milliseconds + 60_000, 1000)
    minute = ("11:59", "12:00", "12:01")[seconds // 60]
    return f"2026-11-20T{minute}:{seconds % 60:02}.{part:03}Z"


def window_words(window: tuple[int | None, int | None]) -> dict[str, Any]:
    """Return a window's attributes, its ends counted in milliseconds after noon."""
    start, end = [None if one is None else NOON + one for one in window]
    return {"start_time": start, "end_time": end}
