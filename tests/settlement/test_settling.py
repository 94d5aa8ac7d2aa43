"""Tickets are brought to where their facts say, by the difference and no more."""

import json
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from backoffice import truths
from settlement import reading, services
from settlement.book import Book, StoredTicket
from settlement.models import DueTicket, Market, Review, Selection, SettlementEvent
from settlement.recording import ForMarket, look_for_tickets, record_market_facts
from settlement.rules.ruleset import DEFAULT, settings_of
from settlement.vocabulary import ReviewKind
from tests import databases
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet, legs, selection
from tests.settlement.settling import LOST, VOID, WON, said, state, tell

DAY = 24 * 3600 * 10_000_000


def sound() -> bool:
    """Whether every truth holds."""
    return not [finding for finding in truths.check() if finding.rows]


def play_by(player: FundedPlayer, **settings: object) -> None:
    """Let all tickets settle by these rules, as if they had been in force for ever."""
    reading.RULES_READ.clear()
    rules = json.dumps(settings_of(DEFAULT) | settings)
    databases.as_owner(
        "ALTER TABLE settlement_ruleset DISABLE TRIGGER USER",
        f"UPDATE settlement_ruleset SET settings = '{rules}'",
    )


@pytest.fixture(autouse=True)
def rules_are_read_anew() -> Iterator[None]:
    """What this file puts in a rule set's place is nobody else's."""
    yield
    reading.RULES_READ.clear()


def test_a_single_is_paid(player: FundedPlayer) -> None:
    accepted(bet(player))

    done = tell(said(outcomes={"X": WON}))

    assert (done.tickets, done.moved) == (1, 1)
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert player.balance == "115.00"
    assert Selection.objects.values_list("win_factor", "void_factor", "result").get() == (
        "1", "0", "WIN",
    )  # fmt: skip


def test_live_and_confirmed_results_move_money_once_each_way(player: FundedPlayer) -> None:
    accepted(bet(player))

    tell(said(outcomes={"X": WON}))
    tell(said(ticks=2000, outcomes={"X": LOST}, certainty=2))
    tell(said(ticks=3000, outcomes={"X": WON}))

    assert state() == ("SETTLED", "LOSE", 0, 2)
    assert list(SettlementEvent.objects.order_by("id").values_list("kind", "difference")) == [
        ("SETTLE", 2500),
        ("RESETTLE", -2500),
    ]
    assert player.balance == "90.00"


def test_what_is_said_twice_makes_nothing_due(player: FundedPlayer) -> None:
    accepted(bet(player))
    tell(said(outcomes={"X": WON}))

    market = Market.objects.get()
    record_market_facts([ForMarket(market.pk, said(outcomes={"X": WON}), None)])

    assert look_for_tickets() is None
    assert not DueTicket.objects.exists()


def test_a_lost_accumulator_keeps_its_later_legs(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), kind="double"))
    tell(said(outcomes={"X": LOST}))
    assert state() == ("SETTLED", "LOSE", 0, 1)

    tell(said(outcomes={"X": WON}, event="E-2"))
    tell(said(ticks=5000, outcomes={"X": WON}))

    assert state() == ("SETTLED", "WIN", 6250, 2)
    assert [one.result for one in Selection.objects.order_by("position")] == ["WIN", "WIN"]


def test_one_void_leg_leaves_the_others_to_count(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), kind="double"))

    tell(said(outcomes={"X": VOID}), said(outcomes={"X": WON}, event="E-2"))

    assert state() == ("SETTLED", "MIXED", 2500, 1)


def test_a_free_bet_pays_its_profit_to_a_player_who_holds_nothing(player: FundedPlayer) -> None:
    newcomer = FundedPlayer.create()
    accepted(bet(newcomer, free_bet_ref="F-1", currency="USD"))

    tell(said(outcomes={"X": WON}))

    assert state() == ("SETTLED", "WIN", 1500, 1)
    assert newcomer.player.accounts.get(currency="USD").balance == 1500
    assert sound()


def test_a_blocked_player_gets_what_he_won(player: FundedPlayer) -> None:
    accepted(bet(player))
    player.player.status = "BLOCKED"
    player.player.save()

    tell(said(outcomes={"X": WON}))

    assert player.balance == "115.00"


