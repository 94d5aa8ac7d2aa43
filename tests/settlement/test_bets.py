"""A stored ticket is the same bet to the rules as it was to the player."""

from fractions import Fraction

import pytest

from settlement import selectors
from settlement.bets import as_if_won, bet_of
from settlement.models import Selection, Ticket
from settlement.rules.legs import LOST, VOID, WON, Factors, Leg
from settlement.rules.payout import Bet, settle
from settlement.rules.ruleset import DEFAULT
from tests.factories import FundedPlayer
from tests.settlement.asked import Json, accepted, bet, builder, legs, selection

THIRD = Fraction(1, 3)


def stored(player: FundedPlayer, *selections: Json, **words: object) -> Ticket:
    """Bring a ticket in and read it as the pages do."""
    asked = bet(player, *selections, **words)
    accepted(asked)
    found = selectors.ticket(asked["bet_id"])
    assert found
    return found


def read(ticket: Ticket) -> Bet:
    """Return the bet as it stands."""
    return bet_of(ticket, selectors.selections_of(ticket.pk), DEFAULT)


def end(ticket: Ticket, position: int, win: str, void: str = "0", place: str | None = None) -> None:
    """Write how a leg ended, as settlement does; `place` says whether the place part won."""
    factors = {"win_factor": win, "void_factor": void}
    if place is not None:
        factors |= {"place_win_factor": place, "place_void_factor": "0"}
    Selection.objects.filter(ticket=ticket, position=position).update(**factors)


def returns(ticket: Ticket) -> str:
    """Return what the ticket pays as it stands."""
    return str(settle(read(ticket), DEFAULT).returns)


def test_a_single_is_read_as_it_was_bet(player: FundedPlayer) -> None:
    names = {"event_name": "Hull v York", "market_name": "Result", "outcome_name": "Hull"}

    found = read(stored(player, selection(**names)))

    assert (found.stake, found.currency, found.precision) == (Fraction(10), "EUR", 2)
    assert (found.shape.word, found.each_way, found.free_bet) == ("single", False, False)
    assert found.cashed_out_stake == found.cashed_out_amount == 0
    assert found.legs == (Leg("Hull v York · Result · Hull", Fraction(5, 2), None),)


def test_what_nobody_named_is_called_by_its_references(player: FundedPlayer) -> None:
    asked = selection(specifiers="total=2.5", line="2.5", provider="lsports", outcome="",
                      outcome_name="Over")  # fmt: skip

    (plain, named) = read(stored(player, selection(2), asked, kind="double")).legs

    assert plain.name == "E-2 · 1 · X"
    assert named.name == "E-1 · 1 total=2.5 · Over 2.5"


def test_every_term_of_a_leg_is_read(player: FundedPlayer) -> None:
    ticket = stored(
        player,
        selection(1, price=None, place_fraction="1/4", banker=True),
        selection(2, price="11/6", place_price="1.50"),
        kind="system:1/1",
        each_way=True,
    )
    Selection.objects.filter(ticket=ticket, position=1).update(
        win_factor="1/3", void_factor="0", place_win_factor="1", place_void_factor="0",
        starting_price="4.50", deduction_percent="15",
    )  # fmt: skip

    first, second = read(ticket).legs

    assert first == Leg(
        "E-1 · 1 · X", None, Factors(THIRD, Fraction(0)), WON, place_fraction=Fraction(1, 4),
        starting_price=Fraction(9, 2), deductions=(Fraction(15),), banker=True,
    )  # fmt: skip
    assert second == Leg("E-2 · 1 · X", Fraction(11, 6), None, place_price=Fraction(3, 2))


@pytest.mark.parametrize(
    ("what", "words", "stake", "lines", "unit", "precision"),
    [
        ("euros over 15 lines", {"stake": "10.00"}, "10", 15, "2/3", 2),
        ("each way", {"stake": "10.00", "each_way": True}, "10", 30, "1/3", 2),
        ("yen", {"stake": "100", "currency": "JPY"}, "100", 15, "20/3", 0),
        ("bitcoin", {"stake": "0.00000001", "currency": "BTC"}, "1/100000000", 15,
         "1/1500000000", 8),
    ],
)  # fmt: skip
def test_the_unit_stake_is_exact(
    player: FundedPlayer, what: str, words: Json, stake: str, lines: int, unit: str, precision: int
) -> None:
    asked = legs(4, place_fraction="1/5")
    ticket = stored(player, *asked, kind="lucky15", stake_taken=False, **words)

    found = read(ticket)

    assert (found.stake, found.lines, found.precision) == (Fraction(stake), lines, precision)
    assert found.unit_stake == Fraction(unit)
    assert ticket.unit_stake == Fraction(unit) * 10**precision


