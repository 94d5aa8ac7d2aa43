"""What may be applied by itself, and what waits for a person; no clock is ever asked."""

from collections.abc import Sequence
from typing import Any

import pytest

from settlement.fold.computing import Agreed
from settlement.fold.facts import MarketFact, TicketFact, Wanted
from settlement.fold.holding import Applied, below_zero, by_us, differs, why_held
from settlement.rules.ruleset import DEFAULT, RuleSet
from settlement.said import TICKS_A_SECOND, moment_of
from settlement.vocabulary import MarketFactKind
from tests.settlement.fold.facts_of import (
    MarketFacts,
    accumulator,
    act,
    brief,
    cancel_rolled_back,
    cancelled,
    cash_out,
    deducted,
    each_way,
    held,
    leg_act,
    market_act,
    result,
    retraction,
    rolled_back,
    settled,
    settled_by_us,
    single,
    wanted,
)

AnyFact = MarketFact | TicketFact
DAY = 86_400 * TICKS_A_SECOND
LIMITED = RuleSet(auto_resettle_limit={"EUR": "15"})
HOLDS = RuleSet(negative_balance="hold")


def applied(found: Wanted) -> Applied:
    """Return a state as it stands in the books once it was applied."""
    return Applied(
        found.status,
        found.result,
        found.payout,
        found.cashed_out_stake,
        found.cashed_out_amount,
        found.ticks,
    )


def moved(
    before: Sequence[AnyFact],
    more: Sequence[AnyFact],
    *,
    rules: RuleSet = DEFAULT,
    bet: Agreed | None = None,
) -> str:
    """Return why a ticket with the first facts applied waits when more are heard; or nothing."""
    bet = bet or single()
    first, then = (state(bet, facts, rules) for facts in (before, [*before, *more]))
    if then.hold is not None or not differs(applied(first), then):
        return held(then)
    if by_us(
        applied(first),
        then,
        lambda act: state(bet, [f for f in (*before, *more) if f is not act], rules),
    ):
        return ""
    doubt = why_held(applied(first), then, rules, bet.currency, bet.precision)
    return str(doubt.kind) if doubt else ""


def state(bet: Agreed, facts: Sequence[AnyFact], rules: RuleSet) -> Wanted:
    """Return what facts about a ticket and about its first leg's market come to."""
    markets: MarketFacts = {1: [one for one in facts if isinstance(one, MarketFact)]}
    return wanted(bet, markets, [one for one in facts if isinstance(one, TicketFact)], rules)


@pytest.mark.parametrize(
    ("case", "before", "more", "rules", "expected"),
    [
        ("no limit by default", "won", "lost", DEFAULT, ""),
        ("above it, downwards", "won", "lost", LIMITED, "LIMIT"),
        ("above it, upwards", "lost", "won", LIMITED, "LIMIT"),
        ("at the limit", "void", "won", LIMITED, ""),
        ("below it", "won", "half won", LIMITED, ""),
        ("a first settlement", "undecided", "won", LIMITED, ""),
        ("back to open", "won", "undecided", LIMITED, "LIMIT"),
        (
            "a cent above",
            "void",
            "won",
            RuleSet(auto_resettle_limit={"EUR": "14.99"}),
            "LIMIT",
        ),
        (
            "another currency's limit",
            "won",
            "lost",
            RuleSet(auto_resettle_limit={"GBP": "1"}),
            "",
        ),
        (
            "one limit for all currencies",
            "won",
            "lost",
            RuleSet(auto_resettle_limit="24.99"),
            "LIMIT",
        ),
    ],
)
def test_a_correction_of_more_than_the_limit_waits(
    case: str, before: str, more: str, rules: RuleSet, expected: str
) -> None:
    found = moved([settled(before, at=1)], [settled(more, at=2)], rules=rules)

    assert found == expected, case


@pytest.mark.parametrize(
    ("case", "before", "more", "expected"),
    [
        ("thirty days to the tick", settled("won", at=7), settled("lost", at=7 + 30 * DAY), ""),
        (
            "a tick more",
            settled("won", at=7),
            settled("lost", at=8 + 30 * DAY),
            "LATE_CORRECTION",
        ),
        (
            "a rollback",
            settled("won", at=7),
            rolled_back(at=8 + 30 * DAY),
            "LATE_CORRECTION",
        ),
        (
            "a cancel",
            settled("won", at=7),
            cancelled(at=8 + 30 * DAY),
            "LATE_CORRECTION",
        ),
        (
            "undecided",
            settled("won", at=7),
            settled("undecided", at=8 + 30 * DAY),
            "LATE_CORRECTION",
        ),
        (
            "a cancel taken back",
            cancelled(at=7),
            cancel_rolled_back(at=8 + 30 * DAY),
            "LATE_CORRECTION",
        ),
        (
            "a cancel of bets accepted at other times",
            settled("won", at=7),
            cancelled(0, 1, at=8 + 30 * DAY),
            "",
        ),
        (
            "a whole ticket's result",
            result("WIN", "25.00", "2.5", at=7),
            result("LOSE", "0", "0", at=8 + 30 * DAY),
            "LATE_CORRECTION",
        ),
        (
            "NONE",
            result("WIN", "25.00", "2.5", at=7),
            result("NONE", at=8 + 30 * DAY),
            "LATE_CORRECTION",
        ),
        (
            "an old result of years ago, corrected a day later",
            settled("won", at=7),
            settled("lost", at=7 + DAY),
            "",
        ),
        (
            "a first result after a year",
            settled("undecided", at=7),
            settled("lost", at=7 + 365 * DAY),
            "",
        ),
    ],
)
def test_a_correction_of_a_result_of_more_than_thirty_days_before_waits(
    case: str,
    before: AnyFact,
    more: AnyFact,
    expected: str,
) -> None:
    assert moved([before], [more]) == expected, case