def test_a_cancel_reaches_the_bets_of_its_window_and_rolls_back(player: FundedPlayer) -> None:
    accepted(
        bet(player, bet_id="early", placed_at="2026-11-20T10:00:00Z"),
        bet(player, bet_id="late", placed_at="2026-11-20T10:00:00.001Z"),
    )
    tell(said(outcomes={"X": LOST}))
    start = 1_795_168_800_001  # 2026-11-20T10:00:00.001Z

    tell(said("CANCEL", 2000, start=start))
    assert (state("early")[1], state("late")[1]) == ("LOSE", "REFUND")

    tell(said("CANCEL_ROLLBACK", 3000, start=start))
    assert (state("early")[1], state("late")[1]) == ("LOSE", "LOSE")
    assert sound()


def test_an_unmatched_cancel_rollback_asks_until_its_cancel_comes(player: FundedPlayer) -> None:
    accepted(bet(player))
    tell(said("CANCEL_ROLLBACK", 3000, start=5))
    assert Review.objects.get().closed_at is None

    tell(said("CANCEL", 2000, start=5))

    assert Review.objects.get().end == "BY_ITSELF"
    assert state() == ("OPEN", "NONE", 0, 0)


@pytest.mark.parametrize(
    ("what", "settings", "ticks", "kind"),
    [
        ("more than the limit", {"auto_resettle_limit": {"EUR": "10"}}, 2000, "LIMIT"),
        ("later than thirty days", {}, 1000 + 30 * DAY + DAY, "LATE_CORRECTION"),
        ("below zero", {"negative_balance": "hold"}, 2000, "NEGATIVE_HELD"),
    ],
)
def test_a_correction_is_held(
    own_database: str, what: str, settings: dict[str, object], ticks: int, kind: str
) -> None:
    play_by(player := FundedPlayer.create("10.00"), **settings)
    accepted(bet(player))
    tell(said(outcomes={"X": WON}))
    player.post("-20.00", kind="WITHDRAWAL", reason="CUSTOMER_PAYMENT")

    tell(said(ticks=ticks, outcomes={"X": LOST}))

    review = Review.objects.get()
    assert (review.kind, review.amount, review.closed_at) == (kind, -2500, None)
    assert json.loads(review.wanted)["result"] == "LOSE"
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert sound()


def test_a_held_correction_closes_when_the_provider_thinks_again(own_database: str) -> None:
    play_by(player := FundedPlayer.create("100.00"), auto_resettle_limit={"EUR": "10"})
    accepted(bet(player))
    tell(said(outcomes={"X": WON}))
    tell(said(ticks=2000, outcomes={"X": LOST}))

    tell(said(ticks=3000, outcomes={"X": WON}))

    assert Review.objects.get().end == "BY_ITSELF"
    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_two_held_corrections_of_one_player_are_counted_together(own_database: str) -> None:
    """Either alone leaves him above zero; both do not."""
    play_by(player := FundedPlayer.create("40.00"), negative_balance="hold")
    accepted(bet(player, bet_id="A"), bet(player, bet_id="B"))
    tell(said(outcomes={"X": WON}))
    player.post("-40.00", kind="WITHDRAWAL", reason="CUSTOMER_PAYMENT")

    tell(said(ticks=2000, outcomes={"X": LOST}))

    assert (state("A")[1], state("B")[1]) == ("LOSE", "WIN")
    assert Review.objects.get().ticket.bet_id == "B"  # type: ignore[union-attr]
    assert player.balance == "5.00"


def test_a_correction_that_leaves_a_player_below_zero_is_applied_and_listed(
    player: FundedPlayer,
) -> None:
    accepted(bet(player))
    tell(said(outcomes={"X": WON}))
    player.post("-115.00", kind="WITHDRAWAL", reason="CUSTOMER_PAYMENT")

    tell(said(ticks=2000, outcomes={"X": LOST}))

    review = Review.objects.get()
    assert (review.kind, review.amount) == (ReviewKind.NEGATIVE_BALANCE, -2500)
    assert player.balance == "-25.00"
    assert sound()


