"""A settled bet says the same in our words: its result, its money as sent, its legs, its time."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
import pytest

from feeds.odds88.messages import SettledBet
from feeds.odds88.translate import read, ticks_from, told
from settlement.said import (
    Ended,
    LegSaid,
    ResultSaid,
    ReviewSaid,
    TicketSaid,
    Told,
    Unreadable,
    encoded,
)
from settlement.vocabulary import ReviewKind, Source, TicketResult
from tests.feeds.odds88 import recorded_feed, sample

BET = {"betId": "b-1", "betSettlement": 1, "settlementTime": "2026-05-02T15:51:07Z"}
PLAYER = "plr-7d1c0e52b94f4a63"
WON, LOST, VOID = ("1", "0"), ("0", "0"), ("0", "1")
HALF_WON, HALF_LOST = ("1/2", "1/2"), ("0", "1/2")


def written(**fields: object) -> bytes:
    """A settled bet with these fields."""
    return msgspec.json.encode({**BET, **fields})


def number(text: str) -> msgspec.Raw:
    """A JSON number exactly as it is written."""
    return msgspec.Raw(text.encode())


def said(**fields: object) -> TicketSaid:
    """What a settled bet with these fields says of its ticket."""
    (ticket,) = read(written(**fields)).tickets
    return ticket


def leg(result: object = 1, **fields: object) -> LegSaid:
    """What a selection with this result says."""
    (only,) = said(selections=[{"settlement": {"settlementResult": result}, **fields}]).result.legs
    return only


def sampled(name: str) -> TicketSaid:
    """What a recorded message says of its ticket."""
    (ticket,) = read(sample(name)).tickets
    return ticket


def test_a_settled_bet_is_told_in_our_words() -> None:
    whole = read(sample("won_single"))

    assert whole == Told(
        subjects=("plr-7d1c0e52b94f4a63:bet-0001", "bet-0001"),
        tickets=(
            TicketSaid(
                source=Source.ODDS88,
                bet_ref="plr-7d1c0e52b94f4a63:bet-0001",
                player="plr-7d1c0e52b94f4a63",
                request="bet-0001",
                currency="SEK",
                stake=1000,
                precision=2,
                ticks=17_777_370_671_234_567,
                result=ResultSaid(
                    result=TicketResult.WIN,
                    multiplier="2.5",
                    payout="25",
                    rate="0.08756567425569176882661996497",
                    partial_refund="0",
                    legs=(
                        LegSaid(
                            ref="880017",
                            win=("1", "0"),
                            event="41001",
                            market="730055",
                            version=1,
                            ticks=17_777_370_669_876_543,
                        ),
                    ),
                ),
            ),
        ),
    )


def test_a_bare_bet_says_what_it_says_in_an_envelope() -> None:
    bare = sample("lost_single_bare")

    assert read(b'{"pingId":null,"data":' + bare + b"}") == read(bare)
    assert read(bare).tickets[0].result.result == TicketResult.LOSE


def test_a_ping_says_nothing() -> None:
    assert read(sample("ping")) == Told(ignored="ping")


def test_a_bet_of_which_nothing_but_its_result_is_told_has_no_stake_and_no_money() -> None:
    assert said() == TicketSaid(
        source=Source.ODDS88,
        bet_ref="b-1",
        player="",
        request="",
        currency="",
        stake=None,
        precision=0,
        ticks=17_777_370_670_000_000,
        result=ResultSaid(result=TicketResult.WIN),
    )


# Traps, in the order of odds88-facts.md §3. The 15th, reject reasons, is not in this feed.


@pytest.mark.parametrize("factor", ["0", "0.0", "-0.0", "null", "1", "1.0", "2"])
def test_trap_1_a_dead_heat_factor_of_0_or_null_is_no_dead_heat(factor: str) -> None:
    ended = leg(eachWayPrice={}, deadHeatFactor=number(factor), placeDeadHeatFactor=number(factor))

    assert (ended.win, ended.place) == (WON, WON)


def test_trap_2_a_won_ticket_that_returns_less_than_its_stake_keeps_its_payout() -> None:
    ticket = sampled("each_way_double_below_stake")

    assert ticket.result.result == TicketResult.WIN
    assert ticket.result.payout == "14.3"
    assert (ticket.stake, ticket.precision) == (200000, 4)
    assert [(leg.win, leg.place) for leg in ticket.result.legs] == [(LOST, WON), (LOST, WON)]


def test_trap_3_an_each_way_stake_is_told_as_it_came_doubled() -> None:
    ticket = sampled("each_way_dead_heat")

    assert (ticket.stake, ticket.precision, ticket.currency) == (200000, 4, "EUR")
    assert (ticket.result.multiplier, ticket.result.payout) == ("2.25", "45")


@pytest.mark.parametrize(
    ("how", "bet_id", "player", "after", "subjects"),
    [
        ("bare request", "bet-1", "", "", ("bet-1",)),
        ("player and request", "p#_-1:bet-1", "p#_-1", "bet-1", ("p#_-1:bet-1", "bet-1")),
        ("two colons", "p:bet:1", "p", "bet:1", ("p:bet:1", "bet:1")),
        ("nothing before it", ":bet-1", "", "bet-1", (":bet-1", "bet-1")),
        ("nothing after it", "p:", "p", "", ("p:",)),
        ("blanks around", " p:bet-1 ", " p", "bet-1 ", (" p:bet-1 ", "bet-1 ")),
        ("a number", 17, "", "", ("17",)),
    ],
)
def test_trap_4_a_bet_id_is_split_at_its_first_colon(
    how: str, bet_id: object, player: str, after: str, subjects: tuple[str, ...]
) -> None:
    whole = read(written(betId=bet_id))

    (ticket,) = whole.tickets
    assert (ticket.bet_ref, ticket.player, ticket.request) == (str(bet_id), player, after)
    assert whole.subjects == ticket.subjects == subjects


def test_trap_5_times_100_nanoseconds_apart_differ() -> None:
    first = said(settlementTime="2026-05-02T15:51:07.1234567Z")
    second = said(settlementTime="2026-05-02T15:51:07.1234568Z")

    assert (first.ticks, second.ticks) == (17_777_370_671_234_567, 17_777_370_671_234_568)


@pytest.mark.parametrize(
    "rate",
    [
        "0.08756567425569176882661996497",
        "1.2345678901234567890123456789",
        "12345678901234567890123456789",
        "0.1",
    ],
)
def test_trap_6_an_exchange_rate_keeps_every_digit(rate: str) -> None:
    ticket = said(amount={"settlementExchangeRate": number(rate)})

    assert ticket.result.rate == rate


def test_trap_7_a_time_without_a_zone_is_in_utc() -> None:
    assert ticks_from("2026-05-02T15:51:07.5") == ticks_from("2026-05-02T15:51:07.5Z")


@pytest.mark.parametrize(
    ("code", "result", "win"),
    [
        (0, TicketResult.NONE, None),
        (1, TicketResult.WIN, WON),
        (2, TicketResult.LOSE, LOST),
        (3, TicketResult.REFUND, VOID),
        (4, TicketResult.HALF_WIN, HALF_WON),
        (5, TicketResult.HALF_LOSE, HALF_LOST),
        (6, TicketResult.CASH_OUT, None),
        (7, TicketResult.PLACE_WIN, LOST),
    ],
)
def test_trap_8_results_are_those_of_the_ticket_feed_not_of_the_delta_feed(
    code: int, result: TicketResult, win: Ended
) -> None:
    ticket = said(betSettlement=code, selections=[{"settlement": {"settlementResult": code}}])

    assert ticket.result.result == result
    assert [leg.win for leg in ticket.result.legs] == [win]


def test_trap_9_a_selection_is_told_by_its_ids_whatever_it_is_called() -> None:
    ids = {"selectionId": 880017, "event": {"id": 1}, "market": {"id": 2}}
    named = {**ids, "event": {"id": 1, "name": "A – B"}, "market": {"id": 2, "name": "Winner"}}

    assert leg(**ids) == leg(**named) == LegSaid(ref="880017", win=WON, event="1", market="2")


def test_trap_10_payout_multiplier_rate_and_partial_refund_are_told_side_by_side() -> None:
    result = sampled("tote_exotics").result

    assert (result.multiplier, result.payout) == ("6.4", "64")
    assert (result.rate, result.partial_refund) == ("1", "2.5")


def test_trap_11_none_takes_a_settlement_back() -> None:
    result = sampled("taken_back").result

    assert result.result == TicketResult.NONE
    assert [(leg.win, leg.version) for leg in result.legs] == [(None, 2)]


def test_trap_12_a_cash_out_is_a_result_with_the_amount_that_was_paid() -> None:
    result = sampled("cash_out").result

    assert (result.result, result.payout) == (TicketResult.CASH_OUT, "7.35")
    assert [leg.win for leg in result.legs] == [None]


@pytest.mark.parametrize(
    ("spelled", "same"),
    [("2.50", "2.5"), ("2.5E0", "2.5"), ("25E-1", "2.5"), ("1E+2", "100"), ("-0.0", "0"),
     ("0E-7", "0"), ("10", "10.00"), ("0.0000001", "1E-7"), ('"2.5"', "2.5")],
)  # fmt: skip
def test_trap_13_the_same_content_is_the_same_text_however_its_numbers_are_written(
    spelled: str, same: str
) -> None:
    first, second = (
        said(payout=number(n), payoutMultiplier=number(n), partialRefund=number(n))
        for n in (spelled, same)
    )

    assert encoded(first) == encoded(second)


@pytest.mark.parametrize(
    "change",
    [
        {"payout": number("2.51")},
        {"betSettlement": 2},
        {"isCancelled": True},
        {"partialRefund": number("0")},
        {"selections": [{"settlement": {"settlementVersion": 1}}]},
    ],
)
def test_trap_13_another_content_of_the_same_time_is_another_text(
    change: Mapping[str, object],
) -> None:
    first, second = said(payout=number("2.5")), said(**{"payout": number("2.5"), **change})

    assert first.ticks == second.ticks
    assert encoded(first.result) != encoded(second.result)


@pytest.mark.parametrize(
    ("cancelled", "rejected", "flag"),
    [
        (False, False, ""),
        (None, None, ""),
        (True, False, "CANCELLED"),
        (False, True, "REJECTED"),
        (True, True, "REJECTED"),
    ],
)
def test_trap_14_a_cancelled_or_rejected_bet_is_flagged_with_its_result(
    cancelled: bool | None, rejected: bool | None, flag: str
) -> None:
    result = said(betSettlement=3, isCancelled=cancelled, isRejected=rejected).result

    assert (result.result, result.flag) == (TicketResult.REFUND, flag)


def test_trap_16_odd_market_properties_are_passed_over() -> None:
    result = sampled("tote_exotics").result

    assert result.legs == (
        LegSaid(ref="-1", win=WON, event="52005", market="740005", version=1,
                ticks=17_777_451_000_000_000),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "result", "win", "place"),
    [
        ("win", 1, WON, WON),
        ("lose", 2, LOST, LOST),
        ("refund", 3, VOID, VOID),
        ("place win", 7, LOST, WON),
        ("half win", 4, HALF_WON, None),
        ("half lose", 5, HALF_LOST, None),
        ("none", 0, None, None),
        ("cash-out", 6, None, None),
        ("unknown", 9, None, None),
        ("missing", None, None, None),
    ],
)
def test_an_each_way_leg_has_a_place_part(
    ends: str, result: object, win: Ended, place: Ended
) -> None:
    by_price = leg(result, eachWayPrice={"win": None, "place": None})
    by_type = leg(result, type=7)

    assert (by_price.win, by_price.place) == (win, place)
    assert by_type == by_price


@pytest.mark.parametrize(("result", "place"), [(1, None), (2, None), (3, None), (7, WON)])
def test_another_leg_has_a_place_part_only_when_its_place_won(result: int, place: Ended) -> None:
    assert leg(result, type=1, eachWayPrice=None).place == place


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("0.5", "1/2"),
        ("0.50", "1/2"),
        ("5E-1", "1/2"),
        ("0.33", "1/3"),
        ("0.330", "1/3"),
        ("0.3333333333333333", "1/3"),
        ("0.6666666666666666666666666667", "2/3"),
        ("0.67", "2/3"),
        ("0.75", "3/4"),
        ("0.123", "0.123"),
        ("0.1234567890123456789012345", "0.12345678901234567890"),
    ],
)
def test_a_dead_heat_is_told_as_the_ratio_that_was_meant(given: str, meant: str) -> None:
    ended = leg(eachWayPrice={}, deadHeatFactor=number(given), placeDeadHeatFactor=number(given))

    assert (ended.win, ended.place) == ((meant, "0"), (meant, "0"))


@pytest.mark.parametrize(
    ("ends", "result", "win", "place"),
    [
        ("win", 1, ("1/2", "0"), ("1/3", "0")),
        ("place win", 7, LOST, ("1/3", "0")),
        ("lose", 2, LOST, LOST),
        ("refund", 3, VOID, VOID),
        ("half win", 4, HALF_WON, None),
    ],
)
def test_a_dead_heat_reduces_only_what_won(
    ends: str, result: int, win: Ended, place: Ended
) -> None:
    ended = leg(
        result,
        eachWayPrice={},
        deadHeatFactor=number("0.5"),
        placeDeadHeatFactor=number("0.33"),
    )

    assert (ended.win, ended.place) == (win, place)


def test_a_bet_builder_is_told_by_its_items() -> None:
    ticket = sampled("bet_builder")

    assert ticket.result.legs == (
        LegSaid(ref="880061", win=WON, event="41014", market="730111", version=1,
                ticks=17_777_552_981_000_000),
        LegSaid(ref="880062", win=VOID, event="41014", market="730112", version=2),
        LegSaid(ref="880063", win=HALF_WON, event="41014", market="730113",
                ticks=17_777_552_990_000_000),
    )  # fmt: skip


def test_a_bet_builder_without_items_is_told_as_one_leg() -> None:
    assert leg(selectionId=-2, type=5, betBuilderItems=[]) == LegSaid(ref="-2", win=WON)


def test_legs_stay_in_their_order() -> None:
    legs = [{"selectionId": 9}, {"betBuilderItems": [{"selectionId": 8}, {"selectionId": 7}]}, {}]

    assert [leg.ref for leg in said(selections=legs).result.legs] == ["9", "8", "7", ""]


@pytest.mark.parametrize("time", [None, "", "soon", "0001-01-01T00:00:00", "2026-02-30T00:00:00Z"])
def test_a_leg_without_a_usable_time_has_time_0(time: str | None) -> None:
    settlement = {"settlementResult": 1, "settlementTime": time}

    (only,) = said(selections=[{"settlement": settlement}]).result.legs

    assert only == LegSaid(ref="", win=WON, ticks=0)


@pytest.mark.parametrize(
    ("bet_id", "code", "sentence", "subjects"),
    [
        ("b-1", 9, "Odds88 sent the result 9, which has no known meaning.", ("b-1",)),
        ("p:b", -1, "Odds88 sent the result -1, which has no known meaning.", ("p:b", "b")),
        (
            "b-1",
            None,
            "Odds88 does not say how this bet ended: betSettlement is missing.",
            ("b-1",),
        ),
    ],
)
def test_an_unknown_result_is_a_question_for_a_person(
    bet_id: str, code: int | None, sentence: str, subjects: tuple[str, ...]
) -> None:
    review = ReviewSaid(ReviewKind.UNKNOWN_RESULT, sentence, bet_id)

    assert read(written(betId=bet_id, betSettlement=code)) == Told(subjects, reviews=(review,))


def test_a_bet_that_says_nothing_but_its_id_is_a_question_too() -> None:
    (review,) = read(b'{"betId":"b-1"}').reviews

    assert (review.kind, review.subject) == (ReviewKind.UNKNOWN_RESULT, "b-1")


def test_a_currency_is_told_in_capitals_with_the_stake_in_its_units() -> None:
    ticket = sampled("cancelled")

    assert (ticket.currency, ticket.stake, ticket.precision) == ("JPY", 1500, 0)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"betId": ""}, "betId is missing."),
        ({"betId": "  "}, "betId is missing."),
        ({"betId": "x" * 201}, "betId is longer than 200 characters."),
        ({"betId": "b\t1"}, "betId holds a character that can't be shown."),
        ({"settlementTime": None}, "settlementTime is missing."),
        ({"settlementTime": ""}, "settlementTime is missing."),
        ({"settlementTime": "soon"}, "settlementTime is not a time: “soon”."),
        (
            {"settlementTime": "0001-01-01T00:00:00"},
            "settlementTime lies outside 2000 to 2200: “0001-01-01T00:00:00”.",
        ),
        ({"payout": number("-0.01")}, "payout is negative: -0.01."),
        ({"payoutMultiplier": number("-1")}, "payoutMultiplier is negative: -1."),
        ({"partialRefund": number("-1")}, "partialRefund is negative: -1."),
        (
            {"amount": {"settlementExchangeRate": number("-1")}},
            "settlementExchangeRate is negative: -1.",
        ),
        ({"amount": {"value": -1}}, "amount.value is negative: -1."),
        ({"amount": {"precision": 19}}, "amount.precision is not 0 to 18: 19."),
        ({"amount": {"precision": -1}}, "amount.precision is not 0 to 18: -1."),
        (
            {"amount": {"currency": "EUR" * 70}},
            "currency is longer than 200 characters.",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    fields: Mapping[str, object], sentence: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(written(**fields))

    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        ("-0.5", "deadHeatFactor is negative: -0.5."),
        ("1E-21", "deadHeatFactor is too small for a dead heat: 1E-21."),
    ],
)
def test_a_dead_heat_that_cannot_be_meant_is_refused(factor: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        leg(deadHeatFactor=number(factor))

    assert str(refusal.value) == sentence


def test_a_bet_id_of_200_characters_is_the_longest() -> None:
    assert said(betId="x" * 200).bet_ref == "x" * 200


def test_a_message_made_in_python_is_told_too() -> None:
    message = SettledBet(
        bet_id="b-1",
        bet_settlement=2,
        settlement_time="2026-05-02T15:51:07Z",
        payout=Decimal("0.00"),
    )

    (ticket,) = told(message).tickets

    assert ticket.result == ResultSaid(result=TicketResult.LOSE, payout="0")


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("1999-12-31T22:00:00-02:00", 9_466_848_000_000_000),
        ("2000-01-01T00:00:00Z", 9_466_848_000_000_000),
        ("2026-05-02T15:51:07Z", 17_777_370_670_000_000),
        ("2026-05-02t15:51:07z", 17_777_370_670_000_000),
        ("2026-05-02 15:51:07", 17_777_370_670_000_000),
        ("2026-05-02T15:51:07.", 17_777_370_670_000_000),
        ("2026-05-02T15:51:07.1", 17_777_370_671_000_000),
        ("2026-05-02T15:51:07.0000001", 17_777_370_670_000_001),
        ("2026-05-02T15:51:07.123456789Z", 17_777_370_671_234_567),
        ("2026-05-02T17:51:07.1234567+02:00", 17_777_370_671_234_567),
        ("2026-05-02T10:21:07.1234567-0530", 17_777_370_671_234_567),
        ("2026-05-02T15:51:07+00:00", 17_777_370_670_000_000),
        ("2024-02-29T00:00:00Z", 17_091_648_000_000_000),
        ("2200-12-31T23:59:59.9999999Z", 72_896_543_999_999_999),
    ],
)
def test_a_time_is_told_in_ticks(text: str, ticks: int) -> None:
    assert ticks_from(text) == ticks


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-05-02",
        "2026-05-02T15:51Z",
        "2026-05-02T15:51:07.1234567891Z",
        "2026-05-02T15:51:07Z\n",
        "2026-05-02T24:00:00Z",
        "2026-05-02T15:60:00Z",
        "2026-05-02T15:51:60Z",
        "2026-13-01T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-05-02T15:51:07+24:00",
        "2026-05-02T15:51:07+2:00",
        "2026-W18-6T15:51:07Z",
        "٢٠٢٦-05-02T15:51:07Z",
        "1777737067",
        "1999-12-31T23:59:59.9999999Z",
        "2000-01-01T00:00:00+00:01",
        "2201-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_what_is_no_time_of_ours_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="settlementTime"):
        ticks_from(text)


def test_a_recorded_connection_is_told_line_by_line() -> None:
    whole = [read(line) for line in recorded_feed()]

    assert [one.ignored for one in whole] == ["ping", "", "", "", "", "", "", "ping"]
    assert whole[1] == whole[2]
    assert [(t.bet_ref, t.ticks, t.result.result) for one in whole for t in one.tickets] == [
        (f"{PLAYER}:bet-0020", 17_777_370_671_234_567, TicketResult.WIN),
        (f"{PLAYER}:bet-0020", 17_777_370_671_234_567, TicketResult.WIN),
        (f"{PLAYER}:bet-0020", 17_777_370_671_234_568, TicketResult.LOSE),
        (f"{PLAYER}:bet-0020", 17_777_370_671_234_566, TicketResult.REFUND),
        ("bet-0021", 17_777_371_200_000_000, TicketResult.WIN),
        (f"{PLAYER}:bet-0020", 17_777_370_680_000_000, TicketResult.NONE),
    ]
