"""How a market's bets end, told as LSports tells it: in steps, some of them wrong at first."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from feeds.lsports.sandbox.bodies import (
    HALF_LOST,
    HALF_WON,
    LOST,
    OPEN,
    REFUNDED,
    SETTLED,
    SUSPENDED,
    TAKEN_BACK,
    WON,
    Bet,
    Market,
)
from feeds.lsports.sandbox.offers import PROVIDERS, Ending, Fixture, Offer

END, LAST, STAGES = 7, 10, 11  # The fixture ends at one of the stages; some is said later.
UNKNOWN = 9
Codes = dict[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is said of a market at a stage of its fixture."""

    stage: int
    market: Market
    package: str


@dataclass(frozen=True, slots=True)
class Case:
    """A market whose life is to be told."""

    fixture: Fixture
    offer: Offer
    chance: random.Random

    @property
    def bets(self) -> tuple[Bet, ...]:
        """The bets, open."""
        return self.offer.market.bets or ()

    def codes(self, but: Codes | None = None) -> Codes:
        """Return how the bets ended, otherwise than before where that is possible."""
        for _ in range(20):
            found = ENDINGS[self.offer.ending](self)
            if found != but:
                return found
        return found

    def settle(self, stage: int, codes: Codes, *, other: bool = False) -> Step:
        """Return the step that says how bets ended; the others are told as suspended."""
        bets = tuple(
            replace(one, status=SETTLED, settlement=codes[one.id])
            if one.id in codes
            else replace(one, status=SUSPENDED)
            for one in self.bets
        )
        return self.step(stage, bets, other=other)

    def take_back(self, stage: int, status: int = SETTLED) -> Step:
        """Return the step that takes all settlements back."""
        undone = tuple(replace(one, status=status, settlement=TAKEN_BACK) for one in self.bets)
        return self.step(stage, undone)

    def reopen(self, stage: int) -> Step:
        """Return the step that shows the bets as open again."""
        return self.step(stage, tuple(replace(one, status=OPEN) for one in self.bets))

    def step(self, stage: int, bets: tuple[Bet, ...], *, other: bool = False) -> Step:
        """Return a step."""
        package = self.fixture.other if other else self.fixture.package
        return Step(stage, replace(self.offer.market, bets=bets), package)

    def spoilt(self, stage: int, codes: Codes, **wrong: object) -> Step:
        """Return a settlement whose first bet has something wrong."""
        right = self.settle(stage, codes)
        first, *rest = right.market.bets or ()
        bets = (replace(first, wrong=wrong), *rest)
        return replace_market(right, replace(right.market, bets=bets))


def replace_market(step: Step, market: Market) -> Step:
    """Return the same step with another market."""
    return Step(step.stage, market, step.package)


def one_wins(case: Case) -> Codes:
    """One of the bets wins."""
    winner = case.chance.choice(case.bets).id
    return {one.id: WON if one.id == winner else LOST for one in case.bets}


def halves(case: Case) -> Codes:
    """Half of the stake is won and lost, or the whole."""
    pair = case.chance.choice([(HALF_WON, HALF_LOST), (WON, LOST)])
    return dict(zip((one.id for one in case.bets), case.chance.sample(pair, 2), strict=True))


def whole(case: Case) -> Codes:
    """The stake comes back, or one wins."""
    refunded = case.chance.random() < 0.5
    return {one.id: REFUNDED for one in case.bets} if refunded else one_wins(case)


def each(case: Case) -> Codes:
    """Each bet for itself; who did not play is refunded."""
    return {one.id: case.chance.choices([LOST, WON, REFUNDED], [7, 2, 1])[0] for one in case.bets}


ENDINGS: dict[Ending, Callable[[Case], Codes]] = {
    Ending.ONE_WINS: one_wins,
    Ending.HALVES: halves,
    Ending.WHOLE: whole,
    Ending.EACH: each,
}
Life = Callable[[Case], list[Step]]


def plain(case: Case) -> list[Step]:
    """Settled, once."""
    return [case.settle(END + 1, case.codes())]


def early(case: Case) -> list[Step]:
    """Settled while the fixture is played."""
    return [case.settle(3, case.codes())]


def twice(case: Case) -> list[Step]:
    """Both packages say the same."""
    codes = case.codes()
    return [case.settle(END + 1, codes), case.settle(END + 2, codes, other=True)]


