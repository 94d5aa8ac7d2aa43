"""Every rule of LSports' settlements, from a message's bytes to the player's balance."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from feeds import inbox
from feeds.models import FeedMessage
from settlement.models import DueTicket, MarketFact, Review, SettlementEvent
from settlement.models.queues import DueMarket
from tests.factories import FundedPlayer
from tests.feeds.live import note_processed
from tests.feeds.lsports.trade import (
    FIXTURE,
    HALF_LOST,
    HALF_WON,
    LOST,
    NOON,
    REFUND,
    TAKEN_BACK,
    WON,
    X,
    Y,
    asked,
    attributes,
    bring,
    camel,
    elements,
    event,
    hear,
    market,
    message,
    on,
    payout,
    plain,
    say,
    sentence,
    single,
    snapshot,
    sound,
    told,
)
from tests.feeds.test_inbox import states
from tests.settlement.asked import bet
from tests.settlement.settling import read_rules_as

OPEN = ("OPEN", "NONE", "0.00")
WIN, LOSE = ("SETTLED", "WIN", "25.00"), ("SETTLED", "LOSE", "0.00")
BACK = ("SETTLED", "REFUND", "10.00")


# Corrections


def test_a_settlement_is_taken_back_and_settled_anew(player: FundedPlayer) -> None:
    bring(single(player))

    hear(say(told(settlement=WON)))
    assert (payout(), player.balance) == (WIN, "115.00")
    hear(say(told(settlement=TAKEN_BACK, at=60)))
    assert (payout(), player.balance) == (OPEN, "90.00")
    hear(say(told(settlement=LOST, at=120)))

    assert (payout(), player.balance) == (LOSE, "90.00")
    kinds = SettlementEvent.objects.order_by("id").values_list("kind", "difference")
    assert list(kinds) == [("SETTLE", 2500), ("REOPEN", -2500), ("SETTLE", 0)]
    assert asked() == []
    assert sound()


@pytest.mark.parametrize("status", [1, 2, 3, "3", "2.0"])
def test_a_settlement_is_taken_back_whatever_the_status(
    player: FundedPlayer, status: object
) -> None:
    bring(single(player))
    hear(say(told(settlement=WON)))

    hear(say(told(settlement="-1", at=60, Status=status)))

    assert (payout(), asked()) == (OPEN, [])


def test_another_result_with_a_later_time_resettles(player: FundedPlayer) -> None:
    bring(single(player))

    hear(say(told(settlement=WON)), say(told(settlement=HALF_LOST, at=1)))

    assert payout() == ("SETTLED", "HALF_LOSE", "5.00")
    assert player.balance == "95.00"
    assert asked() == []


def test_an_older_result_that_comes_late_changes_nothing(player: FundedPlayer) -> None:
    bring(single(player))

    hear(say(told(settlement=LOST, at=1)), say(told(settlement=WON)))

    assert (payout(), asked()) == (LOSE, [])


def test_times_are_compared_to_their_seventh_digit(player: FundedPlayer) -> None:
    bring(single(player))

    hear(
        say(told(settlement=LOST, LastUpdate="2026-11-20T12:00:00.1234568Z")),
        say(told(settlement=WON, LastUpdate="2026-11-20T12:00:00.1234567Z")),
    )

    assert (payout(), asked()) == (LOSE, [])


@pytest.mark.parametrize("first", [WON, LOST])
def test_two_results_of_the_same_time_end_alike_and_are_asked_about(
    player: FundedPlayer, first: int
) -> None:
    bring(single(player))

    hear(say(told(settlement=first)), say(told(settlement=WON + LOST - first)))

    assert payout() == WIN
    assert asked() == ["EQUAL_TIME"]
    assert sentence("EQUAL_TIME") == (
        f"LSports tells two things of bet {X} with the same time: lost and won. "
        "Look which is right; the next word with a later time settles it."
    )
    hear(say(told(settlement=LOST, at=1)))
    assert (payout(), asked()) == (LOSE, [])


def test_taken_back_outweighs_a_result_of_the_same_time(player: FundedPlayer) -> None:
    bring(single(player))

    hear(say(told(settlement=TAKEN_BACK)), say(told(settlement=WON)))

    assert (payout(), asked()) == (OPEN, ["EQUAL_TIME"])


def test_both_packages_settle_a_bet_once(player: FundedPlayer) -> None:
    bring(single(player))

    hear(say(told(settlement=WON)), feed="lsports-inplay")
    hear(say(told(settlement=WON), at=7), feed="lsports-prematch")

    assert (payout(), player.balance) == (WIN, "115.00")
    assert SettlementEvent.objects.count() == 1
    assert MarketFact.objects.count() == 1
    assert sound()


def test_a_rule_set_that_wants_confirmation_settles(player: FundedPlayer) -> None:
    bring(single(player))
    read_rules_as(certainty="confirmed")

    hear(say(told(settlement=WON)))

    assert payout() == WIN


# What is not settled


def test_bets_that_are_not_settled_stand_beside_those_that_are(player: FundedPlayer) -> None:
    bring(single(player), single(player, "Y", outcome=Y))

    hear(say(told(settlement=WON), told(Y), told(5, settlement=None, Status=2)))

    assert (payout(), payout("Y"), asked()) == (WIN, OPEN, [])


@pytest.mark.parametrize("status", [1, 2, 3])
def test_code_zero_settles_nothing(player: FundedPlayer, status: int) -> None:
    bring(single(player))

    hear(say(told(settlement=0, Status=status)))

    assert (payout(), asked()) == (OPEN, [])


@pytest.mark.parametrize(
    ("words", "came"),
    [
        ({"settlement": 7}, "settlement “7”"),
        ({"settlement": -2}, "settlement “-2”"),
        ({"settlement": "won"}, "settlement “won”"),
        ({"settlement": 2.5}, "settlement “2.5”"),
        ({"settlement": True}, "settlement “true”"),
        ({"settlement": WON, "Status": 1}, "settlement 2 with status “1”"),
        ({"settlement": WON, "Status": 9}, "settlement 2 with status “9”"),
        ({"settlement": WON, "Status": None}, "settlement 2 with no status"),
        ({"settlement": TAKEN_BACK, "Status": 9}, "settlement -1 with status “9”"),
        ({"settlement": None, "Status": 3}, "status 3 without a settlement"),
        ({"settlement": WON, "LastUpdate": "soon"}, "settlement 2 with the time “soon”"),
        ({"settlement": WON, "LastUpdate": None}, "settlement 2 with no time"),
        (
            {"settlement": WON, "LastUpdate": "9999-12-31T23:59:59Z"},
            "settlement 2 with the time “9999-12-31T23:59:59Z”",
        ),
    ],
)
def test_what_nobody_understands_is_held_alone(
    player: FundedPlayer, words: dict[str, object], came: str
) -> None:
    bring(single(player), single(player, "Y", outcome=Y))

    hear(say(told(**words), told(Y, settlement=WON)))  # type: ignore[arg-type]

    assert (payout(), payout("Y")) == (OPEN, WIN)
    assert asked() == ["UNKNOWN_RESULT"]
    assert sentence("UNKNOWN_RESULT") == (
        f"LSports' result has no known meaning for outcome {X} ({came}): it was not applied."
    )
    hear(say(told(settlement=LOST, at=9)))
    assert (payout(), asked()) == (LOSE, [])
    assert sound()


def test_two_results_at_once_are_none(player: FundedPlayer) -> None:
    bring(single(player))

    hear(say(told(settlement=WON), told(settlement=LOST)))

    assert (payout(), asked()) == (OPEN, ["UNKNOWN_RESULT"])


@pytest.mark.parametrize(
    ("ref", "why"),
    [
        (
            3.0713932524605698e16,
            "the id of the bet 1 came as a decimal number: 3.07139325246057e+16",
        ),
        (b"1e17", "the id of the bet 1 came as a decimal number: 1e17"),
        (None, "the bet 1 has no id"),
        (" ", "the bet 1 has no id"),
        ([], "the bet 1 has no id that could be one"),
        ("9" * 201, "the bet 1 has no id that could be one"),
        ("a\nb", "the bet 1 has no id that could be one"),
    ],
)
def test_a_bet_without_an_id_that_could_be_one_is_held_alone(
    player: FundedPlayer, ref: object, why: str
) -> None:
    bring(single(player), single(player, "Y", outcome=Y))
    body = plain(say(told("ref", settlement=WON, at=5), told(Y, settlement=WON)))

    hear(body.replace(b'"ref"', ref) if isinstance(ref, bytes) else
         plain(say(told(settlement=WON, at=5) | {"Id": ref}, told(Y, settlement=WON))))  # fmt: skip

    assert (payout(), payout("Y"), asked()) == (OPEN, WIN, ["MARKET_HELD"])
    if ref != 3.0713932524605698e16:
        assert sentence("MARKET_HELD") == (
            f"In a settlement (type 35) about fixture {FIXTURE}, market 1, {why}. "
            "That part was not applied; ask LSports, or decide by hand."
        )


def test_a_broken_market_is_held_alone(player: FundedPlayer) -> None:
    bring(single(player))

    hear(message(event(market(told(settlement=WON)), "nonsense", {"Bets": [told()]}, None)))

    assert (payout(), asked()) == (WIN, ["MARKET_HELD"])


def test_a_broken_event_is_held_alone(player: FundedPlayer) -> None:
    bring(single(player))

    hear(message("nonsense", event(market(told(settlement=WON))), {"Markets": []}, None, 7))

    assert (payout(), asked()) == (WIN, ["MARKET_HELD"])


def test_nobody_is_asked_about_what_nobody_bet_on(player: FundedPlayer) -> None:
    bring(single(player, market="2"))

    hear(say(told(settlement=7), told(None, settlement=WON)))

    assert asked() == []
    bring(single(player, "late"))
    assert asked() == ["MARKET_HELD", "UNKNOWN_RESULT"]


# Open again


@pytest.mark.parametrize("settled_first", [True, False])
def test_a_settled_bet_that_is_shown_open_moves_no_money(
    player: FundedPlayer, settled_first: bool
) -> None:
    bring(single(player))
    both = [say(told(settlement=WON)), say(told(at=60, Status=2))]

    hear(*(both if settled_first else reversed(both)))

    assert (payout(), player.balance, asked()) == (WIN, "115.00", ["BET_REOPENED"])
    assert sentence("BET_REOPENED") == (
        f"LSports shows a settled bet open again: bet {X}. Nothing was taken back: it says so "
        "itself when a settlement was wrong. Ask, or decide by hand."
    )


@pytest.mark.parametrize("code", [WON, LOST, TAKEN_BACK])
def test_the_next_settlement_ends_the_question(player: FundedPlayer, code: int) -> None:
    bring(single(player))
    hear(say(told(settlement=WON)), snapshot(event(market(told(at=60)))))
    assert asked() == ["BET_REOPENED"]

    hear(say(told(settlement=code, at=61)))

    assert asked() == []


def test_open_bets_make_no_ticket_due(player: FundedPlayer) -> None:
    bring(single(player))
    received = inbox.receive(feed="lsports-inplay", bodies=[plain(say(told(), told(Y, at=1)))])

    done = inbox.process(message_ids=received.ids)

    assert (MarketFact.objects.count(), done.due) == (1, set())
    assert (DueMarket.objects.count(), DueTicket.objects.count()) == (0, 0)


def test_open_bets_of_markets_that_nobody_bet_on_leave_nothing(player: FundedPlayer) -> None:
    bring(single(player, market="2"))

    hear(say(told(), told(Y)))

    assert MarketFact.objects.count() == 0


# Times


def test_a_bet_ahead_of_our_clock_waits_alone(player: FundedPlayer) -> None:
    bring(single(player), single(player, "Y", outcome=Y))
    ahead = datetime.now(UTC) + timedelta(hours=2)
    body = plain(say(told(settlement=WON, LastUpdate=ahead.isoformat()), told(Y, settlement=WON)))

    hear(body)

    assert (payout(), payout("Y"), states()) == (OPEN, WIN, ["PARKED"])
    assert asked() == ["FROM_THE_FUTURE"]
    inbox.process(message_ids=[FeedMessage.objects.get().pk], now=ahead)
    inbox.settle_left()
    assert (payout(), states(), asked()) == (WIN, ["DONE"], [])


def test_a_bet_ahead_of_our_clock_waits_alone_when_tickets_come_later(player: FundedPlayer) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=2)
    hear(say(told(settlement=WON, LastUpdate=ahead.isoformat()), told(Y, settlement=WON)))
    assert states() == ["DONE"]

    bring(single(player), single(player, "Y", outcome=Y))

    assert (payout(), payout("Y"), states()) == (OPEN, WIN, ["PARKED"])
    inbox.process(message_ids=[FeedMessage.objects.get().pk], now=ahead)
    inbox.drain()
    assert payout() == WIN


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00",
        "2026-11-20 12:00:00.000",
        "2026-11-20T14:00:00.0000000+02:00",
        "2026-11-20T06:30:00.123456789-0530",
        NOON.timestamp().__int__(),
        int(NOON.timestamp() * 1000),
        str(int(NOON.timestamp() * 1000)),
        f"/Date({int(NOON.timestamp() * 1000)})/",
        f"/Date({int(NOON.timestamp() * 1000)}+0200)/",
    ],
)
def test_times_however_they_are_written(player: FundedPlayer, written: object) -> None:
    bring(single(player))

    hear(say(told(settlement=WON, LastUpdate=written)))

    assert payout() == WIN
    fraction = 1_234_567 if "123456789" in str(written) else 0
    assert MarketFact.objects.get().ticks == int(NOON.timestamp()) * 10**7 + fraction


# Identity and money


@pytest.mark.parametrize("ref", [X, int(X), f" {X} ", f"00{X}", f"+{X}"])
def test_ids_are_the_same_as_numbers_and_as_text(player: FundedPlayer, ref: object) -> None:
    bring(single(player))

    hear(plain(message(event(market(told(settlement=WON) | {"Id": ref}, ref="01"),
                             fixture=f"0{FIXTURE}"))))  # fmt: skip

    assert payout() == WIN


@pytest.mark.parametrize("price", ["1.01", 99, None, "SP"])
def test_a_price_told_is_not_the_bettors(player: FundedPlayer, price: object) -> None:
    bring(single(player))

    hear(say(told(settlement=WON, Price=price)))

    assert payout() == WIN


PROVIDERS = {"ProviderMarkets": [{"Id": 8, "Name": "Bet365", "Bets": [
    told(39686, settlement=LOST), told(X, settlement=LOST, at=9)]}]}  # fmt: skip


def test_what_bookmakers_say_is_not_read(player: FundedPlayer) -> None:
    bring(single(player), single(player, "own", outcome="39686", specifiers="provider=8"))

    hear(message(event(market(told(settlement=WON)) | PROVIDERS)))

    assert (payout(), payout("own"), MarketFact.objects.count()) == (WIN, OPEN, 1)


@override_settings(LSPORTS_READ_PROVIDER_MARKETS=True)
@pytest.mark.parametrize("layout", [plain, camel, attributes, elements])
def test_what_bookmakers_say_is_read_when_it_is_set(player: FundedPlayer, layout: type) -> None:
    bring(single(player), single(player, "own", outcome="39686", specifiers="provider=8"))

    hear(layout(message(event(market(told(settlement=WON)) | PROVIDERS))))

    assert (payout(), payout("own")) == (WIN, LOSE)


def test_a_market_of_bookmakers_alone_settles_nothing(player: FundedPlayer) -> None:
    bring(single(player))

    hear(message(event({"Id": 1, "Name": "1X2", "Bets": None} | PROVIDERS, {"Id": 2, "Bets": []}),
                 {"FixtureId": 7, "Markets": None}, {"FixtureId": 8}))  # fmt: skip

    assert (payout(), states(), asked()) == (OPEN, ["DONE"], [])


def test_an_each_way_bet(player: FundedPlayer) -> None:
    bring(single(player, "place", each_way=True, place_fraction="1/4", stake="10.00",
                 place_market="2", place_outcome=Y))  # fmt: skip

    hear(say(told(settlement=LOST)), say(told(Y, settlement=WON), ref=2))

    assert payout("place") == ("SETTLED", "PLACE_WIN", "6.88")


def test_a_system_bet(player: FundedPlayer) -> None:
    three = [on(market=ref) for ref in "123"]
    bring(bet(player, *three, bet_id="T-1", kind="system:2/3", provider="lsports", stake="3.00"))

    hear(
        *(
            say(told(settlement=code), ref=ref)
            for ref, code in enumerate((WON, HALF_WON, REFUND), 1)
        )
    )

    # Doubles of 1.00 at 2.50 and 1.75, 2.50 and 1.00, 1.75 and 1.00: 4.375 + 2.50 + 1.75.
    assert payout() == ("SETTLED", "MIXED", "8.63")


# Fixtures that are off


@pytest.mark.parametrize(("status", "word"), [(4, "cancelled"), (7, "abandoned")])
@pytest.mark.parametrize("layout", [plain, elements])
def test_a_fixture_that_is_off_is_asked_about(
    player: FundedPlayer, layout: type, status: int, word: str
) -> None:
    bring(single(player))
    off = {"FixtureId": int(FIXTURE), "Fixture": {"Status": status}}
    other = {"FixtureId": 9, "Fixture": {"Status": 4}}

    hear(layout(message(off, other, kind=1)))

    assert (payout(), asked(), states()) == (OPEN, ["FIXTURE_OFF"], ["DONE"])
    assert sentence("FIXTURE_OFF") == (
        f"LSports says that fixture {FIXTURE} is {word}. It promises no refunds: nothing was "
        "voided. Wait for its settlements, or decide by hand."
    )
    assert Review.objects.get().subject == f"LSPORTS:{FIXTURE}"


def test_a_late_first_ticket_has_only_what_says_something_of_its_bets_processed(
    player: FundedPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(
        say(told(settlement=WON), ref=7),
        say(told(settlement=WON)),
        message(event(market(told(settlement=WON), ref=7), {"Id": None, "Bets": []})),
    )
    _, own, odd = FeedMessage.objects.order_by("pk").values_list("pk", flat=True)
    processed = note_processed(monkeypatch)

    bring(single(player))

    assert processed == [own, odd]
    assert payout() == WIN


def test_a_fixture_that_is_off_is_asked_about_when_somebody_bets_later(
    player: FundedPlayer,
) -> None:
    off = {"FixtureId": int(FIXTURE), "Livescore": {"Scoreboard": {"Status": "4"}}}
    hear(message(off, kind=2))
    assert asked() == []

    bring(single(player))

    assert asked() == ["FIXTURE_OFF"]
