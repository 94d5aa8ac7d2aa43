"""The way to a payout in lines of text that a support agent can send to a player."""

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from settlement.rules.exact import SHOWN_PLACES, plain, ratio_text, shown
from settlement.rules.kinds import FOLD_WORDS, fold_word
from settlement.rules.legs import PricedLeg
from settlement.rules.lines import Fold
from settlement.rules.payout import Bet, PartSum, Settled, Step
from settlement.rules.rounding import WORDS, quantum_of
from wallet.money import text

POWERS = [10**precision for precision in range(9)]
Structured = dict[str, object]


def lines_of(settled: Settled) -> list[str]:
    """Return the explanation, a sentence a line."""
    bet = settled.bet
    said = [head(bet)]
    said += [leg_line(settled, place) for place in range(len(settled.legs))]
    if settled.exact is None:
        return [*said, "Not decided yet: the open legs matter."]
    for part in settled.parts:
        said += part_lines(bet, part)
    said += [step_line(bet, step) for step in steps_shown(settled)]
    said.append(closing(settled))
    return said


def head(bet: Bet) -> str:
    """Say what was bet."""
    each_way = " each-way" if bet.each_way else ""
    kind = f"{bet.shape.title}{each_way}"
    stake = f"{amount(bet, bet.stake)} {'free bet' if bet.free_bet else 'staked'}"
    if bet.lines == 1:
        return f"{kind}: {stake}."
    return f"{kind}: {bet.lines:,} lines of {amount(bet, bet.unit_stake)}, {stake}."


def leg_line(settled: Settled, place: int) -> str:
    """Say how a leg ended and what it counts."""
    leg = settled.legs[place]
    why = "; ".join(words_of(leg))
    name = f"{place + 1}. {leg.leg.name}" if leg.leg.name else f"Leg {place + 1}"
    banker = " (banker)" if leg.leg.banker else ""
    if leg.win is None:
        return f"{name}{banker}: {why}."
    factor = f"× {plain(leg.win)}"
    if settled.bet.each_way and leg.place is not None:
        factor = f"win × {plain(leg.win)}, place × {plain(leg.place)}"
    return f"{name}{banker}: {why} → {factor}."


def words_of(leg: PricedLeg) -> list[str]:
    """Return the reasons' words; what is the same for both parts is said once."""
    said = [reason.text for reason in leg.reasons]
    for end in ("lost", "void", "not decided"):
        if said == [f"win part {end}", f"place part {end}"]:
            return [end]
    return said


def part_lines(bet: Bet, part: PartSum) -> Iterator[str]:
    """Say what the lines of each fold return."""
    prefix = f"{part.name.capitalize()} part: " if part.name else ""
    for fold, returns in zip(part.folds, part.amounts, strict=True):
        returned = amount(bet, returns)
        if bet.shape.lines == 1:
            yield f"{prefix}{amount(bet, part.unit)} × {plain(fold.factor)} = {returned}."
        else:
            yield f"{prefix}{fold_line(bet, part.unit, fold, returned)}"


def fold_line(bet: Bet, unit: Fraction, fold: Fold, returned: str) -> str:
    """Say how many lines of a fold pay, and how much."""
    bankers = sum(leg.banker for leg in bet.legs)
    word = fold_word(fold.legs, fold.lines)
    with_bankers = f" with {bankers} banker{'s'[: bankers > 1]}" if bankers else ""
    start = f"{fold.lines:,} {word}{with_bankers}:"
    if not fold.paying:
        return f"{start} none pays."
    paying = f"{fold.paying:,} pay{'s' if fold.paying == 1 else ''}"
    return f"{start} {paying} {amount(bet, unit)} × {plain(fold.factor)} = {returned}."


def steps_shown(settled: Settled) -> tuple[Step, ...]:
    """Return the steps that say something new: one line's sum is that line."""
    first = settled.steps[0]
    several = sum(len(part.folds) for part in settled.parts) > 1
    return settled.steps if first.code != "SUM" or several else settled.steps[1:]


def step_line(bet: Bet, step: Step) -> str:
    """Say what a step did."""
    return f"{step.text[0].upper()}{step.text[1:]}: {amount(bet, step.amount)}."


def closing(settled: Settled) -> str:
    """Say what is paid, and how it was rounded."""
    bet = settled.bet
    if settled.exact is None or settled.returns is None:
        return ""
    paid = f"Returns {amount(bet, settled.returns)} {bet.currency}"
    if settled.token_returned:
        return f"{paid}: the free bet is given back, not its money."
    if settled.exact == settled.returns:
        return f"{paid}."
    rounding = settled.rules.rounding
    quantum = amount(bet, quantum_of(rounding, bet.currency, bet.precision))
    exact = plain(settled.exact, max(SHOWN_PLACES, bet.precision + 2))
    return f"{paid}: {exact} rounded {WORDS[rounding.mode]} to a multiple of {quantum}."


def amount(bet: Bet, value: Fraction) -> str:
    """Return an amount of the bet's currency; one that is not whole minor units ends in “…”."""
    return in_minor_units(value.numerator, value.denominator, bet.precision)


@lru_cache(8192)
def in_minor_units(above: int, below: int, precision: int) -> str:
    """Return a ratio as `amount` does; one bet says the same amount several times."""
    minor, rest = divmod(above * POWERS[precision], below)
    if rest and precision <= 2:
        return shown(above, below, SHOWN_PLACES)
    return text(minor, precision) + ("…" if rest else "")


def structure_of(settled: Settled) -> Structured:
    """Return the explanation as an object for programs; exact numbers are ratios in text."""
    return {
        "legs": [leg_object(settled, place) for place in range(len(settled.legs))],
        "parts": [
            {
                "part": part.name or "all",
                "unit_stake": ratio_text(part.unit),
                "folds": [fold_object(fold) for fold in part.folds],
            }
            for part in settled.parts
        ],
        "steps": [
            {"code": step.code, "text": step.text, "amount": ratio_text(step.amount)}
            for step in settled.steps
        ],
        "rounding": settled.rules.rounding.mode,
        "result": settled.result,
    }


def leg_object(settled: Settled, place: int) -> Structured:
    """Return a leg with its factors and the reasons for them."""
    leg = settled.legs[place]
    return {
        "position": place + 1,
        "name": leg.leg.name,
        "price": None if leg.price is None else ratio_text(leg.price),
        "win_factor": None if leg.win is None else ratio_text(leg.win),
        "place_factor": None if leg.place is None else ratio_text(leg.place),
        "banker": leg.leg.banker,
        "reasons": [{"code": reason.code, "text": reason.text} for reason in leg.reasons],
    }


def fold_object(fold: Fold) -> Structured:
    """Return a fold's figures."""
    return {
        "fold": FOLD_WORDS.get(fold.legs, f"{fold.legs}-fold"),
        "lines": fold.lines,
        "paying": fold.paying,
        "factor": ratio_text(fold.factor),
    }
