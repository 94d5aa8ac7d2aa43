"""Price a bet that somebody writes down: a JSON object in, the same object with the answer out."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from settlement.rules.builder import BuilderPart, builder_leg
from settlement.rules.exact import (
    NeedsDecision,
    RulesRefusal,
    number_text,
    plain,
    ratio,
    ratio_text,
    recovered_factor,
)
from settlement.rules.explain import amount, lines_of
from settlement.rules.kinds import shape_of
from settlement.rules.legs import PLACE_PART, WIN_PART, ZERO, Leg
from settlement.rules.payout import Bet, Settled, settle
from settlement.rules.rounding import quantum_of, rounded
from settlement.rules.ruleset import DEFAULT, RuleSet, deduction_for, rule_set
from settlement.rules.short_forms import full_form
from settlement.vocabulary import LegResult
from wallet.currencies import PRECISIONS

SAME_RESULT = {"refund": "void", "push": "void", "cancelled": "void", "placed": "place"}
RESULTS = {result.lower(): result for result in LegResult}
RESULTS |= {word: RESULTS[same] for word, same in SAME_RESULT.items()}
LONGEST_LINE, LONGEST_TEXT = 100_000, 500
MOST_WITHDRAWN = 20


class QuoteLeg(msgspec.Struct, forbid_unknown_fields=True):
    """A leg. Without a result it is open; legs with the same `group` are one bet builder."""

    price: Any = None
    result: str | None = None
    place_fraction: Any = None
    place_price: Any = None
    starting_price: Any = None
    dead_heat: Any = None
    place_dead_heat: Any = None
    rule4: Any = None
    withdrawn: list[Any] = []
    banker: bool = False
    group: str | None = None
    part_price: Any = None
    name: str = ""


class CashedOut(msgspec.Struct, forbid_unknown_fields=True):
    """How much of the whole stake was cashed out, and for how much."""

    stake: Any
    amount: Any


class Quote(msgspec.Struct):
    """A bet to price. `stake` is the stake on one line."""

    stake: Any
    type: str
    legs: list[QuoteLeg]
    each_way: bool = False
    free_bet: bool = False
    cashed_out: CashedOut | None = None
    currency: str = "EUR"
    rules: dict[str, Any] | None = None


decoder = msgspec.json.Decoder(float_hook=Decimal)
encoder = msgspec.json.Encoder(decimal_format="number")


def answer(line: bytes, number: int) -> tuple[bytes, bool]:
    """Return a line's answer, and whether it could be priced."""
    asked: Any = None
    try:
        if len(line) > LONGEST_LINE:
            raise RulesRefusal(f"A line has at most {LONGEST_LINE:,} bytes.")
        asked = decoder.decode(line)
        if not isinstance(asked, dict):
            raise RulesRefusal("A bet is a JSON object.")
        return encoder.encode(asked | answered(settle(*bet_of(full_form(asked))))), True
    except RecursionError:
        return refused(asked, number, "It is nested too deeply."), False
    except (msgspec.MsgspecError, ValueError, ArithmeticError, NeedsDecision) as error:
        return refused(asked, number, str(error) or "A number in it is out of range."), False


def refused(asked: Any, number: int, why: str) -> bytes:
    """Return the answer to a line that can't be priced."""
    found = {"line": number, "error": writable(why)}
    named = {"name": asked["name"]} if isinstance(asked, dict) and "name" in asked else {}
    try:
        return encoder.encode(named | found)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
        return encoder.encode(found)


