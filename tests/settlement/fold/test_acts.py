"""What our own people say: it outranks the providers for exactly what it speaks of."""

from itertools import permutations
from typing import Any

import pytest

from settlement.fold.facts import MarketFact, TicketFact
from settlement.vocabulary import MarketFactKind
from tests.settlement.fold.facts_of import (
    ENDED,
    Brief,
    accumulator,
    act,
    brief,
    cancelled,
    cash_out,
    deducted,
    doubts,
    each_way,
    leg,
    leg_act,
    leg_words,
    market_act,
    market_retraction,
    outcome,
    result,
    retraction,
    rolled_back,
    settled,
    settled_by_us,
    single,
    ticket,
    wanted,
)

OPEN = ("OPEN", "NONE", 0)
WIN = ("SETTLED", "WIN", 2500)
LOSE = ("SETTLED", "LOSE", 0)
REFUND = ("SETTLED", "REFUND", 1000)
CANCEL = MarketFactKind.CANCEL


@pytest.mark.parametrize("provider", ["won", "lost", "void", "undecided"])
@pytest.mark.parametrize(
    ("case", "pin", "expected"),
    [
        ("won", act("SETTLE", number=1, result="WIN"), WIN),
        ("lost", act("SETTLE", number=1, result="LOSE"), LOSE),
        ("refunded", act("SETTLE", number=1, result="REFUND"), REFUND),
        ("half won", act("SETTLE", number=1, result="HALF_WIN"), ("SETTLED", "HALF_WIN", 1750)),
        ("half lost", act("SETTLE", number=1, result="HALF_LOSE"), ("SETTLED", "HALF_LOSE", 500)),
        ("void", act("VOID", number=1), REFUND),
        ("an amount", act("AMOUNT", number=1, amount=1234), ("SETTLED", "MIXED", 1234)),
        ("an amount of nothing", act("AMOUNT", number=1, amount=0), LOSE),
        (
            "an amount with its word",
            act("AMOUNT", number=1, amount=2000, result="WIN"),
            ("SETTLED", "WIN", 2000),
        ),
        ("opened again", act("REOPEN", number=1), OPEN),
        ("cancelled", act("CANCEL", number=1), ("CANCELLED", "NONE", 1000)),
        ("rejected", act("REJECT", number=1), ("REJECTED", "NONE", 1000)),
    ],
)
def test_an_act_on_a_ticket_pins_it_whatever_the_provider_says(
    provider: str, case: str, pin: TicketFact, expected: Brief
) -> None:
    said = [settled(provider, at=1, certainty=2)]

    found = wanted(single(), {1: said}, [pin])

    assert (brief(found), found.by_act) == (expected, True), case


@pytest.mark.parametrize(
    ("case", "pin", "expected"),
    [
        ("won", act("SETTLE", number=1, result="WIN"), ("SETTLED", "WIN", 7000)),
        ("placed", act("SETTLE", number=1, result="PLACE_WIN"), ("SETTLED", "PLACE_WIN", 2000)),
        ("lost", act("SETTLE", number=1, result="LOSE"), LOSE),
        ("void", act("VOID", number=1), ("SETTLED", "REFUND", 2000)),
    ],
)
def test_an_act_on_an_each_way_ticket_speaks_of_both_parts(
    case: str, pin: TicketFact, expected: Brief
) -> None:
    assert brief(wanted(each_way("5"), {1: [settled("lost")]}, [pin])) == expected, case


@pytest.mark.parametrize(
    ("pin", "expected"),
    [
        (act("SETTLE", number=1, result="WIN"), ("SETTLED", "WIN", 6000)),
        (act("SETTLE", number=1, result="LOSE"), LOSE),
        (act("VOID", number=1), REFUND),
    ],
)
def test_an_act_on_an_accumulator_speaks_of_every_leg_and_keeps_their_results(
    pin: TicketFact, expected: Brief
) -> None:
    said = {1: [settled("lost")], 2: [settled("half won")]}

    found = wanted(accumulator("2", "3"), said, [pin])

    assert (brief(found), leg_words(found)) == (expected, ["lost", "half won"])


