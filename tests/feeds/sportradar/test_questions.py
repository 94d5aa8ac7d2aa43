"""What a message makes a person look at: only where somebody has bet, and until it is over."""

import pytest

from feeds.models import FeedMessage
from settlement.models import MarketFact, Review
from tests.factories import FundedPlayer
from tests.feeds.sportradar.uof import (
    EVENT,
    NOON,
    asked,
    bring,
    cancel_rolled_back,
    cancelled,
    hear,
    lost,
    market,
    message,
    outcome,
    payout,
    rolled_back,
    settled,
    single,
    sound,
    won,
)
from tests.feeds.test_inbox import states
from tests.settlement.acting import done, no_limits

OPEN = ("OPEN", "NONE", "0.00")
WIN = ("SETTLED", "WIN", "25.00")


def sentence(kind: str) -> str:
    """Return what the only open review of a kind says."""
    return Review.objects.get(kind=kind, closed_at__isnull=True).sentence


# Results that nobody knows


@pytest.mark.parametrize(
    ("said", "came"),
    [
        ({"result": "2"}, "result “2”"),
        ({"result": "won"}, "result “won”"),
        ({}, "no result"),
        ({"result": "1", "void_factor": "0.25"}, "void factor “0.25”"),
        ({"result": "1", "void_factor": "-1"}, "void factor “-1”"),
        ({"result": "0", "void_factor": "half"}, "void factor “half”"),
        ({"result": "1", "dead_heat_factor": "1.5"}, "dead-heat factor “1.5”"),
        ({"result": "1", "dead_heat_factor": "0"}, "dead-heat factor “0”"),
        ({"result": "1", "dead_heat_factor": "-0.5"}, "dead-heat factor “-0.5”"),
        ({"result": "1", "dead_heat_factor": "NaN"}, "dead-heat factor “NaN”"),
        (
            {"result": "1", "void_factor": "0.5", "dead_heat_factor": "0.5"},
            "void factor 0.5 together with dead-heat factor 0.5",
        ),
    ],
)
def test_an_unknown_result_is_held(player: FundedPlayer, said: dict[str, str], came: str) -> None:
    bring(single(player), single(player, "Y", outcome="Y"))

    hear(settled(market(outcome("X", **said), won("Y"))))

    assert (payout(), payout("Y")) == (OPEN, WIN)
    assert asked() == ["UNKNOWN_RESULT"]
    assert sentence("UNKNOWN_RESULT") == (
        f"Sportradar's result has no known meaning for outcome X ({came}): it was not applied."
    )
    assert sound()


def test_a_later_good_result_settles_and_closes_the_question(player: FundedPlayer) -> None:
    bring(single(player))
    hear(settled(market(outcome("X", 7))))

    hear(settled(market(won()), at=1))

    assert payout() == WIN
    assert Review.objects.get().end == "BY_ITSELF"


def test_an_older_good_result_settles_and_the_question_stays(player: FundedPlayer) -> None:
    bring(single(player))
    hear(settled(market(outcome("X", 7)), at=1))

    hear(settled(market(won())))

    assert (payout(), asked()) == (WIN, ["UNKNOWN_RESULT"])


@pytest.mark.parametrize(
    "over",
    [
        rolled_back(market(), at=1),
        rolled_back(market(outcome("X")), at=1),
        cancelled(market(), at=1),
    ],
)
def test_the_question_is_over_when_the_result_is_taken_back_or_all_is_void(
    player: FundedPlayer, over: bytes
) -> None:
    bring(single(player))
    hear(settled(market(outcome("X", 7))))

    hear(over)

    assert asked() == []


@pytest.mark.parametrize(
    "markets",
    [
        pytest.param([market(won(), lost())], id="in one market"),
        pytest.param([market(won()), market(lost())], id="in a market that comes twice"),
        pytest.param(
            [market(lost(), void_reason=1), market(won())], id="for two reasons, the other first"
        ),
    ],
)
def test_an_outcome_with_two_results_in_one_message_is_held(
    player: FundedPlayer, markets: list[str]
) -> None:
    bring(single(player))

    hear(settled(*markets))

    assert payout() == OPEN
    assert "(two results at once)" in sentence("UNKNOWN_RESULT")


def test_where_nobody_has_bet_nothing_is_asked(player: FundedPlayer) -> None:
    hear(
        settled(market(outcome("X", 7)), market(won(), ref="2", specifiers="?")),
        cancelled(),
        cancelled(market(), start_time=2, end_time=1),
        cancelled(market(), superceded_by="sr:season:2"),
    )

    assert not Review.objects.exists()
    assert not MarketFact.objects.exists()
    assert set(states()) == {"DONE"}


