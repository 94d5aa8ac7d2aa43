"""Special bets in a short form, `{"kind": …, "input": {…}}`: the full bets that they stand for."""

from collections.abc import Callable, Mapping
from typing import Any

from settlement.rules.exact import RulesRefusal, number_text, ratio, ratio_text

Asked = dict[str, Any]
MOST_TIED = 1000


def full_form(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the bet that a short form stands for; any other bet as it is."""
    if "kind" not in asked or "input" not in asked:
        return asked
    kind, given = asked["kind"], asked["input"]
    if not isinstance(kind, str) or kind not in FORMS:
        raise RulesRefusal(f"“{kind}” is settled by the provider's payout or by amount.")
    if not isinstance(given, Mapping):
        raise RulesRefusal("“input” is a JSON object.")
    try:
        return FORMS[kind](given)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise RulesRefusal(f"The input of a {kind} is incomplete or odd: {error}.") from None


def bet_builder(given: Mapping[str, Any]) -> Asked:
    """Parts with their own prices; the builder's price is its stored payout for the stake."""
    price = ratio(number_text(given["stored_payout"])) / ratio(number_text(given["stake"]))
    parts = [
        {"group": "builder", "price": ratio_text(price), "part_price": own, "result": result}
        for own, result in given["legs"]
    ]
    return single(given, parts) | {"rules": {"bet_builder_void": given["rule"]}}


def free_bet(given: Mapping[str, Any]) -> Asked:
    """A winning free bet, with or without its stake."""
    return single(given, [won(given)]) | {"free_bet": not given["stake_returned"]}


def price_precision(given: Mapping[str, Any]) -> Asked:
    """A winner at an exact price, however that was displayed."""
    return single(given, [won(given)])


def dead_heat_method(given: Mapping[str, Any]) -> Asked:
    """A winner that shared first place with n - 1 others."""
    if type(given["n"]) is not int or not 1 <= given["n"] <= MOST_TIED:
        raise ValueError(f"“n” is a whole number from 1 to {MOST_TIED}")
    leg = won(given) | {"dead_heat": f"1/{given['n']}"}
    return single(given, [leg]) | {"rules": {"dead_heat_method": given["method"]}}


def single(given: Mapping[str, Any], legs: list[Asked]) -> Asked:
    """Return a single of these legs."""
    return {"stake": given["stake"], "type": "single", "legs": legs}


def won(given: Mapping[str, Any]) -> Asked:
    """Return the leg that won at the price that was given."""
    return {"price": given["price"], "result": "win"}


FORMS: dict[str, Callable[[Mapping[str, Any]], Asked]] = {
    "bet_builder": bet_builder,
    "free_bet": free_bet,
    "price_precision": price_precision,
    "dead_heat_method": dead_heat_method,
}
