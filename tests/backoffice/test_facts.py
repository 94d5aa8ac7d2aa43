"""What providers and our own people say, in words."""

from typing import Any

import pytest

from backoffice.facts import taking_back
from backoffice.timeline import What
from settlement.models import TicketFact
from settlement.said import ActSaid, moment_of
from tests.backoffice.telling import (
    MARKET,
    NAMES,
    WORDS,
    details,
    story,
    titles,
)
from tests.factories import FundedPlayer
from tests.settlement.accepting import accept, answer
from tests.settlement.acting import act_said, done, no_limits, running_act
from tests.settlement.asked import accepted, bet, selection
from tests.settlement.settling import WON, said, tell


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> None:
    no_limits()


@pytest.mark.parametrize(
    ("act", "each", "title"),
    [
        ("settle", {"result": "half_win"}, "settles the bet as half win"),
        ("settle", {"payout": "1234.50"}, "settles the bet at 1,234.50 EUR in all"),
        ("settle", {"payout": "0.05", "result": "mixed"},
         "settles the bet at 0.05 EUR in all, as mixed"),
        ("void", {}, "voids the bet"),
        ("cancel", {}, "cancels the bet"),
        ("reject", {}, "rejects the bet"),
        ("cash_out", {"stake": "5.00", "amount": "7.00"},
         "cashes out 5.00 EUR of the stake for 7.00 EUR"),
    ],
)  # fmt: skip
def test_an_act_is_told_with_its_number_who_and_why(
    player: FundedPlayer, act: str, each: dict[str, Any], title: str
) -> None:
    accepted(bet(player, bet_id="T-1"))

    batch = done(act, "T-1", each=each, **WORDS)

    assert titles(What.ACT) == [
        f"olga {title} in act {batch.pk}: wrong result — “He said so”."
    ]  # fmt: skip


def test_a_settled_bet_is_opened_again_and_then_released(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))

    first, second = done("reopen", "T-1", **WORDS), done("release", "T-1", **WORDS)

    assert titles(What.ACT) == [
        f"olga opens the bet again in act {first.pk}: wrong result — “He said so”.",
        f"olga lets the providers' results count again in act {second.pk}: "
        "wrong result — “He said so”.",
    ]


@pytest.mark.parametrize(
    ("act", "leg", "title"),
    [
        ("void", {"position": 2}, "voids leg 2"),
        ("void", {"position": 1}, "voids leg 1"),
        ("settle", {"position": 2, "result": "win"}, "settles leg 2 as won"),
        ("settle", {"position": 2, "result": "half_lose"}, "settles leg 2 as half lost"),
        ("settle", {"position": 2, "result": "win", "dead_heat": "1/2"},
         "settles leg 2 as won in a dead heat, 1/2 of the stake counts"),
        ("settle", {"position": 1, "result": "place"},
         "settles leg 1 as lost, its place part as won"),
        ("settle", {"position": 1, "place_result": "void"},
         "settles the place part of leg 1 as void"),
        ("settle", {"position": 2, "rule4": "15", "starting_price": "4.5"},
         "takes 15 % off the profit on leg 2 (Rule 4) and gives leg 2 the starting price 9/2"),
    ],
)  # fmt: skip
def test_an_act_on_a_leg_says_which_leg_that_is(
    player: FundedPlayer, act: str, leg: dict[str, Any], title: str
) -> None:
    on_both = selection(1, place_fraction="1/4", **NAMES), selection(2, **NAMES)
    accepted(bet(player, *on_both, bet_id="T-1", kind="double", each_way=True))

    batch = done(act, "T-1", each={"legs": [leg]}, **WORDS)

    (told,) = [one for one in story() if one.what == What.ACT]
    assert told.title == f"olga {title} in act {batch.pk}: wrong result — “He said so”."
    assert told.details == (f"Leg {leg['position']}: Hull v York · Result · Hull.",)
    assert (told.actor, told.reason, told.source, told.batch) == (
        "user:olga", "WRONG_RESULT", "operator", batch.pk,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("act", "words", "title"),
    [
        ("market_settle", {"outcomes": {"X": {"result": "win"}}}, "settles outcome X as won"),
        ("market_void", {}, "voids market 1"),
        ("market_void", {"accepted_to": "2026-11-19T10:00:00Z"},
         "voids market 1 for bets accepted until 2026-11-19 10:00:00 UTC"),
        ("market_reopen", {"outcomes": {"X": {"result": "void"}}}, "opens again outcome X"),
        ("market_deduct", {"percent": "15"}, "takes 15 % off the profit on market 1 (Rule 4)"),
    ],
)  # fmt: skip
def test_an_act_on_a_market_is_told_with_its_number_who_and_why(
    player: FundedPlayer, act: str, words: dict[str, Any], title: str
) -> None:
    accepted(bet(player))

    batch = done(act, market=MARKET | words, **WORDS)

    assert titles(What.ACT) == [
        f"olga {title} in act {batch.pk}: wrong result — “He said so”."
    ]  # fmt: skip