def test_the_first_ticket_makes_it_asked(player: FundedPlayer) -> None:
    hear(
        settled(market(outcome("X", 7)), market(won(), ref="2", specifiers="?")),
        cancelled(),
        cancelled(market(), start_time=2, end_time=1),
        cancelled(market(), superceded_by="sr:season:2"),
    )

    bring(single(player))

    assert asked() == [
        "CANCEL_WITHOUT_MARKETS", "EVENT_SUPERSEDED", "MARKET_HELD", "UNKNOWN_RESULT",
    ]  # fmt: skip
    assert payout() == OPEN


def test_a_bet_on_another_market_of_the_event_asks_about_the_event_alone(
    player: FundedPlayer,
) -> None:
    bring(single(player, market="99"))

    hear(
        settled(market(outcome("X", 7)), market(won(), ref="2", specifiers="?")),
        cancelled(),
        cancelled(market(), start_time=2, end_time=1),
    )

    assert asked() == ["CANCEL_WITHOUT_MARKETS"]


# Markets that can't be read


@pytest.mark.parametrize(
    "specifiers", ["total", "=1", "total=", "a=1||b=2", "|", "a=1|a=2", "x" * 500]
)
def test_malformed_specifiers_hold_their_market_alone(
    player: FundedPlayer, specifiers: str
) -> None:
    bring(single(player), single(player, "good", market="2"))

    hear(settled(market(won(), specifiers=specifiers), market(won(), ref="2")))

    assert (payout(), payout("good")) == (OPEN, WIN)
    assert asked() == ["MARKET_HELD"]
    assert "the specifiers of market 1 are" in sentence("MARKET_HELD")
    assert sound()


def test_two_such_markets_are_one_question_that_names_both(player: FundedPlayer) -> None:
    bring(single(player), single(player, "T-2", market="2"))

    hear(settled(market(won(), specifiers="?"), market(won(), ref="2", specifiers="!")))

    assert "of market 1 are" in sentence("MARKET_HELD")
    assert "of market 2 are" in sentence("MARKET_HELD")


def test_the_order_of_specifiers_is_no_matter(player: FundedPlayer) -> None:
    bring(single(player, specifiers="hcp=1:0|total=2.5"))

    hear(settled(market(won(), specifiers="total=2.5|hcp=1:0")))

    assert payout() == WIN


def test_extended_specifiers_are_no_part_of_what_a_market_is(player: FundedPlayer) -> None:
    bring(single(player, specifiers="total=2.5"))

    hear(settled(market(won(), specifiers="total=2.5", extended_specifers="base_total=2")))

    assert payout() == WIN


def test_other_specifiers_are_another_market(player: FundedPlayer) -> None:
    bring(single(player, specifiers="total=2.5"), single(player, "bare"))

    hear(settled(market(won(), specifiers="total=3.5")))

    assert (payout(), payout("bare")) == (OPEN, OPEN)


@pytest.mark.parametrize(
    ("window", "why"),
    [
        ({"start_time": NOON + 1, "end_time": NOON}, "its window ends before it starts"),
        ({"start_time": "noon"}, "start_time is not a whole number of milliseconds: “noon”"),
        ({"end_time": "1.5"}, "end_time is not a whole number of milliseconds: “1.5”"),
        ({"end_time": "-1"}, "end_time is not a whole number of milliseconds: “-1”"),
    ],
)
@pytest.mark.parametrize("make", [cancelled, cancel_rolled_back])
def test_a_window_that_can_not_be_meant_is_held(
    player: FundedPlayer, make: object, window: dict[str, object], why: str
) -> None:
    bring(single(player))

    hear(make(market(), market(ref="2"), **window))  # type: ignore[operator]

    assert payout() == OPEN
    assert asked() == ["MARKET_HELD"]
    assert why in sentence("MARKET_HELD")
    assert not MarketFact.objects.exists()


@pytest.mark.parametrize("make", [cancelled, cancel_rolled_back, rolled_back])
def test_no_market_is_never_the_whole_event(player: FundedPlayer, make: object) -> None:
    bring(single(player))
    hear(settled(market(won())))

    hear(make(at=1))  # type: ignore[operator]

    assert payout() == WIN
    review = Review.objects.get()
    assert (review.kind, review.subject) == ("CANCEL_WITHOUT_MARKETS", f"SPORTRADAR:{EVENT}")
    assert sound()


def test_a_settlement_without_markets_is_ignored_with_a_reason(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled())

    assert states() == ["IGNORED"]
    assert asked() == []


