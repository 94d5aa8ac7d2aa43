"""A stored ticket as the rules know it, with what its legs came to so far."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from settlement.models import Outcome, Selection, Ticket
from settlement.parts import PartOfBet, legs_of
from settlement.rules.exact import ratio
from settlement.rules.legs import WON, ZERO, Factors
from settlement.rules.payout import Bet
from settlement.rules.ruleset import RuleSet


def bet_of(ticket: Ticket, selections: Sequence[Selection], rules: RuleSet) -> Bet:
    """Return the bet as its selections stand."""
    minor = 10**ticket.currency.precision
    return Bet(
        shape=ticket.shape,
        stake=Fraction(ticket.stake, minor),
        legs=legs_of([part_of(one) for one in selections], rules),
        each_way=ticket.each_way,
        free_bet=bool(ticket.free_bet_ref),
        cashed_out_stake=Fraction(ticket.cashed_out_stake, minor),
        cashed_out_amount=Fraction(ticket.cashed_out_amount, minor),
        currency=ticket.currency_id,
        precision=ticket.currency.precision,
    )


def as_if_won(selections: Iterable[Selection]) -> list[Selection]:
    """Return selections whose open parts are taken as won, for what a bet can still return."""
    return [taken_as_won(selection) for selection in selections]


def taken_as_won(selection: Selection) -> Selection:
    """Return a copy that is not to be stored."""
    copy = Selection(**{f.attname: getattr(selection, f.attname) for f in Selection._meta.fields})
    copy.outcome = selection.outcome
    if copy.win_factor is None:
        copy.win_factor, copy.void_factor = "1", "0"
    if copy.place_win_factor is None:
        copy.place_win_factor, copy.place_void_factor = "1", "0"
    return copy


def part_of(selection: Selection) -> PartOfBet:
    """Return a selection as the rules know it."""
    return PartOfBet(
        name=name_of(selection.outcome),
        price=exact(selection.price),
        win=factors(selection.win_factor, selection.void_factor),
        place=factors(selection.place_win_factor, selection.place_void_factor),
        place_fraction=exact(selection.place_fraction),
        place_price=exact(selection.place_price),
        starting_price=exact(selection.starting_price),
        deduction=exact(selection.deduction_percent) or ZERO,
        banker=selection.banker,
        group=selection.group,
        part_price=exact(selection.part_price),
        part_name=outcome_name(selection.outcome),
    )


def factors(win: str | None, void: str | None) -> Factors | None:
    """Return a part's factors; a win is the constant, which the rules know by sight."""
    if win is None or void is None:
        return None
    found = Factors(ratio(win), ratio(void))
    return WON if found == WON else found


def exact(number: str | None) -> Fraction | None:
    """Return a stored number."""
    return None if number is None else ratio(number)


def name_of(outcome: Outcome) -> str:
    """Return a leg's name: its event, its market, what was bet on."""
    market = outcome.market
    return " · ".join((event_name(outcome), str(market), outcome_name(outcome)))


def event_name(outcome: Outcome) -> str:
    """Return an event's name, or the provider's reference when nobody gave one."""
    return str(outcome.market.event)


def outcome_name(outcome: Outcome) -> str:
    """Return an outcome's name with its line, where the name does not end with it."""
    name = str(outcome)
    return name if name.endswith(outcome.line) else f"{name} {outcome.line}"