@pytest.mark.parametrize("kind", ["CANCEL", "REJECT", "VOID", "AMOUNT"])
def test_a_whole_ticket_s_later_result_does_not_move_a_pinned_ticket(kind: str) -> None:
    pin = act(kind, number=1, amount=1000)
    before = wanted(single(), facts=[result("LOSE", "0", "0"), pin])

    after = wanted(
        single(), facts=[result("LOSE", "0", "0"), pin, result("WIN", "25.00", "2.5", at=9)]
    )

    assert brief(after) == brief(before)
    assert after.payout == 1000


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("VOID", "SETTLED"), ("CANCEL", "CANCELLED"), ("REJECT", "REJECTED")],
)
def test_a_bet_that_is_not_computed_can_be_refunded(kind: str, expected: str) -> None:
    found = wanted(ticket(leg(1, None), kind="tote"), facts=[act(kind, number=1)])

    assert (found.status, found.payout) == (expected, 1000)


def test_a_bet_that_is_not_computed_is_not_settled_by_a_word() -> None:
    bet = ticket(leg(1, None), kind="tote")

    found = wanted(bet, facts=[act("SETTLE", number=1, result="WIN")])

    assert (brief(found), doubts(found)) == (OPEN, ["CANNOT_SETTLE"])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("VOID", ("SETTLED", "REFUND", 0)),
        ("CANCEL", ("CANCELLED", "NONE", 0)),
        ("REJECT", ("REJECTED", "NONE", 0)),
    ],
)
def test_a_free_bet_s_stake_is_never_refunded(kind: str, expected: Brief) -> None:
    assert brief(wanted(single(free_bet=True), facts=[act(kind, number=1)])) == expected


def test_an_amount_includes_the_cash_outs() -> None:
    facts = [cash_out(400, 700, number=1), act("AMOUNT", number=2, amount=900)]

    found = wanted(single(), facts=facts)

    assert brief(found) == ("SETTLED", "MIXED", 900)
    assert (found.cashed_out_stake, found.cashed_out_amount) == (400, 700)


@pytest.mark.parametrize(
    ("case", "pin", "expected"),
    [
        ("opened", act("REOPEN", number=2), ("OPEN", "NONE", 700)),
        ("void", act("VOID", number=2), ("SETTLED", "REFUND", 1300)),
        ("cancelled", act("CANCEL", number=2), ("CANCELLED", "NONE", 1300)),
        ("won", act("SETTLE", number=2, result="WIN"), ("SETTLED", "WIN", 2200)),
        ("lost", act("SETTLE", number=2, result="LOSE"), ("SETTLED", "LOSE", 700)),
    ],
)
def test_other_acts_speak_of_the_stake_that_is_left(
    case: str, pin: TicketFact, expected: Brief
) -> None:
    facts = [cash_out(400, 700, number=1), pin]

    assert brief(wanted(single(), {1: [settled("won")]}, facts)) == expected, case


def test_among_acts_on_a_ticket_the_later_number_wins() -> None:
    acts = [
        act("VOID", number=1),
        act("AMOUNT", number=2, amount=1234),
        act("SETTLE", number=3, result="LOSE"),
    ]

    found = {brief(wanted(single(), facts=order)) for order in permutations(acts)}

    assert found == {LOSE}


def test_an_act_on_a_leg_pins_that_leg_and_the_others_go_on() -> None:
    bet, pin = accumulator("2", "3"), leg_act(1, "won", number=1)
    first = {1: [settled("lost", at=1)]}

    waiting = wanted(bet, first, [pin])
    won = wanted(bet, first | {2: [settled("won", at=2)]}, [pin])
    lost = wanted(bet, first | {2: [settled("won", at=2), settled("lost", at=3)]}, [pin])

    assert [brief(one) for one in (waiting, won, lost)] == [OPEN, ("SETTLED", "WIN", 6000), LOSE]
    assert [one.pinned for one in won.legs] == [True, False]


def test_one_void_leg_by_hand_does_not_void_the_accumulator() -> None:
    said = {1: [settled("won")], 2: [settled("won")]}

    found = wanted(accumulator("2", "3"), said, [leg_act(2, "void", number=1)])

    assert (brief(found), leg_words(found)) == (("SETTLED", "MIXED", 2000), ["won", "void"])


def test_among_acts_on_a_leg_the_later_number_wins() -> None:
    acts = [leg_act(1, "won", number=1), leg_act(1, "void", number=2)]

    found = {brief(wanted(single(), facts=order)) for order in permutations(acts)}

    assert found == {REFUND}