def writable(text: str) -> str:
    """Return a text that can be written down, at a bearable length."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()


def answered(settled: Settled) -> dict[str, Any]:
    """Return what the bet pays, in text that loses nothing."""
    bet = settled.bet
    found: dict[str, Any] = {
        "lines": bet.lines,
        "total_stake": total_stake(bet),
        "result": settled.result.lower(),
        "returns": None,
        "returns_down": None,
        "exact": None,
    }
    if settled.exact is not None and settled.returns is not None:
        quantum = quantum_of(settled.rules.rounding, bet.currency, bet.precision)
        found["returns"] = amount(bet, settled.returns)
        found["returns_down"] = amount(bet, rounded(settled.exact, quantum, "DOWN"))
        found["exact"] = ratio_text(settled.exact)
    if bet.free_bet:
        found["free_bet_returned"] = settled.token_returned
    found["explanation"] = lines_of(settled)
    return found


def total_stake(bet: Bet) -> str:
    """Return the whole stake: a decimal, or a ratio when it is not whole minor units."""
    whole = (bet.stake * 10**bet.precision).denominator == 1
    return amount(bet, bet.stake) if whole else ratio_text(bet.stake)


def bet_of(asked: Mapping[str, Any]) -> tuple[Bet, RuleSet]:
    """Return the bet that an object describes and the rules to settle it by."""
    quote = msgspec.convert(asked, Quote)
    rules = DEFAULT if not quote.rules else rule_set(quote.rules)
    if (precision := PRECISIONS.get(quote.currency)) is None:
        raise RulesRefusal(f"There is no currency “{quote.currency}” here.")
    legs = tuple(legs_of(quote.legs, rules, each_way=quote.each_way))
    shape = shape_of(quote.type, legs=len(legs), bankers=sum(leg.banker for leg in legs))
    lines = shape.lines * (2 if quote.each_way else 1)
    unit, cashed = given("stake", quote.stake), quote.cashed_out
    return Bet(
        shape=shape,
        stake=unit if lines == 1 else unit * lines,
        legs=legs,
        each_way=quote.each_way,
        free_bet=quote.free_bet,
        cashed_out_stake=given("cashed_out.stake", cashed.stake) if cashed else ZERO,
        cashed_out_amount=given("cashed_out.amount", cashed.amount) if cashed else ZERO,
        currency=quote.currency,
        precision=precision,
    ), rules


def legs_of(asked: Iterable[QuoteLeg], rules: RuleSet, *, each_way: bool) -> list[Leg]:
    """Return the legs in their order; a builder stands where its first part does."""
    legs: list[Leg] = []
    groups: dict[str, list[QuoteLeg]] = {}
    places: dict[str, int] = {}
    for number, leg in enumerate(asked, start=1):
        if leg.group is None:
            legs.append(single_leg(leg, number, rules, each_way=each_way))
            continue
        if leg.group not in groups:
            places[leg.group] = len(legs)
            legs.append(Leg(leg.group, None, None))
        groups.setdefault(leg.group, []).append(leg)
    for group, parts in groups.items():
        legs[places[group]] = built_leg(group, parts, rules)
    return legs


def single_leg(leg: QuoteLeg, number: int, rules: RuleSet, *, each_way: bool) -> Leg:
    """Return an ordinary leg."""
    name = f"legs[{number}]"
    result = result_of(leg.result, name)
    place = None
    if each_way and result is not None:
        if result not in PLACE_PART:
            raise NeedsDecision(f"{name}: a half result says nothing about the place part.")
        place = PLACE_PART[result].tied(factor(leg.place_dead_heat, name))
    return Leg(
        name=leg.name,
        price=odds(f"{name}.price", leg.price),
        win=None if result is None else WIN_PART[result].tied(factor(leg.dead_heat, name)),
        place=place,
        place_fraction=share(f"{name}.place_fraction", leg.place_fraction),
        place_price=odds(f"{name}.place_price", leg.place_price),
        starting_price=odds(f"{name}.starting_price", leg.starting_price),
        deductions=deductions(leg, name, rules),
        banker=leg.banker,
    )


def built_leg(group: str, parts: list[QuoteLeg], rules: RuleSet) -> Leg:
    """Return the one leg that these parts are."""
    prices = {odds(f"group {group}: price", part.price) for part in parts}
    if len(prices) != 1 or None in prices:
        raise RulesRefusal(f"group {group}: all parts carry the builder's one price.")
    built = tuple(builder_part(part, number, group) for number, part in enumerate(parts, 1))
    banker = any(part.banker for part in parts)
    return builder_leg(parts=built, price=prices.pop(), rules=rules, banker=banker)


def builder_part(part: QuoteLeg, number: int, group: str) -> BuilderPart:
    """Return a part with its result."""
    name = f"group {group}, part {number}"
    ties = (factor(part.dead_heat, name), factor(part.place_dead_heat, name))
    if any(ties) or any(deductions(part, name, DEFAULT)) or part.starting_price is not None:
        raise NeedsDecision(f"{name}: deductions and dead heats in a builder go by hand.")
    result = result_of(part.result, name)
    ended = None if result is None else WIN_PART[result]
    return BuilderPart(part.name or f"part {number}", ended, odds(name, part.part_price))


def result_of(word: str | None, name: str) -> LegResult | None:
    """Return how a leg ended, from a client's word."""
    if word is None:
        return None
    try:
        return RESULTS[word]
    except KeyError:
        known = ", ".join(result.lower() for result in LegResult)
        raise RulesRefusal(f"{name}: “{word[:50]}” is not a result ({known}).") from None


def deductions(leg: QuoteLeg, name: str, rules: RuleSet) -> tuple[Fraction, ...]:
    """Return Rule 4's percents: given, or from the prices of the horses that were withdrawn."""
    if not leg.rule4 and not leg.withdrawn:
        return ()
    listed = leg.rule4 if isinstance(leg.rule4, list) else [leg.rule4 or 0]
    if len(listed) + len(leg.withdrawn) > MOST_WITHDRAWN:
        raise RulesRefusal(f"{name}: at most {MOST_WITHDRAWN} runners are withdrawn.")
    found = [given(f"{name}.rule4", one) for one in listed]
    if any(percent > 100 for percent in found):
        raise RulesRefusal(f"{name}.rule4: a deduction is 0 to 100 percent.")
    withdrawn = [odds(f"{name}.withdrawn", one) for one in leg.withdrawn]
    taken = [Fraction(deduction_for(one, rules.rule4)) for one in withdrawn if one is not None]
    return (*found, *taken)


def given(name: str, value: object) -> Fraction:
    """Return a number that must be there."""
    try:
        return ratio(number_text(value))
    except RulesRefusal as refusal:
        raise RulesRefusal(f"{name}: {refusal}") from None


def share(name: str, value: object) -> Fraction | None:
    """Return place terms: more than the win can't be paid for a place."""
    found = optional(name, value)
    if found is not None and found > 1:
        raise RulesRefusal(f"{name}: {plain(found)} is above 1.")
    return found


def optional(name: str, value: object) -> Fraction | None:
    """Return a number that may be missing."""
    return None if value is None else given(name, value)


def odds(name: str, value: object) -> Fraction | None:
    """Return decimal odds; below 1 they would pay back less than the stake of a bet that won."""
    price = optional(name, value)
    if price is not None and price.numerator < price.denominator:
        raise RulesRefusal(f"{name}: decimal odds of {plain(price)} are below 1.")
    return price


def factor(value: object, name: str) -> Fraction | None:
    """Return a dead heat's factor; 0 means that there was none."""
    if value is None or value == 0:
        return None
    try:
        return recovered_factor(number_text(value)) or None
    except RulesRefusal as refusal:
        raise RulesRefusal(f"{name}, dead heat: {refusal}") from None
