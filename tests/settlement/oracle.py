"""Betting arithmetic done the slow, obvious way, to check the product's closed forms against.

Every line of a bet is written out and rolled up leg by leg in exact fractions; nothing is shared
with the code under test. A bet has the shape of the arithmetic vectors, plus the optional fields
read below. What the rules leave to a person raises `ValueError`.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import Any

_ONE_LINE = {"single": 1, "double": 2, "treble": 3, "accumulator": None}
# How many legs that are not bankers the bet has, and its shortest fold.
_FULL_COVER = {
    "trixie": (3, 2),
    "patent": (3, 1),
    "yankee": (4, 2),
    "lucky15": (4, 1),
    "canadian": (5, 2),
    "lucky31": (5, 1),
    "heinz": (6, 2),
    "lucky63": (6, 1),
    "superheinz": (7, 2),
    "lucky127": (7, 1),
    "goliath": (8, 2),
    "lucky255": (8, 1),
}
_WITHOUT_PRICE = {"lose": Fraction(0), "half_lose": Fraction(1, 2), "void": Fraction(1)}


def returns(bet: Mapping[str, Any]) -> Fraction:
    """Return what the bet pays back in major units: exact, neither rounded nor capped."""
    cashed_out = bet.get("cashed_out")
    if cashed_out is None:
        return _returns_of_whole_stake(bet)
    remaining_share = 1 - _number(cashed_out["stake"]) / total_stake(bet)
    if remaining_share == 0:
        return _number(cashed_out["amount"])
    return _number(cashed_out["amount"]) + remaining_share * _returns_of_whole_stake(bet)


def lines(bet: Mapping[str, Any]) -> int:
    """Count the separately staked lines; each-way counts every line twice."""
    return len(_lines(bet)) * (2 if bet.get("each_way") else 1)


def total_stake(bet: Mapping[str, Any]) -> Fraction:
    """Return the unit stakes of all lines together."""
    return sum((_number(bet["stake"]) for _ in range(lines(bet))), Fraction(0))


def _returns_of_whole_stake(bet: Mapping[str, Any]) -> Fraction:
    parts = _staked_and_returned(bet)
    total = sum((returned for _, returned in parts), Fraction(0))
    if not bet.get("free_bet"):
        return total
    if _choice(_rules(bet), "snr_scope", "ticket", "line") == "ticket":
        return max(Fraction(0), total - total_stake(bet))
    return sum((max(Fraction(0), returned - staked) for staked, returned in parts), Fraction(0))


def _staked_and_returned(bet: Mapping[str, Any]) -> list[tuple[Fraction, Fraction]]:
    """Return, for every separately staked part of every line, the stake and what comes back."""
    unit, rules = _number(bet["stake"]), _rules(bet)
    formula = _choice(rules, "each_way_formula", "win_place", "equally_divided")
    multipliers = [_multipliers(parts, bet) for parts in _legs(bet)]
    outcome = []
    for line in _lines(bet):
        rolled = [multipliers[number] for number in line]
        if bet.get("each_way") and formula == "equally_divided":
            outcome.append((2 * unit, _divided_after_each_leg(2 * unit, rolled)))
        else:
            outcome += [(unit, unit * prod(part)) for part in zip(*rolled, strict=True)]
    return outcome


def _divided_after_each_leg(pot: Fraction, rolled: Iterable[Sequence[Fraction]]) -> Fraction:
    for win, place in rolled:
        pot = pot / 2 * win + pot / 2 * place
    return pot


def _lines(bet: Mapping[str, Any]) -> list[tuple[int, ...]]:
    """Write out every line as the numbers of its legs; every line holds all bankers."""
    legs = _legs(bet)
    if bet["type"] in _ONE_LINE:
        _expect(bet, _ONE_LINE[bet["type"]] or len(legs), len(legs))
        return [tuple(range(len(legs)))]
    bankers = tuple(n for n, parts in enumerate(legs) if any(part.get("banker") for part in parts))
    others = [number for number in range(len(legs)) if number not in bankers]
    return [
        bankers + chosen
        for fold in _folds(bet, len(others))
        for chosen in combinations(others, fold)
    ]


def _folds(bet: Mapping[str, Any], others: int) -> list[int]:
    """Return how many of the legs that are not bankers a line may hold."""
    if bet["type"] in _FULL_COVER:
        expected, shortest = _FULL_COVER[bet["type"]]
        _expect(bet, expected, others)
        return list(range(shortest, expected + 1))
    listed, expected_text = bet["type"].removeprefix("system:").split("/")
    _expect(bet, int(expected_text), others)
    folds = [int(fold) for fold in listed.split(",")]
    if len(set(folds)) < len(folds) or not set(folds) <= set(range(1, others + 1)):
        raise ValueError(f"No lines are defined for a bet of type {bet['type']}.")
    return folds


def _expect(bet: Mapping[str, Any], expected: int, found: int) -> None:
    if found != expected:
        raise ValueError(f"A bet of type {bet['type']} needs {expected} legs, not {found}.")


def _legs(bet: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    """Return the legs, each as the list of its parts: one, or those of a bet builder."""
    legs: dict[str | int, list[Mapping[str, Any]]] = {}
    for number, part in enumerate(bet["legs"]):
        group = part.get("group")
        legs.setdefault(number if group is None else group, []).append(part)
    return list(legs.values())


def _multipliers(parts: Sequence[Mapping[str, Any]], bet: Mapping[str, Any]) -> list[Fraction]:
    """Return what one unit on the leg pays back: on the win part and, each-way, on the place."""
    rules = _rules(bet)
    leg = parts[0] if parts[0].get("group") is None else _built(parts, rules)
    if not bet.get("each_way"):
        return [_win_part(leg, rules)]
    return [_win_part(leg, rules), _place_part(leg, rules)]


def _win_part(leg: Mapping[str, Any], rules: Mapping[str, Any]) -> Fraction:
    if leg["result"] in _WITHOUT_PRICE:
        return _WITHOUT_PRICE[leg["result"]]
    if leg["result"] == "place":
        return Fraction(0)
    price = _after_rule4(_price(leg), leg, rules)
    return _paid(price, leg["result"], leg.get("dead_heat"), rules)


def _place_part(leg: Mapping[str, Any], rules: Mapping[str, Any]) -> Fraction:
    if leg.get("place_fraction") is None and leg.get("place_price") is None:
        win_only = _choice(rules, "place_win_only", "void", "win")
        return Fraction(1) if win_only == "void" else _win_part(leg, rules)
    if leg["result"] in _WITHOUT_PRICE:
        return _WITHOUT_PRICE[leg["result"]]
    price = _after_rule4(_place_price(leg), leg, rules)
    return _paid(price, leg["result"], leg.get("place_dead_heat"), rules)


def _paid(price: Fraction, result: str, dead_heat: Any, rules: Mapping[str, Any]) -> Fraction:
    """Return what one unit pays back at the price that is left after Rule 4."""
    factor = Fraction(1) if dead_heat is None else _number(dead_heat)
    if result == "half_win" and factor == 1:
        return (price + 1) / 2
    if result not in ("win", "place"):
        raise ValueError(f"No rule pays result {result} with dead heat {dead_heat}.")
    return price if factor == 1 else _dead_heated(price, factor, rules)


def _dead_heated(price: Fraction, factor: Fraction, rules: Mapping[str, Any]) -> Fraction:
    match _choice(rules, "dead_heat_method", "stake", "profit", "odds_floor_1", "void_if_odds_on"):
        case "profit":
            return 1 + factor * (price - 1)
        case "odds_floor_1":
            return max(Fraction(1), factor * price)
        case "void_if_odds_on" if price < 2:
            return Fraction(1)
        case _:
            return factor * price


def _price(leg: Mapping[str, Any]) -> Fraction:
    price = leg.get("price")
    return _number(leg["starting_price"] if price is None else price)


def _place_price(leg: Mapping[str, Any]) -> Fraction:
    if leg.get("place_price") is not None:
        return _number(leg["place_price"])
    return 1 + _number(leg["place_fraction"]) * (_price(leg) - 1)


def _after_rule4(price: Fraction, leg: Mapping[str, Any], rules: Mapping[str, Any]) -> Fraction:
    """Take Rule 4 off the price; a leg at starting price is never reduced."""
    if leg.get("price") is None:
        return price
    rule4 = rules.get("rule4") or {}
    left = 1 - _deduction(leg, rule4) / 100
    if _choice(rule4, "basis", "profit", "stake") == "stake":
        return price * left
    return 1 + (price - 1) * left


def _deduction(leg: Mapping[str, Any], rule4: Mapping[str, Any]) -> Fraction:
    """Return the percentage that all withdrawals together take off."""
    announced = leg.get("rule4") or 0
    each = announced if isinstance(announced, list | tuple) else [announced]
    total = sum((_number(percent) for percent in each), Fraction(0))
    if total <= 5 and rule4.get("ignore_5p"):
        return Fraction(0)
    return min(total, _number(rule4.get("cap", 90)))


def _built(parts: Sequence[Mapping[str, Any]], rules: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one leg that the parts of a bet builder come to."""
    _refuse_unbuildable(parts)
    policy = _choice(rules, "bet_builder_void", "void_all", "strip_void_price")
    void = [part for part in parts if part["result"] == "void"]
    lost = any(part["result"] == "lose" for part in parts)
    refunds = policy == "void_all" and rules.get("bet_builder_void_beats_lose", True)
    if lost and not (void and refunds):
        return {"result": "lose"}
    if not void:
        return {"result": "win", "price": parts[0]["price"]}
    if lost or policy == "void_all" or len(void) == len(parts):
        return {"result": "void"}
    return {"result": "win", "price": _stripped_price(parts)}


