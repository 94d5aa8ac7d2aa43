"""How a market's bets end, told as a provider tells it: in steps, some of them wrong at first."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from feeds.sportradar.sandbox import bodies
from feeds.sportradar.sandbox.bodies import Market, Outcome

STAGES = 8
LIVE, CONFIRMED = 1, 2
HOUR = 3_600_000
Window = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is said of a market at a stage of its event."""

    stage: int
    kind: str
    market: Market
    product: int
    certainty: int | None = None
    window: Window = (None, None)


@dataclass(frozen=True, slots=True)
class Case:
    """A market whose life is to be told; its outcomes have no results yet."""

    market: Market
    product: int
    other: int
    start: int
    chance: random.Random

    def settle(
        self, stage: int, market: Market, certainty: int | None = CONFIRMED, *, other: bool = False
    ) -> Step:
        """Return the step that says how it ended."""
        product = self.other if other else self.product
        return Step(stage, bodies.SETTLEMENT, market, product, certainty)

    def rollback(self, stage: int, outcomes: Sequence[Outcome] = ()) -> Step:
        """Return the step that takes results back: all, or those of some outcomes."""
        bare = tuple(Outcome(one.id) for one in outcomes)
        market = replace(self.market, outcomes=bare)
        return Step(stage, bodies.ROLLBACK, market, self.product)

    def cancel(self, stage: int, window: Window, reason: int | None = None) -> Step:
        """Return the step that cancels the bets of a time."""
        market = replace(self.market, outcomes=(), void_reason=reason)
        return Step(stage, bodies.CANCEL, market, self.product, window=window)

    def rollback_cancel(self, stage: int, window: Window) -> Step:
        """Return the step that takes a cancel back."""
        market = replace(self.market, outcomes=())
        return Step(stage, bodies.ROLLBACK_CANCEL, market, self.product, window=window)

    def won(self, but: Market | None = None) -> Market:
        """Return the market with one winner, another one than before."""
        before = [one.id for one in but.outcomes if one.result == "1"] if but else []
        winner = self.chance.choice(
            [one.id for one in self.market.outcomes if one.id not in before]
        )
        return self.each(lambda one: replace(one, result=str(int(one.id == winner))))

    def each(self, change: Callable[[Outcome], Outcome], **words: int) -> Market:
        """Return the market with its outcomes changed."""
        return replace(self.market, outcomes=tuple(map(change, self.market.outcomes)), **words)

    def window(self) -> Window:
        """Return a time of bets: from, to, both or neither, in the two hours before the start."""
        begin = self.start - self.chance.randint(HOUR, 2 * HOUR)
        end = self.start - self.chance.randint(0, HOUR)
        return self.chance.choice([(begin, end), (begin, None), (None, end), (None, None)])


Life = Callable[[Case], list[Step]]


def plain(case: Case) -> list[Step]:
    """The scouts' result, and the same confirmed."""
    ended = case.won()
    return [case.settle(1, ended, LIVE), case.settle(4, ended)]


def confirmed(case: Case) -> list[Step]:
    """The confirmed result only."""
    return [case.settle(4, case.won())]


def careless(case: Case) -> list[Step]:
    """No certainty is told."""
    return [case.settle(2, case.won(), None)]


def corrected(case: Case) -> list[Step]:
    """The confirmed result is another."""
    first = case.won()
    return [case.settle(1, first, LIVE), case.settle(4, case.won(first))]


def corrected_twice(case: Case) -> list[Step]:
    """One confirmed result after the other."""
    first = case.won()
    return [case.settle(3, first), case.settle(5, case.won(first))]


def partial(case: Case) -> list[Step]:
    """Some outcomes are undecided at first."""
    ended = case.won()
    first, *rest = ended.outcomes
    waiting = replace(ended, outcomes=(first, *(replace(one, result="-1") for one in rest)))
    return [case.settle(1, waiting, LIVE), case.settle(2, ended, LIVE), case.settle(4, ended)]


def undecided(case: Case) -> list[Step]:
    """Undecided, and nothing more."""
    return [case.settle(1, case.each(lambda one: replace(one, result="-1")), LIVE)]