def test_a_builder_is_one_leg_where_its_first_part_stands(player: FundedPlayer) -> None:
    first, second = builder("X", "Y")

    found = read(stored(player, selection(2), first, selection(3), second, kind="treble")).legs

    assert [leg.name for leg in found] == [
        "E-2 · 1 · X", "Bet builder: X + Y", "E-3 · 1 · X",
    ]  # fmt: skip
    assert (found[1].price, found[1].builder, found[1].win) == (Fraction(9, 2), ("X", "Y"), None)


def test_two_builders_are_two_legs_with_a_price_each(player: FundedPlayer) -> None:
    parts = [*builder("X", "Y"), *builder("X", "Y", "Z", number=2, group="B", price="9")]
    ticket = stored(player, *parts, kind="double")

    for position in range(1, 6):
        end(ticket, position, "1")

    assert [leg.price for leg in read(ticket).legs] == [Fraction(9, 2), Fraction(9)]
    assert returns(ticket) == "405"


def test_a_builder_with_a_lost_part_is_lost_and_with_a_void_one_void(player: FundedPlayer) -> None:
    lost, void = (stored(player, *builder("X", "Y")) for _ in range(2))

    end(lost, 1, "1")
    end(lost, 2, "0")
    end(void, 1, "1")
    end(void, 2, "0", void="1")

    assert read(lost).legs[0].win == LOST
    assert read(void).legs[0].win == VOID


def test_a_builder_of_one_bankers_part_is_a_banker(player: FundedPlayer) -> None:
    parts = [*builder("X", banker=True), *builder("Y")]

    found = read(stored(player, *parts, *legs(3)[1:], kind="system:1/2")).legs

    assert [leg.banker for leg in found] == [True, False, False]


def test_what_was_cashed_out_is_read_in_major_units(player: FundedPlayer) -> None:
    ticket = stored(player)
    ticket.cashed_out_stake, ticket.cashed_out_amount = 250, 399

    found = read(ticket)

    assert (found.cashed_out_stake, found.cashed_out_amount) == (Fraction(5, 2), Fraction(399, 100))


@pytest.mark.parametrize(
    ("what", "words", "pays"),
    [("cash", {}, "25"), ("a free bet", {"free_bet_ref": "F-1"}, "15")],
)
def test_a_free_bet_pays_without_its_stake(
    player: FundedPlayer, what: str, words: Json, pays: str
) -> None:
    ticket = stored(player, **words)

    end(ticket, 1, "1")

    assert returns(ticket) == pays


def test_each_way_pays_by_both_parts(player: FundedPlayer) -> None:
    ticket = stored(player, selection(price="9", place_fraction="1/4"), each_way=True)

    end(ticket, 1, "0", place="1")

    assert returns(ticket) == "15"


def test_what_is_open_is_taken_as_won_and_what_ended_stays(player: FundedPlayer) -> None:
    ticket = stored(player, *legs(3, place_fraction="1/4"), kind="treble", each_way=True)
    end(ticket, 1, "0", place="1")
    end(ticket, 2, "0", void="1")

    found = bet_of(ticket, as_if_won(selectors.selections_of(ticket.pk)), DEFAULT).legs

    assert [(leg.win, leg.place) for leg in found] == [(LOST, WON), (VOID, WON), (WON, WON)]


def test_taking_parts_as_won_changes_neither_them_nor_what_is_stored(player: FundedPlayer) -> None:
    ticket = stored(player, *builder("X", "Y"))
    rows = selectors.selections_of(ticket.pk)

    copies = as_if_won(rows)

    assert [one.win_factor for one in copies] == ["1", "1"]
    assert [one.win_factor for one in rows] == [None, None]
    assert settle(bet_of(ticket, copies, DEFAULT), DEFAULT).returns == 45
    assert not Selection.objects.exclude(win_factor=None).exists()
    assert read(ticket).legs[0].win is None


def test_a_ticket_that_is_not_there_is_nothing(db: None) -> None:
    assert selectors.ticket("T-0") is None