def test_an_act_on_a_leg_answers_the_question_about_a_void_reason() -> None:
    said = {1: [settled("void", void_reason=15)]}

    found = wanted(single(), said, [leg_act(1, "won", number=1)])

    assert (brief(found), doubts(found)) == (WIN, [])


@pytest.mark.parametrize(
    ("case", "market", "facts", "expected"),
    [
        ("the provider alone", [], [], WIN),
        ("the market over the provider", [settled_by_us("lost", number=9)], [], LOSE),
        (
            "the leg over the market, though it is older",
            [settled_by_us("lost", number=9)],
            [leg_act(1, "void", number=1)],
            REFUND,
        ),
        (
            "the ticket over the leg, though it is older",
            [settled_by_us("lost", number=9)],
            [leg_act(1, "void", number=2), act("AMOUNT", number=1, amount=1)],
            ("SETTLED", "MIXED", 1),
        ),
        (
            "the ticket over the market",
            [market_act(CANCEL, number=9)],
            [act("SETTLE", number=1, result="LOSE")],
            LOSE,
        ),
    ],
)
def test_the_narrower_act_wins(
    case: str, market: list[MarketFact], facts: list[TicketFact], expected: Brief
) -> None:
    said = {1: [settled("won", at=99, certainty=2), *market]}

    assert brief(wanted(single(), said, facts)) == expected, case


@pytest.mark.parametrize(
    ("case", "act", "provider", "expected"),
    [
        ("a result over a cancel", settled_by_us("won", number=1), [cancelled(at=9)], "won"),
        ("a result over a rollback", settled_by_us("won", number=1), [rolled_back(at=9)], "won"),
        ("a void over a result", market_act(CANCEL, number=1), [settled("won", at=9)], "void"),
        (
            "left open",
            market_act(MarketFactKind.ROLLBACK, number=1),
            [settled("won", at=9)],
            "open",
        ),
        (
            "a result of ours of undecided",
            settled_by_us("undecided", number=1),
            [settled("won", at=9)],
            "open",
        ),
        (
            "over a void reason that nobody follows",
            settled_by_us("lost", number=1),
            [settled("void", at=9, void_reason=15)],
            "lost",
        ),
        ("nothing of the provider's", settled_by_us("half won", number=1), [], "half won"),
    ],
)
def test_an_act_on_a_market_outranks_its_provider(
    case: str, act: MarketFact, provider: list[MarketFact], expected: str
) -> None:
    assert {outcome([act, *provider]), outcome([*provider, act])} == {expected}, case


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [(999, "won"), (1000, "void"), (1500, "void"), (2000, "void"), (2001, "won")],
)
def test_an_act_on_a_market_reaches_by_when_a_bet_was_accepted(
    accepted: int, expected: str
) -> None:
    facts = [settled("won"), market_act(CANCEL, number=1, start=1000, end=2000)]

    assert outcome(facts, accepted=accepted) == expected


def test_where_a_later_act_s_window_ends_the_older_act_speaks() -> None:
    facts = [
        settled("won"),
        settled_by_us("lost", number=1),
        market_act(CANCEL, number=2, start=1000, end=2000),
    ]

    assert [outcome(facts, accepted=at) for at in (999, 1000, 2001)] == ["lost", "void", "lost"]


def test_an_act_on_another_outcome_says_nothing_of_this_one() -> None:
    other = market_act(MarketFactKind.SETTLEMENT, number=1, outcomes={"2": ENDED["won"]})

    assert outcome([settled("lost"), other]) == "lost"


def test_among_acts_on_a_market_the_later_number_wins() -> None:
    facts = [settled_by_us("won", number=1), settled_by_us("lost", number=2)]

    assert {outcome(list(order)) for order in permutations(facts)} == {"lost"}


