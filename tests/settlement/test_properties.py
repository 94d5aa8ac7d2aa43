"""What holds for every bet under the default rules."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from settlement.rules.exact import ratio_text
from settlement.rules.kinds import shape_of
from settlement.rules.payout import is_plain, settle, settle_plain
from settlement.rules.quote import bet_of
from tests.settlement import oracle
from tests.settlement.examples import examples
from tests.settlement.quoting import Json, exact, quoted
from tests.settlement.strategies import PRICES, WITH_BANKERS, bets, bets_under_other_rules, legs

CENT = Decimal("0.01")


def with_leg(asked: Json, place: int, **changes: Any) -> Json:
    """Return the bet with something else about one leg."""
    changed = [*asked["legs"]]
    changed[place] = changed[place] | changes
    return asked | {"legs": changed}


def places(asked: Json) -> st.SearchStrategy[int]:
    """Any of a bet's legs."""
    return st.integers(0, len(asked["legs"]) - 1)


@examples
@given(bets())
def test_the_closed_form_is_the_sum_over_every_line(asked: Json) -> None:
    found = quoted(asked)

    assert Fraction(found["exact"]) == oracle.returns(asked)
    assert found["lines"] == oracle.lines(asked)
    assert Fraction(found["total_stake"]) == oracle.total_stake(asked)


@examples
@given(bets_under_other_rules())
def test_the_closed_form_is_the_sum_over_every_line_under_other_rules_too(asked: Json) -> None:
    found = quoted(asked)

    assert Fraction(found["exact"]) == oracle.returns(asked)
    assert found["lines"] == oracle.lines(asked)


@examples
@given(bets(), st.data())
def test_the_order_of_the_legs_does_not_matter(asked: Json, data: st.DataObject) -> None:
    shuffled = asked | {"legs": data.draw(st.permutations(asked["legs"]))}

    before, after = quoted(asked), quoted(shuffled)

    assert (after["exact"], after["result"]) == (before["exact"], before["result"])


@examples
@given(bets(), st.data())
def test_a_void_leg_counts_as_a_winner_at_1(asked: Json, data: st.DataObject) -> None:
    place = data.draw(places(asked))
    void = with_leg(asked, place, result="void")
    won = with_leg(asked, place, result="win", price="1", dead_heat=None, place_dead_heat=None)

    assert exact(void) == exact(won)


@examples
@given(bets(), PRICES, st.data())
def test_a_higher_price_never_pays_less(asked: Json, price: str, data: st.DataObject) -> None:
    place = data.draw(places(asked))
    lower, higher = sorted((asked["legs"][place]["price"], price), key=Fraction)

    assert exact(with_leg(asked, place, price=lower)) <= exact(with_leg(asked, place, price=higher))


@examples
@given(bets(), st.data())
def test_a_winner_never_pays_less_than_a_loser(asked: Json, data: st.DataObject) -> None:
    place = data.draw(places(asked))
    lost = exact(with_leg(asked, place, result="lose"))
    placed = exact(with_leg(asked, place, result="place")) if asked["each_way"] else lost
    won = exact(with_leg(asked, place, result="win"))

    assert lost <= placed <= won


@examples
@given(bets())
def test_the_folds_of_a_ticket_are_systems_that_sum_to_it(asked: Json) -> None:
    bet, _ = bet_of(asked)
    number = bet.shape.choose_from
    apart = [exact(asked | {"type": f"system:{fold}/{number}"}) for fold in bet.shape.folds]

    assert sum(apart) == exact(asked)


@examples
@given(bets())
def test_the_explained_parts_sum_to_the_whole(asked: Json) -> None:
    settled = settle(*bet_of(asked))
    folds = [fold for part in settled.parts for fold in part.folds]

    assert sum(sum(part.amounts) for part in settled.parts) == settled.exact
    assert sum(fold.lines for fold in folds) == settled.bet.lines
    assert all(0 <= fold.paying <= fold.lines for fold in folds)
    assert all((fold.paying == 0) == (fold.factor == 0) for fold in folds)


def place_part(one: Json) -> Json:
    """Return the place part of an each-way leg as a leg of its own."""
    if one["place_fraction"] is None:
        return one | {"result": "void"}
    price = 1 + Fraction(one["place_fraction"]) * (Fraction(one["price"]) - 1)
    result = "win" if one["result"] == "place" else one["result"]
    return one | {
        "price": ratio_text(price),
        "result": result,
        "dead_heat": one["place_dead_heat"],
    }


@examples
@given(bets(each_way=True))
def test_an_each_way_bet_is_a_win_bet_and_a_place_bet(asked: Json) -> None:
    win = asked | {"each_way": False}
    place = win | {"legs": [place_part(one) for one in asked["legs"]]}

    assert exact(asked) == exact(win) + exact(place)