@pytest.mark.parametrize(("days", "expected"), [(0, "LATE_CORRECTION"), (1, ""), (9, "")])
def test_how_many_days_is_a_setting(days: int, expected: str) -> None:
    rules = RuleSet(auto_resettle_days=days)

    assert moved([settled("won", at=7)], [settled("lost", at=8)], rules=rules) == expected


def test_no_clock_is_asked() -> None:
    in_2104 = 49_220 * DAY
    then, soon = settled("won", at=in_2104), settled("lost", at=in_2104 + DAY)

    assert moment_of(in_2104).year == 2104
    assert moved([then], [soon]) == ""
    assert moved([settled("won", at=0)], [soon]) == "LATE_CORRECTION"


def test_a_late_confirmation_that_changes_nothing_does_not_wait() -> None:
    assert moved([settled("won", at=0)], [settled("won", at=365 * DAY, certainty=2)]) == ""


def test_the_same_correction_waits_whoever_of_the_two_facts_came_first() -> None:
    won, lost = settled("won", at=7), settled("lost", at=8 + 30 * DAY)

    assert moved([won], [lost]) == "LATE_CORRECTION"
    assert moved([lost], [won]) == ""
    assert brief(wanted(single(), {1: [lost, won]})) == ("SETTLED", "LOSE", 0)


def test_a_late_leg_of_a_lost_accumulator_does_not_make_the_loss_younger() -> None:
    bet = accumulator("2", "3")
    lost, late = settled("lost", at=0), settled("won", at=40 * DAY)
    before = wanted(bet, {1: [lost], 2: [late]})

    then = wanted(bet, {1: [lost, settled("won", at=41 * DAY)], 2: [late]})

    doubt = why_held(applied(before), then, DEFAULT, "EUR", 2)
    assert doubt is not None


@pytest.mark.parametrize(
    ("case", "more"),
    [
        ("an amount", act("AMOUNT", number=2, amount=100_000)),
        ("a void", act("VOID", number=2)),
        ("opened again", act("REOPEN", number=2)),
        ("an act on the leg", leg_act(1, "lost", number=2)),
        ("an act on the market", settled_by_us("lost", number=2)),
        ("our own cancel", market_act(MarketFactKind.CANCEL, number=2)),
        ("a cash-out", cash_out(1000, 100, number=2)),
    ],
)
def test_acts_do_not_wait(case: str, more: AnyFact) -> None:
    rules = RuleSet(auto_resettle_limit="0.01", auto_resettle_days=0)

    assert moved([settled("won", at=1)], [more], rules=rules) == "", case


def test_the_taking_back_of_an_act_does_not_wait() -> None:
    before: list[AnyFact] = [settled("won", at=1), act("VOID", number=2)]

    assert moved(before, [retraction(2, number=3)], rules=LIMITED) == ""


def test_an_older_act_does_not_let_a_later_correction_of_the_provider_pass() -> None:
    before: list[AnyFact] = [settled("won", at=1, number=1), cash_out(100, 50, number=2)]

    assert moved(before, [settled("lost", at=2, number=3)], rules=LIMITED) == "LIMIT"


def test_the_cause_is_the_fact_that_was_heard_last() -> None:
    facts = [act("VOID", number=2), retraction(2, number=3)]
    said = [settled("won", at=1, number=1), settled("lost", at=2, number=4)]

    found = wanted(single(), {1: said}, facts)

    assert found.cause == said[1]
    assert (found.ticket_facts, found.market_facts) == ((2, 3), (4,))


def test_the_cause_is_looked_for_on_every_leg_and_place() -> None:
    bet = each_way("5", "9", place_outcome=True)
    place = settled("won", number=7)

    found = wanted(bet, {1: [settled("won", number=6)], 2: [settled("won", number=5)], 20: [place]})

    assert found.cause == place
    assert sorted(found.market_facts) == [5, 6, 7]


@pytest.mark.parametrize(
    ("case", "ours"),
    [
        ("on the leg", {"facts": [leg_act(1, "won", number=1)]}),
        ("on its market", {"market": [settled_by_us("won", number=1)]}),
    ],
)
def test_an_act_on_one_leg_does_not_let_a_correction_of_another_pass(
    case: str, ours: dict[str, Any]
) -> None:
    bet, mine, facts = accumulator("2", "3"), ours.get("market", []), ours.get("facts", [])
    won, lost = settled("won", at=1, number=2), settled("lost", at=2, number=3)
    before = wanted(bet, {1: mine, 2: [won]}, facts)

    then = wanted(bet, {1: mine, 2: [won, lost]}, facts)

    doubt = why_held(applied(before), then, LIMITED, "EUR", 2)
    assert doubt is not None, case