@pytest.mark.parametrize(
    ("case", "acts", "expected"),
    [
        ("taken back", [market_act(CANCEL, number=1), market_retraction(1, number=2)], "won"),
        (
            "the taking back taken back",
            [
                market_act(CANCEL, number=1),
                market_retraction(1, number=2),
                market_retraction(2, number=3),
            ],
            "void",
        ),
        (
            "and once more",
            [
                market_act(CANCEL, number=1),
                market_retraction(1, number=2),
                market_retraction(2, number=3),
                market_retraction(3, number=4),
            ],
            "won",
        ),
        (
            "one of two: the older one speaks",
            [
                settled_by_us("lost", number=1),
                market_act(CANCEL, number=2),
                market_retraction(2, number=3),
            ],
            "lost",
        ),
        (
            "both at once",
            [
                settled_by_us("lost", number=1),
                market_act(CANCEL, number=2),
                market_retraction(1, 2, number=3),
            ],
            "won",
        ),
    ],
)
def test_an_act_on_a_market_can_be_taken_back(
    case: str, acts: list[MarketFact], expected: str
) -> None:
    found = {outcome([settled("won"), *order]) for order in permutations(acts)}

    assert found == {expected}, case


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        ("the pin", [act("VOID", number=1), act("RELEASE", number=2)], WIN),
        ("an act on a leg", [leg_act(1, "void", number=1), act("RELEASE", number=2)], WIN),
        (
            "all of them",
            [
                act("VOID", number=1),
                leg_act(1, "void", number=2),
                act("AMOUNT", number=3, amount=5),
                act("RELEASE", number=4),
            ],
            WIN,
        ),
        (
            "not what comes after it",
            [act("REOPEN", number=1), act("RELEASE", number=2), act("VOID", number=3)],
            REFUND,
        ),
        (
            "not a cash-out",
            [cash_out(1000, 700, number=1), act("RELEASE", number=2)],
            ("SETTLED", "CASH_OUT", 700),
        ),
        (
            "nor one in part",
            [cash_out(400, 700, number=1), act("RELEASE", number=2)],
            ("SETTLED", "WIN", 2200),
        ),
        (
            "until it is taken back itself",
            [act("VOID", number=1), act("RELEASE", number=2), retraction(2, number=3)],
            REFUND,
        ),
    ],
)
def test_a_release_gives_the_ticket_back_to_its_provider(
    case: str, facts: list[TicketFact], expected: Brief
) -> None:
    for order in permutations(facts):
        assert brief(wanted(single(), {1: [settled("won")]}, order)) == expected, case


def test_a_release_gives_a_whole_ticket_back_to_the_result_in_force() -> None:
    facts = [
        act("VOID", number=1),
        result("LOSE", "0", "0", at=1),
        result("WIN", "25.00", "2.5", at=2),
        act("RELEASE", number=2),
    ]

    assert brief(wanted(single(), facts=facts)) == WIN


def test_a_release_on_a_ticket_leaves_its_market_s_acts() -> None:
    said = {1: [settled("won"), settled_by_us("lost", number=1)]}

    facts = [act("VOID", number=1), act("RELEASE", number=2)]

    assert brief(wanted(single(), said, facts)) == LOSE


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        ("a pin", [act("VOID", number=1), retraction(1, number=2)], WIN),
        ("an act on a leg", [leg_act(1, "void", number=1), retraction(1, number=2)], WIN),
        (
            "the taking back",
            [act("VOID", number=1), retraction(1, number=2), retraction(2, number=3)],
            REFUND,
        ),
        (
            "the taking back of the taking back",
            [
                act("VOID", number=1),
                retraction(1, number=2),
                retraction(2, number=3),
                retraction(3, number=4),
            ],
            WIN,
        ),
        (
            "the newest of two pins: the older one is in force",
            [
                act("AMOUNT", number=1, amount=5),
                act("VOID", number=2),
                retraction(2, number=3),
            ],
            ("SETTLED", "MIXED", 5),
        ),
        (
            "an older pin: the newest stays",
            [
                act("AMOUNT", number=1, amount=5),
                act("VOID", number=2),
                retraction(1, number=3),
            ],
            REFUND,
        ),
        (
            "two at once",
            [
                act("AMOUNT", number=1, amount=5),
                act("VOID", number=2),
                retraction(1, 2, number=3),
            ],
            WIN,
        ),
        ("nothing that is there", [act("VOID", number=1), retraction(99, number=2)], REFUND),
        (
            "a full cash-out",
            [cash_out(1000, 700, number=1), retraction(1, number=2)],
            WIN,
        ),
        (
            "one of two cash-outs",
            [
                cash_out(400, 300, number=1),
                cash_out(200, 700, number=2),
                retraction(1, number=3),
            ],
            ("SETTLED", "WIN", 2700),
        ),
    ],
)
def test_a_retraction_takes_acts_back(case: str, facts: list[TicketFact], expected: Brief) -> None:
    for order in permutations(facts):
        assert brief(wanted(single(), {1: [settled("won")]}, order)) == expected, case