def test_what_is_not_decided_is_told_so(player: FundedPlayer) -> None:
    accepted(bet(player))

    tell(said(outcomes={"X": None}))

    assert titles(What.SAID) == ["Sportradar says: outcome X undecided (live)."]


def test_an_act_on_an_event_is_told_by_the_events_name_also_when_it_is_taken_back(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, selection(**NAMES)))

    void = done("market_void", market={"provider": "manual", "event": "E-1"}, **WORDS)
    undo = done("undo", undoes=void.pk, **WORDS)

    first, last = [one for one in story() if one.what == What.ACT]
    leg, why = "Leg 1: Hull v York · Result · Hull.", "wrong result — “He said so”."
    voided = f"olga voids all markets of Hull v York in act {void.pk}: {why}"
    assert (first.title, first.details, first.batch) == (voided, (leg,), void.pk)
    assert (last.title, last.details, last.batch) == (
        f"olga takes back act {void.pk} in act {undo.pk}: {why}",
        (leg, f"Fact {first.fact}: {voided}"),
        undo.pk,
    )


@pytest.mark.parametrize(
    ("retracts", "acts", "told"),
    [
        ((6,), {6: 4}, "takes back act 4"),
        ((6, 7), {6: 4, 7: 4}, "takes back act 4"),
        ((6, 7), {6: 4, 7: 5}, "takes back facts 6 and 7"),
        ((6, 7), {6: 4}, "takes back facts 6 and 7"),
        ((6,), {}, "takes back fact 6"),
    ],
)
def test_what_is_taken_back_is_an_act_where_all_of_it_is_of_one(
    retracts: tuple[int, ...], acts: dict[int, int], told: str
) -> None:
    assert taking_back(retracts, acts) == told


def test_what_is_said_in_the_place_of_something_says_what_it_replaces(
    player: FundedPlayer,
) -> None:
    accepted(bet(player))
    batch = running_act()
    first = act_said(batch, "VOID")
    first.save()

    act_said(batch, "REJECT", ActSaid(retracts=(first.pk,))).save()

    assert details(What.ACT) == [
        (),
        (f"In the place of fact {first.pk}: olga voids the bet in act {batch.pk}: "
         "wrong result — “He said so”.",),
    ]  # fmt: skip


def test_an_accepted_result_is_told_with_what_its_provider_answered(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1", provider="odds88"))
    batch = accept("T-1", answer(leg=WON))

    (told,) = [one for one in story() if one.what == What.ACT]

    asked_at = moment_of(TicketFact.objects.get().ticks)
    why = "provider down — “He does not answer.”."
    assert told.title == f"olga accepts Odds88's result in act {batch.pk}: {why}"
    assert told.details == (
        "Odds88 says: won, pays 25.00 EUR.",
        f"Odds88 was asked in look-up 17 at {asked_at:%Y-%m-%d %H:%M:%S} UTC.",
        "Of the legs it says: leg 1 won.",
    )


@pytest.mark.parametrize(
    ("result", "flag", "title"),
    [
        ("NONE", "", "Odds88 takes its settlement back."),
        ("REFUND", "CANCELLED", "Odds88 says: the whole bet is cancelled."),
    ],
)
def test_an_accepted_answer_may_also_take_back_or_cancel(
    player: FundedPlayer, result: str, flag: str, title: str
) -> None:
    accepted(bet(player, bet_id="T-1", provider="odds88"))
    done("settle", "T-1", each={"result": "win"})
    accept("T-1", answer(result, None, None, flag=flag))

    assert [one.details[0] for one in story() if one.kind == "ACCEPT"] == [title]