@pytest.mark.parametrize(
    ("case", "ours"),
    [
        ("a deduction for bets of another time", deducted("20", number=9, end=1)),
        ("the release of a ticket that nobody pinned", act("RELEASE", number=9)),
        ("the taking back of what is not there", retraction(7, number=9)),
        ("a cash-out of a cent", cash_out(1, 1, number=9)),
    ],
)
def test_an_act_beside_what_waits_does_not_end_the_waiting(case: str, ours: AnyFact) -> None:
    waiting = settled("lost", at=2, number=3)

    assert moved([settled("won", at=1, number=2)], [waiting], rules=LIMITED) == "LIMIT"
    assert moved([settled("won", at=1, number=2)], [waiting, ours], rules=LIMITED) == "LIMIT", case


def test_a_mismatch_waits_even_on_an_open_ticket() -> None:
    assert moved([], [result("WIN", "50.00", "2.5")]) == "PAYOUT_MISMATCH"


def test_an_act_ends_the_waiting_for_a_mismatch() -> None:
    wrong, pin = result("WIN", "50.00", "2.5"), act("AMOUNT", number=2, amount=2500)

    found = wanted(single(), facts=[wrong, pin])

    assert (brief(found), held(found)) == (("SETTLED", "MIXED", 2500), "")


@pytest.mark.parametrize(
    "later",
    [result("WIN", "25.00", "2.5", at=2), result("NONE", at=2), act("VOID", number=2)],
    ids=["a result that fits", "taken back", "an act"],
)
def test_what_waits_is_replaced_when_the_fold_moves_on(later: TicketFact) -> None:
    wrong = result("WIN", "50.00", "2.5", at=1)

    assert held(wanted(single(), facts=[wrong])) == "PAYOUT_MISMATCH"
    assert held(wanted(single(), facts=[wrong, later])) == ""


@pytest.mark.parametrize(
    ("case", "balance", "change", "rules", "expected"),
    [
        ("allowed by default", 0, -2500, DEFAULT, ""),
        ("into the negative", 2499, -2500, HOLDS, "NEGATIVE_HELD"),
        ("to nothing", 2500, -2500, HOLDS, ""),
        ("below zero already, and up", -5000, 2500, HOLDS, ""),
        ("below zero already, and further down", -5000, -1, HOLDS, "NEGATIVE_HELD"),
        ("below zero already, unchanged", -5000, 0, HOLDS, ""),
    ],
)
def test_a_correction_into_the_negative_waits_where_the_rules_say_so(
    case: str, balance: int, change: int, rules: RuleSet, expected: str
) -> None:
    doubt = below_zero(balance, change, rules, "EUR", 2)

    assert (str(doubt.kind) if doubt else "") == expected, case


def test_why_a_state_waits_is_a_sentence_with_its_numbers() -> None:
    won, lost = settled("won", at=0), settled("lost", at=31 * DAY)
    before, after = wanted(single(), {1: [won]}), wanted(single(), {1: [won, lost]})

    late = why_held(applied(before), after, DEFAULT, "EUR", 2)
    much = why_held(
        applied(before), after, RuleSet(auto_resettle_limit="15", auto_resettle_days=99), "EUR", 2
    )
    low = below_zero(1000, -2500, HOLDS, "EUR", 2)

    assert [doubt.sentence for doubt in (late, much, low) if doubt] == [
        "The correction comes 31 days after the result that it replaces; more than 30 need "
        "a person.",
        "The correction moves 25 EUR; more than 15 EUR need a person.",
        "The correction would leave the player 15 EUR below zero.",
    ]


@pytest.mark.parametrize(
    ("case", "before", "more", "expected"),
    [
        ("the same fact", [settled("won", at=1)], [], False),
        ("confirmed as it was", [settled("won", at=1)], [settled("won", at=2)], False),
        ("other money", [settled("won", at=1)], [settled("lost", at=2)], True),
        (
            "the same money in another word",
            [act("AMOUNT", number=1, amount=1000)],
            [act("VOID", number=2)],
            True,
        ),
        (
            "the same money with another status",
            [act("VOID", number=1)],
            [act("CANCEL", number=2)],
            True,
        ),
        ("a cash-out of an open ticket", [], [cash_out(100, 0, number=1)], True),
        (
            "opened again, with nothing paid",
            [settled("lost", at=1)],
            [rolled_back(at=2)],
            True,
        ),
    ],
)
def test_what_counts_as_a_change(
    case: str,
    before: list[AnyFact],
    more: list[AnyFact],
    expected: bool,
) -> None:
    first, then = (state(single(), facts, DEFAULT) for facts in (before, [*before, *more]))

    assert differs(applied(first), then) is expected, case