def test_after_a_retraction_the_state_is_what_the_provider_says_by_now() -> None:
    facts = [act("VOID", number=1), retraction(1, number=2)]
    said = [settled("won", at=1), settled("lost", at=2)]

    assert brief(wanted(single(), {1: said}, facts)) == LOSE


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("won", {"markets": {1: [settled("won")]}}),
        ("lost", {"markets": {1: [settled("lost")]}}),
        ("cancelled", {"markets": {1: [cancelled()]}}),
        ("rolled back", {"markets": {1: [settled("won"), rolled_back(at=2)]}}),
        ("our own act on the market", {"markets": {1: [settled_by_us("won", number=9)]}}),
        ("a whole ticket's result", {"result": result("WIN", "25.00", "2.5", at=9)}),
        ("their own cash-out", {"result": result("CASH_OUT", "9.00", "0.9", at=9)}),
        ("cancelled as a whole", {"result": result("NONE", flag="CANCELLED", at=9)}),
    ],
)
def test_a_full_cash_out_is_final_against_providers(case: str, said: dict[str, Any]) -> None:
    facts = [cash_out(1000, 700, number=1)] + ([said["result"]] if "result" in said else [])

    found = wanted(single(), said.get("markets"), facts)

    assert brief(found) == ("SETTLED", "CASH_OUT", 700), case
    assert (found.cashed_out_stake, found.cashed_out_amount) == (1000, 700)


def test_a_cashed_out_ticket_keeps_its_legs_results() -> None:
    said = {1: [settled("won")], 2: [settled("lost")]}

    found = wanted(accumulator("2", "3"), said, [cash_out(1000, 700, number=1)])

    assert (brief(found), leg_words(found)) == (("SETTLED", "CASH_OUT", 700), ["won", "lost"])


@pytest.mark.parametrize(
    ("case", "word", "expected"),
    [
        ("open: it is paid already", "undecided", ("OPEN", "NONE", 300)),
        ("won: the rest at the agreed price", "won", ("SETTLED", "WIN", 1800)),
        ("lost", "lost", ("SETTLED", "LOSE", 300)),
        ("void", "void", ("SETTLED", "REFUND", 900)),
    ],
)
def test_a_cash_out_in_part_leaves_the_rest_running(case: str, word: str, expected: Brief) -> None:
    found = wanted(single(), {1: [settled(word)]}, [cash_out(400, 300, number=1)])

    assert brief(found) == expected, case
    assert (found.cashed_out_stake, found.cashed_out_amount) == (400, 300)


def test_cash_outs_in_part_that_come_to_the_whole_stake_are_a_full_one() -> None:
    facts = [cash_out(400, 300, number=1), cash_out(600, 500, number=2)]

    assert brief(wanted(single(), {1: [settled("won")]}, facts)) == ("SETTLED", "CASH_OUT", 800)


def test_a_full_cash_out_that_is_retracted_in_part_runs_again() -> None:
    facts = [
        cash_out(400, 300, number=1),
        cash_out(600, 500, number=2),
        retraction(2, number=3),
    ]

    assert brief(wanted(single(), {1: [settled("won")]}, facts)) == ("SETTLED", "WIN", 1800)


@pytest.mark.parametrize(
    ("case", "pin", "expected"),
    [
        ("an amount", act("AMOUNT", number=2, amount=900), ("SETTLED", "MIXED", 900)),
        ("opened again", act("REOPEN", number=2), ("OPEN", "NONE", 700)),
        ("cancelled", act("CANCEL", number=2), ("CANCELLED", "NONE", 700)),
    ],
)
def test_a_ticket_may_be_fixed_after_a_full_cash_out(
    case: str, pin: TicketFact, expected: Brief
) -> None:
    assert brief(wanted(single(), facts=[cash_out(1000, 700, number=1), pin])) == expected, case


def test_a_void_after_a_full_cash_out_is_a_refund_of_nothing_more() -> None:
    facts = [cash_out(1000, 700, number=1), act("VOID", number=2)]

    assert brief(wanted(single(), facts=facts)) == ("SETTLED", "REFUND", 700)