def incomplete(case: Case) -> list[Step]:
    """One outcome is never told of."""
    ended = case.won()
    return [case.settle(4, replace(ended, outcomes=ended.outcomes[1:]))]


def rolled_back(case: Case) -> list[Step]:
    """The result is taken back, and another told."""
    first = case.won()
    return [case.settle(1, first, LIVE), case.rollback(3), case.settle(5, case.won(first))]


def rolled_back_for_good(case: Case) -> list[Step]:
    """The result is taken back, and none told."""
    return [case.settle(1, case.won(), LIVE), case.rollback(3)]


def partly_rolled_back(case: Case) -> list[Step]:
    """The results of some outcomes are taken back, and told anew."""
    ended = case.won()
    some = ended.outcomes[:2]
    lost = tuple(replace(one, result="0") for one in some)
    again = replace(ended, outcomes=lost)
    return [case.settle(1, ended, LIVE), case.rollback(3, some), case.settle(5, again)]


def cancelled(case: Case) -> list[Step]:
    """The bets of some time are cancelled, after a result."""
    return [case.settle(1, case.won(), LIVE), case.cancel(3, case.window(), 12)]


def cancelled_twice(case: Case) -> list[Step]:
    """Two times are cancelled, then a result comes."""
    windows = [case.window(), case.window()]
    return [case.cancel(stage, one) for stage, one in enumerate(windows, 1)] + [
        case.settle(4, case.won())
    ]


def cancel_rolled_back(case: Case) -> list[Step]:
    """The bets were cancelled by mistake: the older result counts again."""
    window = case.window()
    return [
        case.settle(1, case.won(), LIVE),
        case.cancel(3, window),
        case.rollback_cancel(5, window),
    ]


def overridden(case: Case) -> list[Step]:
    """One producer says that all lost, the other refunds."""
    lost = case.each(lambda one: replace(one, result="0"))
    refunded = case.each(lambda one: replace(one, result="0", void_factor="1.0"), void_reason=0)
    return [case.settle(1, lost), case.settle(5, refunded, other=True)]


def dead_heat(case: Case) -> list[Step]:
    """Two or three share a place."""
    count = min(case.chance.choice([2, 3]), len(case.market.outcomes))
    winners = {one.id for one in case.chance.sample(case.market.outcomes, count)}
    factor = {1: "1.0", 2: "0.5", 3: "0.33"}[count]

    def shared(one: Outcome) -> Outcome:
        won = one.id in winners
        return replace(one, result=str(int(won)), dead_heat_factor=factor if won else None)

    return [case.settle(4, case.each(shared))]


def half_void(case: Case) -> list[Step]:
    """Half of each stake is refunded; one outcome wins with the other half."""
    halves = case.won()
    outcomes = tuple(replace(one, void_factor="0.5") for one in halves.outcomes)
    return [case.settle(4, replace(halves, outcomes=outcomes))]


def voided(case: Case) -> list[Step]:
    """All is refunded, for one of the known reasons or one that nobody knows."""
    reason = case.chance.choice([*range(17), 99])
    void = case.each(lambda one: replace(one, result="0", void_factor="1"), void_reason=reason)
    return [case.settle(4, void)]


def untold(case: Case) -> list[Step]:
    """Nobody ever says how it ended."""
    return []


LIVES: Sequence[tuple[Life, int]] = (
    (plain, 40), (confirmed, 10), (careless, 2), (corrected, 4), (corrected_twice, 1),
    (partial, 6), (undecided, 1), (incomplete, 1), (rolled_back, 4), (rolled_back_for_good, 1),
    (partly_rolled_back, 3), (cancelled, 6), (cancelled_twice, 2), (cancel_rolled_back, 4),
    (overridden, 3), (dead_heat, 4), (half_void, 4), (voided, 3), (untold, 1),
)  # fmt: skip


def life_of(case: Case) -> list[Step]:
    """Return a market's life by chance."""
    lives, weights = zip(*LIVES, strict=True)
    life: Life = case.chance.choices(lives, weights)[0]
    return life(case)