@examples
@given(bets())
def test_a_bet_whose_legs_are_all_void_returns_its_stake(asked: Json) -> None:
    found = quoted(asked | {"legs": [one | {"result": "void"} for one in asked["legs"]]})

    assert found["returns"] == found["total_stake"]
    assert Fraction(found["exact"]) == Fraction(found["total_stake"])
    assert found["result"] == "refund"


@examples
@given(bets())
def test_the_payout_is_the_exact_return_rounded_and_never_negative(asked: Json) -> None:
    found = quoted(asked)
    paid, down = Decimal(found["returns"]), Decimal(found["returns_down"])

    assert 0 <= down <= paid <= down + CENT
    assert 0 <= Fraction(found["exact"]) - Fraction(down) < Fraction(CENT)
    assert abs(Fraction(paid) - Fraction(found["exact"])) <= Fraction(CENT) / 2


@examples
@given(bets(), st.sampled_from(["ticket", "line"]))
def test_a_free_bet_pays_the_cash_bet_without_its_stake(asked: Json, scope: str) -> None:
    cash = exact(asked)
    free = exact(asked | {"free_bet": True, "rules": {"snr_scope": scope}})
    without_stake = max(Fraction(0), cash - oracle.total_stake(asked))

    assert free == without_stake if scope == "ticket" else without_stake <= free <= cash


@examples
@given(bets(), st.integers(1, 20), st.integers(0, 5000))
def test_what_is_cashed_out_and_what_remains_sum_to_the_ticket(
    asked: Json, twentieths: int, cents: int
) -> None:
    share = Fraction(twentieths, 20)
    amount = Fraction(cents, 100)
    stake = ratio_text(share * oracle.total_stake(asked))
    cashed_out = asked | {"cashed_out": {"stake": stake, "amount": ratio_text(amount)}}

    assert exact(cashed_out) == amount + (1 - share) * exact(asked)


@examples
@given(bets(), st.data())
def test_what_is_decided_early_no_open_leg_can_change(asked: Json, data: st.DataObject) -> None:
    place = data.draw(places(asked))
    terms = {"place_fraction": asked["legs"][place]["place_fraction"]}
    ends = [data.draw(legs(each_way=asked["each_way"])) | terms for _ in range(3)]
    found = quoted(with_leg(asked, place, result=None))
    won = with_leg(asked, place, result="win", dead_heat=None, place_dead_heat=None)

    if found["exact"] is not None:
        assert {quoted(with_leg(asked, place, **end))["exact"] for end in ends} == {found["exact"]}
    else:
        assert exact(won) != exact(with_leg(asked, place, result="lose"))


@examples
@given(bets(), st.integers(2, 9))
def test_a_multiple_of_the_stake_pays_that_multiple(asked: Json, times: int) -> None:
    stake = ratio_text(Fraction(asked["stake"]) * times)

    assert exact(asked | {"stake": stake}) == times * exact(asked)


@examples
@given(bets())
def test_lines_rounded_down_one_by_one_never_pay_more(asked: Json) -> None:
    rounding = {"scope": "line", "mode": "DOWN"}
    by_line = exact(asked | {"rules": {"rounding": rounding}})
    found = quoted(asked)

    assert 0 <= exact(asked) - by_line < Fraction(found["lines"], 100)


@examples
@given(bets(), st.integers(1, 50_000))
def test_a_cap_never_raises_a_payout_and_cuts_to_no_less_than_itself(
    asked: Json, cents: int
) -> None:
    amount = ratio_text(Fraction(cents, 100))
    capped = exact(asked | {"rules": {"cap": {"amount": amount}}})

    assert min(exact(asked), Fraction(cents, 100)) <= capped <= exact(asked)


@examples
@given(bets(kind=WITH_BANKERS), st.data())
def test_a_lost_banker_loses_every_line(asked: Json, data: st.DataObject) -> None:
    bankers = [place for place, one in enumerate(asked["legs"]) if one.get("banker")]
    place = data.draw(st.sampled_from(bankers))
    changed = with_leg(asked, place, result="lose", place_fraction="1/5")

    found = quoted(changed)

    assert (found["exact"], found["result"]) == ("0/1", "lose")


@examples
@given(st.one_of(bets(), bets_under_other_rules()), st.data())
def test_a_plain_bet_pays_plainly_what_it_pays_with_every_step(
    asked: Json, data: st.DataObject
) -> None:
    """Also with legs that are open."""
    bet, rules = bet_of(asked)
    left_open = data.draw(st.sets(st.integers(0, len(bet.legs) - 1)))
    legs = tuple(
        replace(leg, banker=False, win=None if place in left_open else leg.win)
        for place, leg in enumerate(bet.legs)
    )
    shape = shape_of("single" if len(legs) == 1 else "accumulator", legs=len(legs), bankers=0)
    bet = replace(bet, legs=legs, shape=shape, each_way=False, free_bet=False)
    assume(is_plain(bet, rules))

    whole = settle(bet, rules)
    plain = settle_plain(bet, rules, whole.legs)

    assert (plain.result, plain.returns) == (whole.result, whole.returns)