def test_a_full_cash_out_outranks_the_pin_that_was_there_before() -> None:
    facts = [act("VOID", number=1), cash_out(1000, 700, number=2)]

    assert brief(wanted(single(), facts=facts)) == ("SETTLED", "CASH_OUT", 700)


@pytest.mark.parametrize(
    ("case", "facts", "accepted", "expected"),
    [
        ("20 % off the profit", [deducted("20", number=1)], 1000, 2200),
        ("two withdrawals add up", [deducted("20", number=1), deducted("5", number=2)], 1000, 2125),
        ("90 % at most", [deducted("60", number=1), deducted("60", number=2)], 1000, 1150),
        ("a bet at its last moment", [deducted("20", number=1, end=1000)], 1000, 2200),
        ("a bet a moment later", [deducted("20", number=1, end=999)], 1000, 2500),
        (
            "a bet between two withdrawals",
            [deducted("20", number=1, end=999), deducted("5", number=2, end=1500)],
            1000,
            2425,
        ),
        (
            "taken back",
            [deducted("20", number=1), market_retraction(1, number=2)],
            1000,
            2500,
        ),
    ],
)
def test_a_deduction_is_taken_off_bets_that_were_accepted_in_its_window(
    case: str, facts: list[MarketFact], accepted: int, expected: int
) -> None:
    found = wanted(single(accepted=accepted), {1: [settled("won"), *facts]})

    assert brief(found) == ("SETTLED", "WIN", expected), case


def test_a_deduction_pins_nothing() -> None:
    off = deducted("20", number=1)

    found = [wanted(single(), {1: [off, settled(word, at=2)]}) for word in ("won", "lost", "void")]

    assert [brief(one) for one in found] == [("SETTLED", "WIN", 2200), LOSE, REFUND]
    assert [one.by_act for one in found] == [False, False, False]


def test_a_deduction_is_taken_off_both_parts_of_an_each_way_bet() -> None:
    found = wanted(each_way("5"), {1: [settled("won"), deducted("25", number=1)]})

    assert brief(found) == ("SETTLED", "WIN", 5750)


def test_a_deduction_stays_when_a_ticket_is_fixed_as_won() -> None:
    won = act("SETTLE", number=1, result="WIN")

    found = wanted(single(), {1: [deducted("20", number=1)]}, [won])

    assert brief(found) == ("SETTLED", "WIN", 2200)


def test_an_act_on_a_leg_may_name_its_deduction_alone() -> None:
    off = act("LEG", number=1, position=1, percent="20")

    found = [wanted(single(), {1: [settled(word)]}, [off]) for word in ("won", "lost")]

    assert [brief(one) for one in found] == [("SETTLED", "WIN", 2200), LOSE]


@pytest.mark.parametrize(
    ("case", "said", "facts", "expected"),
    [
        ("won, its price awaited", "won", [], OPEN),
        (
            "won, and the price comes",
            "won",
            [act("LEG", number=1, position=1, starting_price="4.5")],
            ("SETTLED", "WIN", 4500),
        ),
        (
            "a second price",
            "won",
            [
                act("LEG", number=1, position=1, starting_price="4.5"),
                act("LEG", number=2, position=1, starting_price="5"),
            ],
            ("SETTLED", "WIN", 5000),
        ),
        (
            "a price, then how it ended: each by the newest that names it",
            "undecided",
            [
                act("LEG", number=1, position=1, starting_price="4.5"),
                leg_act(1, "won", number=2),
            ],
            ("SETTLED", "WIN", 4500),
        ),
        ("lost needs no price", "lost", [], LOSE),
        ("void needs none either", "void", [], REFUND),
    ],
)
def test_a_bet_at_starting_price_waits_for_it(
    case: str, said: str, facts: list[TicketFact], expected: Brief
) -> None:
    for order in permutations(facts):
        assert brief(wanted(single(None), {1: [settled(said)]}, order)) == expected, case


def test_a_builder_that_the_rules_leave_to_a_person_says_so() -> None:
    bet = ticket(leg(1, "3", group="A"), leg(2, "3", group="A"), kind="single")

    found = wanted(bet, {1: [settled("half won")], 2: [settled("won")]})

    assert (brief(found), doubts(found)) == (OPEN, ["CANNOT_SETTLE"])