def video(case: Case) -> list[Step]:
    """Taken back about a minute later, then settled otherwise."""
    first = case.codes()
    return [case.settle(3, first), case.take_back(4), case.settle(END + 1, case.codes(first))]


def taken_back(case: Case) -> list[Step]:
    """Taken back for good."""
    return [case.settle(3, case.codes()), case.take_back(4)]


def taken_back_open(case: Case) -> list[Step]:
    """Taken back by bets that are open again, then settled."""
    first = case.codes()
    return [case.settle(3, first), case.take_back(4, OPEN), case.settle(END + 1, case.codes(first))]


def direct(case: Case) -> list[Step]:
    """Settled otherwise without a word."""
    first = case.codes()
    return [case.settle(4, first), case.settle(END + 1, case.codes(first))]


def other_package(case: Case) -> list[Step]:
    """The other package says otherwise, later."""
    first = case.codes()
    return [case.settle(4, first), case.settle(END + 1, case.codes(first), other=True)]


def partial(case: Case) -> list[Step]:
    """Some bets are settled first; the others are told unsettled beside them."""
    codes = case.codes()
    some = dict(list(codes.items())[: max(1, len(codes) // 2)])
    return [case.settle(3, some), case.settle(END + 1, codes)]


def reopened(case: Case) -> list[Step]:
    """Settled, and shown as open again; nobody takes the settlement back."""
    return [case.settle(3, case.codes()), case.reopen(5)]


def reopened_and_settled(case: Case) -> list[Step]:
    """Settled, shown as open again, and settled."""
    return [*reopened(case), case.settle(END + 1, case.codes())]


def refunded(case: Case) -> list[Step]:
    """All stakes come back."""
    return [case.settle(END + 1, {one.id: REFUNDED for one in case.bets})]


def unknown(case: Case) -> list[Step]:
    """One bet has a code that nobody knows."""
    codes = case.codes()
    first = case.bets[0].id
    return [case.settle(END + 1, codes | {first: UNKNOWN})]


def unknown_first(case: Case) -> list[Step]:
    """One bet has a code that nobody knows; the right one comes later."""
    return [*unknown(case), case.settle(END + 3, case.codes())]


def id_as_float(case: Case) -> list[Step]:
    """One bet's id has lost its last digits; the right one comes later."""
    codes = case.codes()
    wrong = case.spoilt(END + 1, codes, Id=float(case.bets[0].id))
    return [wrong, case.settle(END + 2, codes)]


def nonsense(case: Case) -> list[Step]:
    """One bet's LastUpdate is nonsense; the right one comes later."""
    codes = case.codes()
    return [
        case.spoilt(END + 1, codes, LastUpdate="yesterday, about noon"),
        case.settle(END + 2, codes),
    ]


def by_providers(case: Case) -> list[Step]:
    """Bookmakers tell their own bets beside."""
    right = case.settle(END + 1, case.codes())
    return [replace_market(right, replace(right.market, providers=PROVIDERS))]


def null_bets(case: Case) -> list[Step]:
    """No bets are told at first."""
    right = case.settle(END + 2, case.codes())
    bare = replace(case.offer.market, bets=None, providers=PROVIDERS[:1])
    return [Step(END + 1, bare, right.package), right]


def late(case: Case) -> list[Step]:
    """Long after the end."""
    return [case.settle(LAST, case.codes())]


def untold(case: Case) -> list[Step]:
    """Nobody ever says how it ended."""
    return []


LIVES: Sequence[tuple[Life, int]] = (
    (plain, 40), (early, 8), (twice, 8), (video, 5), (taken_back, 2), (taken_back_open, 2),
    (direct, 5), (other_package, 2), (partial, 6), (reopened, 2), (reopened_and_settled, 2),
    (refunded, 3), (unknown, 1), (unknown_first, 1), (id_as_float, 2), (nonsense, 2),
    (by_providers, 3), (null_bets, 2), (late, 3), (untold, 1),
)  # fmt: skip


def life_of(case: Case) -> list[Step]:
    """Return a market's life by chance."""
    lives, weights = zip(*LIVES, strict=True)
    life: Life = case.chance.choices(lives, weights)[0]
    return life(case)