def test_a_ticket_that_our_program_fails_on_stops_no_other(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="good"), bet(player, bet_id="bad"))
    fold = Book.wanted

    def failing(book: Book, ticket: StoredTicket) -> object:
        if ticket.bet_id == "bad":
            raise RuntimeError
        return fold(book, ticket)

    with patch.object(Book, "wanted", failing):
        tell(said(outcomes={"X": WON}))

    assert state("good") == ("SETTLED", "WIN", 2500, 1)
    assert state("bad") == ("OPEN", "NONE", 0, 0)
    assert Review.objects.get().kind == "CANNOT_SETTLE"


def test_a_ticket_that_the_database_refuses_stops_no_other(own_database: str) -> None:
    """Ten billion billions of cents are more than any account can hold."""
    player, rich = FundedPlayer.create("100.00"), FundedPlayer.create("90000000000000000.00")
    accepted(bet(player, bet_id="good"), bet(rich, bet_id="bad", stake="80000000000000000.00"))

    tell(said(outcomes={"X": WON}))

    assert state("good") == ("SETTLED", "WIN", 2500, 1)
    assert state("bad")[0] == "OPEN"
    assert Review.objects.get().kind == "CANNOT_SETTLE"
    assert not DueTicket.objects.exists()
    assert not [f for f in truths.check() if f.rows and f.truth != 4]


def test_a_bet_builder_with_half_a_result_asks_a_person(player: FundedPlayer) -> None:
    half = ("1/2", "1/2")
    parts = [selection(outcome=one, group="A", price="4.50") for one in "XY"]
    accepted(bet(player, *parts))

    tell(said(outcomes={"X": WON, "Y": half}))

    review = Review.objects.get()
    assert (review.kind, review.sentence) == (
        "CANNOT_SETTLE",
        "A bet builder with a half result or a dead heat is settled by hand.",
    )
    assert state() == ("OPEN", "NONE", 0, 0)


def test_each_way_from_a_win_only_feed_waits_for_the_place_part(player: FundedPlayer) -> None:
    accepted(bet(player, selection(place_fraction="1/5"), each_way=True, stake="20.00"))

    tell(said(outcomes={"X": LOST}))

    assert Review.objects.get().kind == "PLACE_PART"
    assert state() == ("OPEN", "NONE", 0, 0)


def test_a_chunk_fits_into_half_a_second() -> None:
    assert services.next_size(1000, 0.1) == 2000
    assert services.next_size(1000, 1.0) == 400
    assert services.next_size(4000, 0.5) == 3200
    assert services.next_size(60, 5.0) == 50


def test_a_result_that_is_taken_back_first_is_a_correction_all_the_same(own_database: str) -> None:
    play_by(player := FundedPlayer.create("100.00"), auto_resettle_limit={"EUR": "10"})
    accepted(bet(player))
    tell(said(outcomes={"X": LOST}))

    tell(said("ROLLBACK", 2000))
    tell(said(ticks=3000, outcomes={"X": WON}))

    assert Review.objects.get().kind == "LIMIT"
    assert state() == ("OPEN", "NONE", 0, 2)


def test_a_result_that_comes_back_after_long_waits(own_database: str) -> None:
    accepted(bet(FundedPlayer.create("100.00")))
    tell(said(outcomes={"X": LOST}))

    tell(said("ROLLBACK", 2000))
    tell(said(ticks=90 * DAY, outcomes={"X": WON}))

    assert Review.objects.get().kind == "LATE_CORRECTION"
    assert state() == ("OPEN", "NONE", 0, 2)


def test_the_same_result_after_a_rollback_does_not_wait(own_database: str) -> None:
    play_by(player := FundedPlayer.create("100.00"), auto_resettle_limit={"EUR": "30"})
    accepted(bet(player))
    tell(said(outcomes={"X": WON}))

    tell(said("ROLLBACK", 2000))
    tell(said(ticks=3000, outcomes={"X": WON}))

    assert not Review.objects.exists()
    assert state() == ("SETTLED", "WIN", 2500, 3)