def _refuse_unbuildable(parts: Sequence[Mapping[str, Any]]) -> None:
    for part in parts:
        reduced = part.get("dead_heat") or part.get("place_dead_heat") or part.get("rule4")
        if reduced or part["result"] not in ("win", "lose", "void"):
            raise ValueError(f"No rule settles {part} inside a bet builder.")


def _stripped_price(parts: Sequence[Mapping[str, Any]]) -> Fraction:
    """Return the builder's price without its void parts."""
    surviving = [part for part in parts if part["result"] != "void"]
    if len(surviving) == 1:
        return _number(surviving[0]["part_price"])
    void_prices = [_number(part["part_price"]) for part in parts if part["result"] == "void"]
    return _number(parts[0]["price"]) / prod(void_prices)


def _choice(rules: Mapping[str, Any], name: str, *allowed: str) -> str:
    """Return the rule's setting; the first allowed one is the default."""
    chosen = str(rules.get(name, allowed[0]))
    if chosen not in allowed:
        raise ValueError(f"{name} is {chosen}, not one of {', '.join(allowed)}.")
    return chosen


def _rules(bet: Mapping[str, Any]) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = bet.get("rules") or {}
    return rules


def _number(value: Any) -> Fraction:
    """Read a number exactly: decimal and ratio strings, integers, fractions."""
    if isinstance(value, float):
        raise ValueError(f"{value} is a float, which cannot be exact.")
    return Fraction(str(value))
