"""The points where sportsbooks differ, each a setting with a name and a default.

A ticket settles by the rule set that was in force when it was placed. All that a rule set says is
checked here, once, when it is read.
"""

from fractions import Fraction
from typing import Any, Literal

import msgspec

from settlement.rules.exact import RulesRefusal, ratio
from settlement.rules.kinds import LUCKIES

# Two published ways to read Tattersalls' Rule 4: percent off for a horse withdrawn at up to these
# decimal odds, nothing beyond the last.
RULE4_TABLES: dict[str, tuple[tuple[str, int], ...]] = {
    "tattersalls": (
        ("1.1112", 90), ("1.1819", 85), ("1.25", 80), ("1.30", 75), ("1.40", 70), ("1.5334", 65),
        ("1.6154", 60), ("1.80", 55), ("1.9524", 50), ("2.20", 45), ("2.50", 40), ("2.75", 35),
        ("3.25", 30), ("4", 25), ("5", 20), ("6.5", 15), ("10", 10), ("15", 5),
    ),
    "without_5p": (
        ("1.12", 90), ("1.19", 85), ("1.27", 80), ("1.33", 75), ("1.44", 70), ("1.57", 65),
        ("1.66", 60), ("1.83", 55), ("1.99", 50), ("2.24", 45), ("2.59", 40), ("2.79", 35),
        ("3.39", 30), ("4.19", 25), ("5.40", 20), ("6.99", 15), ("10.99", 10),
    ),
}  # fmt: skip


# An amount for each currency, or one for all.
ByCurrency = str | dict[str, str]


def number(name: str, text: str) -> Fraction:
    """Read a setting's number."""
    try:
        return ratio(text)
    except RulesRefusal as refusal:
        raise RulesRefusal(f"{name}: {refusal}") from None


def for_currency(setting: ByCurrency, currency: str) -> Fraction | None:
    """Return what a setting says for one currency."""
    text = setting if isinstance(setting, str) else setting.get(currency)
    return None if text is None else ratio(text)


def refuse_unless_positive(name: str, setting: ByCurrency) -> None:
    """Refuse amounts that are not above zero."""
    for text in [setting] if isinstance(setting, str) else setting.values():
        if number(name, text) <= 0:
            raise RulesRefusal(f"{name} must be above zero.")


def percent(name: str, text: str) -> None:
    """Refuse a setting that is not between 0 and 100."""
    if number(name, text) > 100:
        raise RulesRefusal(f"{name} must be 0 to 100.")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of settings. What is not named keeps its default; what is not known is refused."""


class Rounding(Part, frozen=True):
    """How an exact return becomes money; the quantum is the currency's minor unit unless given."""

    mode: Literal["HALF_UP", "HALF_EVEN", "DOWN"] = "HALF_UP"
    scope: Literal["ticket", "line"] = "ticket"
    quantum: ByCurrency = {}

    def __post_init__(self) -> None:
        refuse_unless_positive("rounding.quantum", self.quantum)


class Rule4(Part, frozen=True):
    """Deductions for withdrawn runners."""

    table: Literal["tattersalls", "without_5p"] = "tattersalls"
    basis: Literal["profit", "stake"] = "profit"
    cap: str = "90"
    ignore_5p: bool = False

    def __post_init__(self) -> None:
        percent("rule4.cap", self.cap)


class Cap(Part, frozen=True):
    """The most that one bet pays, by currency; never less than the stake that is given back."""

    amount: ByCurrency = {}
    on: Literal["return", "profit"] = "return"

    def __post_init__(self) -> None:
        refuse_unless_positive("cap.amount", self.amount)


