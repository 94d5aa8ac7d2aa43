"""A look-up's answer says how a bet ended in the words in which the feed says it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from feeds.odds88.translate import read, read_look_up
from settlement.said import TicketSaid, Unreadable, ticks_of
from settlement.vocabulary import TicketResult

ASKED_AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
V2: dict[str, Any] = {"betId": "P-1:R-1", "betSettlement": 1, "payoutMultiplier": 2.5}


def read_by(raw: bytes) -> TicketSaid | None:
    """Return what an answer about the bet says."""
    return read_look_up(raw, player="P-1", request="R-1", asked_at=ASKED_AT, currency="EUR")


def said(**fields: Any) -> TicketSaid:
    """Return what a settled bet with these fields says."""
    found = read_by(msgspec.json.encode(V2 | fields))
    assert found is not None
    return found


def leg(time: str | None, version: int = 1) -> dict[str, Any]:
    """Return a selection that was settled at a time."""
    settled = {"settlementResult": 1, "settlementTime": time, "settlementVersion": version}
    return {"selectionId": 31, "settlement": settled}


def at(second: int, ticks: int = 0) -> int:
    """Return a moment of 12:00 on the day before, in ticks."""
    return ticks_of(datetime(2026, 11, 20, 12, 0, second, tzinfo=UTC)) + ticks


def test_the_same_settlement_says_the_same_as_on_the_feed() -> None:
    common = {**V2, "payout": 25.0, "selections": [leg("2026-11-20T12:00:05.0000007Z", 3)]}
    on_feed = {
        **common,
        "settlementTime": "2026-11-20T12:00:05.0000007Z",
        "amount": {"currency": "EUR", "value": 1000, "precision": 2},
    }

    (heard,) = read(msgspec.json.encode(on_feed)).tickets
    asked = said(**common, amount=10)

    assert (asked.result, asked.ticks) == (heard.result, heard.ticks)
    assert (asked.bet_ref, asked.player, asked.request) == ("P-1:R-1", "P-1", "R-1")


def test_its_time_is_that_of_the_leg_settled_last() -> None:
    found = said(
        selections=[
            leg("2026-11-20T12:00:05.0000001Z"),
            leg("2026-11-20T12:00:05.0000002Z"),
            leg("2026-11-20T12:00:01Z", version=9),
            leg(None),
        ]
    )

    assert found.ticks == at(5, 2)


def test_the_parts_of_a_bet_builder_have_times_too() -> None:
    builder = {**leg(None), "betBuilderItems": [leg("2026-11-20T12:00:07Z")]}

    assert said(selections=[leg("2026-11-20T12:00:05Z"), builder]).ticks == at(7)


@pytest.mark.parametrize("selections", [None, [], [leg(None)], [leg("nonsense")]])
def test_without_a_time_it_is_as_old_as_the_question(selections: Any) -> None:
    assert said(selections=selections).ticks == ticks_of(ASKED_AT)


@pytest.mark.parametrize(
    ("amount", "stake", "precision"),
    [("10", 10, 0), ("10.0", 10, 0), ("10.50", 105, 1), ("0.001", 1, 3), ("1E+2", 100, 0)],
)
def test_a_plain_amount_is_exact_and_in_the_currency_of_look_ups(
    amount: str, stake: int, precision: int
) -> None:
    found = said(amount=msgspec.Raw(amount.encode()))

    assert (found.stake, found.precision, found.currency) == (stake, precision, "EUR")


def test_an_amount_in_the_shape_of_the_feed_is_read_as_well() -> None:
    found = said(amount={"currency": "sek", "value": 1000, "precision": 2})

    assert (found.stake, found.precision, found.currency) == (1000, 2, "SEK")


def test_without_an_amount_there_is_no_stake() -> None:
    assert (said().stake, said().currency) == (None, "")


def test_without_a_bet_id_it_is_about_what_was_asked_for() -> None:
    assert said(betId=None).bet_ref == "P-1:R-1"


@pytest.mark.parametrize("flag", ["isCancelled", "isRejected"])
def test_a_flag_is_an_ending_by_itself(flag: str) -> None:
    found = read_by(msgspec.json.encode({flag: True}))

    assert found is not None
    assert found.result.result == TicketResult.NONE
    assert found.result.flag == flag.removeprefix("is").upper()


def test_none_is_told_as_not_settled() -> None:
    assert said(betSettlement=0).result.result == TicketResult.NONE


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (8, "Odds88 names the result 8, which has no known meaning."),
        (-1, "Odds88 names the result -1, which has no known meaning."),
        (None, "Odds88 names no result, which has no known meaning."),
    ],
)
def test_a_result_without_a_meaning_is_refused(code: int | None, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        said(betSettlement=code)

    assert str(refused.value) == sentence


def test_nothing_said_is_nothing() -> None:
    assert read_by(b"") is None
