"""The closed form is fast enough to price bets while people wait."""

from collections.abc import Callable
from fractions import Fraction
from math import inf
from time import perf_counter

from settlement.rules.payout import settle
from settlement.rules.quote import bet_of
from tests.settlement import oracle
from tests.settlement.quoting import bet, leg

PRICES = ("2.0", "3.0", "4.0", "1.5", "2.5", "1.8", "6.0", "1.33")
GOLIATH = bet("goliath", *[leg(price) for price in PRICES])
TEN_OF_TWENTY = bet("system:10/20", *[leg(f"2.{place:02d}") for place in range(20)])


def best_seconds(*works: Callable[[], object], rounds: int = 150) -> list[float]:
    """Return each one's fastest run; by turns, so that a busy machine slows all of them alike."""
    best = [inf] * len(works)
    for _ in range(rounds):
        for place, work in enumerate(works):
            started = perf_counter()
            work()
            best[place] = min(best[place], perf_counter() - started)
    return best


def test_a_goliath_is_settled_20_times_as_fast_as_line_by_line() -> None:
    ticket, rules = bet_of(GOLIATH)
    assert settle(ticket, rules).exact == oracle.returns(GOLIATH)

    slow, fast = best_seconds(lambda: oracle.returns(GOLIATH), lambda: settle(ticket, rules))

    assert slow / fast >= 20


def test_184_756_lines_are_summed_in_less_than_2_milliseconds() -> None:
    ticket, rules = bet_of(TEN_OF_TWENTY)
    assert ticket.lines == 184_756

    (taken,) = best_seconds(lambda: settle(ticket, rules))

    assert taken < 0.002


def test_184_756_equal_lines_pay_what_one_pays_as_often() -> None:
    ticket, rules = bet_of(bet("system:10/20", *[leg("2")] * 20, stake="1"))

    assert settle(ticket, rules).exact == Fraction(184_756 * 1024)
