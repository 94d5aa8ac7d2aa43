"""What a person does beside a state that waits in a review, and what waits after an act."""

import json
from collections.abc import Iterator

import pytest

from feeds import inbox
from settlement import reading, services
from settlement.acts.services import NothingToDo
from settlement.acts.tokens import StalePreview
from settlement.models import Market, Review
from settlement.recording import ForMarket, look_for_tickets, record_market_facts
from tests.factories import FundedPlayer
from tests.feeds.test_interleavings import assert_sound
from tests.feeds.words import odds88
from tests.settlement.acting import confirmed, done, no_limits, previewed
from tests.settlement.asked import accepted, bet, selection
from tests.settlement.settling import (
    LOST,
    VOID,
    WON,
    read_rules_as,
    receive_and_process,
    said,
    state,
    tell,
)
from wallet.vocabulary import TransferKind

MONTH = 31 * 24 * 3600 * 10_000_000
TODAY = 17_951_760_000_000_000
MARKET = {"provider": "manual", "event": "E-1", "market": "1"}


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> Iterator[None]:
    no_limits()
    yield
    reading.RULES_READ.clear()


def hold_back(player: FundedPlayer) -> None:
    """Bring in a ticket of Odds88 whose payout does not fit: it waits for a person."""
    accepted(bet(player, bet_id="O-1", provider="odds88"))
    body = json.loads(odds88("O-1", "won"))
    body["payout"] = 99.99
    receive_and_process(json.dumps(body).encode())
    inbox.drain()
    assert open_reviews() == ["PAYOUT_MISMATCH"]
    assert state() == ("OPEN", "NONE", 0, 0)


def open_reviews() -> list[str]:
    """Return what people are asked about."""
    return list(Review.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_a_cash_out_while_a_result_is_held_is_refused(player: FundedPlayer) -> None:
    hold_back(player)

    with pytest.raises(NothingToDo, match=r"^O-1: A result waits in a review: decide that first"):
        done("cash_out", "O-1", each={"stake": "4.00", "amount": "5.00"})

    assert state() == ("OPEN", "NONE", 0, 0)
    assert player.balance == "90.00"
    assert open_reviews() == ["PAYOUT_MISMATCH"]


@pytest.mark.parametrize(
    ("act", "each", "then"),
    [
        ("void", {}, ("SETTLED", "REFUND", 1000, 1)),
        ("cancel", {}, ("CANCELLED", "NONE", 1000, 1)),
        ("reject", {}, ("REJECTED", "NONE", 1000, 1)),
        ("settle", {"result": "win"}, ("SETTLED", "WIN", 2500, 1)),
        ("settle", {"legs": [{"position": 1, "result": "lose"}]}, ("SETTLED", "LOSE", 0, 1)),
    ],
)  # fmt: skip
def test_an_act_on_a_held_ticket_is_undone_and_the_result_waits_on(
    player: FundedPlayer, act: str, each: dict[str, object], then: tuple[str, str, int, int]
) -> None:
    hold_back(player)

    batch = done(act, "O-1", each=each)
    assert state() == then
    done("undo", undoes=batch.pk)

    assert state() == ("OPEN", "NONE", 0, 2)
    assert player.balance == "90.00"
    assert open_reviews() == ["PAYOUT_MISMATCH"]
    assert_sound()


def test_a_late_correction_is_held_though_a_starting_price_was_set_by_hand(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, selection(price=None), bet_id="T-1"))
    done("settle", "T-1", each={"legs": [{"position": 1, "starting_price": "2.5"}]})
    tell(said(outcomes={"X": WON}))
    assert state()[:3] == ("SETTLED", "WIN", 2500)

    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}))

    assert state()[:3] == ("SETTLED", "WIN", 2500)
    assert open_reviews() == ["LATE_CORRECTION"]


def test_a_late_correction_is_held_though_rule_4_was_set_by_hand(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    done("resettle", "T-1", each={"legs": [{"position": 1, "rule4": "10"}]})

    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}))

    assert state()[:3] == ("SETTLED", "WIN", 2350)
    assert open_reviews() == ["LATE_CORRECTION"]


def test_rule_4_by_hand_is_nothing_that_a_provider_contradicts(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"legs": [{"position": 1, "rule4": "10"}]})

    tell(said(outcomes={"X": WON}))

    assert state()[:3] == ("SETTLED", "WIN", 2350)
    assert open_reviews() == []


@pytest.mark.parametrize(
    "settings", [{"auto_resettle_limit": {"EUR": "1"}}, {"negative_balance": "hold"}]
)
def test_acts_and_their_undoing_are_not_held(
    player: FundedPlayer, settings: dict[str, object]
) -> None:
    read_rules_as(**settings)
    accepted(bet(player, bet_id="T-1", stake="60.00"), bet(player, bet_id="T-2", stake="40.00"))
    won = done("market_settle", market=MARKET | {"outcomes": {"X": {"result": "win"}}})
    assert state("T-1")[:3] == ("SETTLED", "WIN", 15000)
    player.post("-250.00", kind=TransferKind.WITHDRAWAL)

    done("undo", undoes=won.pk)

    assert [state("T-1"), state("T-2")] == [("OPEN", "NONE", 0, 2)] * 2
    assert player.balance == "-250.00"
    tell(said(outcomes={"X": WON}))
    assert state("T-1") == ("SETTLED", "WIN", 15000, 3)
    assert open_reviews() == []
    assert_sound()


@pytest.mark.parametrize("way", ["undo", "release", "cash-out", "market"])
def test_a_first_result_after_an_act_was_taken_back_is_no_late_correction(
    player: FundedPlayer, way: str
) -> None:
    accepted(bet(player, bet_id="T-1"))
    if way == "market":
        batch = done("market_void", market=MARKET)
    elif way == "cash-out":
        batch = done("cash_out", "T-1", each={"amount": "5.00"})
    else:
        batch = done("void", "T-1")
    if way == "release":
        done("release", "T-1")
    else:
        done("undo", undoes=batch.pk)
    assert state() == ("OPEN", "NONE", 0, 2)

    tell(said(ticks=TODAY, outcomes={"X": WON}))

    assert state() == ("SETTLED", "WIN", 2500, 3)
    assert open_reviews() == []


def test_a_review_is_not_accepted_when_its_provider_spoke_again(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}))
    shown = previewed("accept", reviews=[Review.objects.get().pk])
    void = said(ticks=MONTH + 3000, outcomes={"X": VOID})
    record_market_facts([ForMarket(Market.objects.get().pk, void, None)])

    with pytest.raises(StalePreview, match="Sportradar has spoken of T-1"):
        confirmed(shown)

    look_for_tickets()
    services.drain()
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert list(Review.objects.values_list("end", "amount")) == [("", -1500)]
    assert_sound()