def test_a_superseded_event_voids_nothing_by_itself(player: FundedPlayer) -> None:
    bring(single(player))

    hear(cancelled(market(), superceded_by="sr:season:77"))

    assert payout() == OPEN
    assert asked() == ["EVENT_SUPERSEDED"]
    assert "because sr:season:77 takes its place" in sentence("EVENT_SUPERSEDED")
    assert not MarketFact.objects.exists()


# Void reasons


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (3, "void reason 3, the result can't be verified"),
        (15, "void reason 15, client-side settlement needed"),
    ],
)
@pytest.mark.parametrize("make", ["settlement", "cancel"])
def test_a_void_reason_of_the_manual_queue_waits_for_a_person(
    player: FundedPlayer, code: int, words: str, make: str
) -> None:
    bring(single(player), single(player, "other", market="2"))
    one = market(lost(void_factor="1"), void_reason=code)
    other = market(lost(void_factor="1"), ref="2", void_reason=5)

    hear(settled(one, other) if make == "settlement" else cancelled(one, other))

    assert (payout(), payout("other")) == (OPEN, ("SETTLED", "REFUND", "10.00"))
    assert asked() == ["MANUAL_VOID_REASON"]
    assert words in sentence("MANUAL_VOID_REASON")
    assert sound()


@pytest.mark.parametrize(("given", "kept"), [("99", 99), ("-1", -1), ("9.0", 9), ("x", None)])
def test_void_reasons_are_an_open_list(player: FundedPlayer, given: str, kept: int | None) -> None:
    bring(single(player))

    hear(settled(market(lost(void_factor="1"), void_reason=given)))

    assert payout() == ("SETTLED", "REFUND", "10.00")
    content = MarketFact.objects.get().content
    assert (f'"void_reason":{kept}' in content) == (kept is not None)
    assert ("void_reason" in content) == (kept is not None)


# Outcomes that were left out


def test_an_outcome_that_its_settlement_left_out_stays_open_and_is_asked_about(
    player: FundedPlayer,
) -> None:
    bring(single(player), single(player, "Y", outcome="Y"))

    hear(settled(market(won())))

    assert (payout(), payout("Y")) == (WIN, OPEN)
    assert asked() == ["OUTCOME_MISSING"]
    assert "says nothing of outcome Y" in sentence("OUTCOME_MISSING")
    assert sound()


@pytest.mark.parametrize(
    "over",
    [
        settled(market(lost("Y")), at=1),
        settled(market(outcome("Y", -1)), at=1),
        cancelled(market(), at=1),
        rolled_back(market(), at=1),
    ],
)
def test_the_question_is_over_when_it_is_told(player: FundedPlayer, over: bytes) -> None:
    bring(single(player, "Y", outcome="Y"))
    hear(settled(market(won())))
    assert asked() == ["OUTCOME_MISSING"]

    hear(over)

    assert asked() == []


def test_the_question_is_over_when_its_tickets_are_settled_by_hand(player: FundedPlayer) -> None:
    bring(single(player, "Y", outcome="Y"))
    hear(settled(market(won())))

    no_limits()
    done("settle", "Y", each={"result": "win"})

    assert payout("Y") == WIN
    assert asked() == []


def test_a_ticket_on_a_left_out_outcome_that_comes_later_is_asked_about(
    player: FundedPlayer,
) -> None:
    bring(single(player))
    hear(settled(market(won())))
    assert asked() == []

    bring(single(player, "Y", outcome="Y"))

    assert asked() == ["OUTCOME_MISSING"]
    hear(settled(market(won(), lost("Y")), at=1))
    assert (payout("Y"), asked()) == (("SETTLED", "LOSE", "0.00"), [])


def test_a_first_ticket_that_comes_after_its_settlement_is_asked_about(
    player: FundedPlayer,
) -> None:
    hear(settled(market(won())))

    bring(single(player, "Y", outcome="Y"))

    assert (payout("Y"), asked()) == (OPEN, ["OUTCOME_MISSING"])


def test_a_held_outcome_is_not_called_missing(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(outcome("X", 7))))

    assert asked() == ["UNKNOWN_RESULT"]


# What is no settlement


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (message("odds_change"), "It is “odds_change”, which says nothing of settled bets."),
        (message("bet_stop"), "It is “bet_stop”, which says nothing of settled bets."),
        (b"<fixture_change/>", "It is “fixture_change”, which says nothing of settled bets."),
    ],
)
def test_other_messages_are_ignored_with_a_reason(db: None, body: bytes, note: str) -> None:
    hear(body)

    assert FeedMessage.objects.values_list("state", "note").get() == ("IGNORED", note)