class Bonus(Part, frozen=True):
    """Extras, all off by default, in percent.

    `one_winner`: for a Lucky whose only winner it is, percent of that single's profit (100 doubles
    the odds). `all_winners`: for a Lucky whose legs all won. `accumulator`: by the least number of
    legs left after voids.
    """

    one_winner: dict[str, str] = {}
    all_winners: dict[str, str] = {}
    accumulator: dict[str, str] = {}
    basis: Literal["profit", "return"] = "profit"

    def __post_init__(self) -> None:
        for name in ("one_winner", "all_winners", "accumulator"):
            for key, value in getattr(self, name).items():
                number(f"bonus.{name}.{key}", value)
        for legs in self.accumulator:
            if not (legs.isascii() and legs.isdecimal() and int(legs) > 1):
                raise RulesRefusal(f"bonus.accumulator: “{legs}” is not a number of legs.")
        for kind in (*self.one_winner, *self.all_winners):
            if kind.upper() not in LUCKIES or not kind.islower():
                known = ", ".join(sorted(lucky.lower() for lucky in LUCKIES))
                raise RulesRefusal(f"bonus: “{kind}” is none of {known}.")


NO_BONUS, NO_CAP = Bonus(), Cap()


class RuleSet(Part, frozen=True):
    """Everything that a ticket settles by.

    `certainty`: whether UOF's first (live) settlement is followed, or only the confirmed one.
    `manual_void_reasons`: UOF's void reasons that a person decides. `money_basis`: which figure of
    Odds88's is the money when both agree to `money_tolerance` minor units. `free_bet_payout`: what
    Odds88's payout of a free bet holds. A correction of more than `auto_resettle_limit`, or of a
    result that is more than `auto_resettle_days` older, waits for a person; so does one that would
    leave a negative balance, when that is to be held.
    """

    rounding: Rounding = Rounding()
    dead_heat_method: Literal["stake", "profit", "odds_floor_1", "void_if_odds_on"] = "stake"
    each_way_formula: Literal["win_place", "equally_divided"] = "win_place"
    place_win_only: Literal["void", "win"] = "void"
    rule4: Rule4 = Rule4()
    best_odds: Literal["off", "before_rule4", "after_rule4"] = "off"
    bet_builder_void: Literal["void_all", "strip_void_price", "manual"] = "void_all"
    bet_builder_void_beats_lose: bool = True
    snr_scope: Literal["ticket", "line"] = "ticket"
    bonus: Bonus = NO_BONUS
    cap: Cap = NO_CAP
    certainty: Literal["first", "confirmed"] = "first"
    manual_void_reasons: tuple[int, ...] = (3, 15)
    money_basis: Literal["payout", "multiplier"] = "payout"
    money_tolerance: int = 1
    free_bet_payout: Literal["review", "profit", "return"] = "review"
    auto_resettle_limit: ByCurrency = {}
    auto_resettle_days: int = 30
    negative_balance: Literal["allow", "hold"] = "allow"

    def __post_init__(self) -> None:
        refuse_unless_positive("auto_resettle_limit", self.auto_resettle_limit)
        for name in ("money_tolerance", "auto_resettle_days"):
            if getattr(self, name) < 0:
                raise RulesRefusal(f"{name} must not be below zero.")


DEFAULT = RuleSet()
SAME_METHOD = {
    "stake_reduction": "stake",
    "profit_divided": "profit",
    "odds_divided_floor_1": "odds_floor_1",
}


def rule_set(settings: Any) -> RuleSet:
    """Return the rule set that a JSON object describes; refuse what it can't mean."""
    method = settings.get("dead_heat_method") if isinstance(settings, dict) else None
    if isinstance(method, str) and method in SAME_METHOD:
        settings = settings | {"dead_heat_method": SAME_METHOD[method]}
    try:
        return msgspec.convert(settings, RuleSet)
    except msgspec.ValidationError as error:
        raise RulesRefusal(f"Rules: {error}") from None


def settings_of(rules: RuleSet) -> dict[str, Any]:
    """Return a rule set as the JSON object that is stored: every setting, also the defaults."""
    built: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(rules))
    return built


def deduction_for(withdrawn_price: Fraction, rules: Rule4) -> int:
    """Return the percent that one runner takes off when he is withdrawn at this price."""
    for bound, deduction in RULE4_TABLES[rules.table]:
        if withdrawn_price <= ratio(bound):
            return deduction
    return 0
