"""What the demo's LSports tells of a bet: a story in beats, of messages and of faults."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from backoffice.demo_offers import GOALS, HANDICAP, RESULT, WINNER, On, opened
from backoffice.demo_telling import PAUSE, Beat, Tell
from feeds.lsports.sandbox.bodies import (
    CANCELLED,
    HALF_LOST,
    HALF_WON,
    LEAGUE_SETTLEMENT,
    LOST,
    OUTRIGHT_SETTLEMENT,
    REFUNDED,
    SETTLED,
    SETTLEMENT,
    SUSPENDED,
    WON,
)
from feeds.lsports.sandbox.control import Offer, Say, Settle, Stand, Undo
from feeds.lsports.sandbox.faults import Outage, Silent
from feeds.lsports.sandbox.options import INPLAY, PREMATCH
from feeds.lsports.sandbox.telling import BOTH

UNKNOWN = 9  # A code of which nobody knows what it means.
ODD_TIME = "yesterday, about noon"
SILENCE = 20  # Seconds: long enough to be seen, and for a snapshot after it.
BETWEEN = 10  # Beats: the other package is heard again by then.
LOST_FOR = 1
PEOPLE = 12  # Beats that people have before LSports answers for them.
UNTOLD = 70  # Beats: by then somebody was asked about a fixture without results.
Codes = dict[str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """What was bet on, and whether it wins in the end."""

    fixture: str
    on: On
    wins: bool

    @property
    def package(self) -> str:
        """The package that tells of it: outrights are pre-match only."""
        return INPLAY if self.on.kind == SETTLEMENT else PREMATCH

    def offer(self, at: datetime) -> Tell:
        """What can be bet on, known to LSports from now on as it was at a time."""
        package = BOTH if self.on.kind == SETTLEMENT else PREMATCH
        market = opened(self.on.market, at)
        return Tell("offer", Offer(self.fixture, (market,), package, self.on.kind))

    @property
    def over(self) -> Tell:
        """The fixture's end."""
        return Tell("status", Stand(self.fixture, package=self.package))

    def codes(self, ours: int, others: int) -> Codes:
        """Return how the bets ended: what was bet on, and the others."""
        bets = self.on.market.bets or ()
        return {one.id: ours if one.id == self.on.chosen.id else others for one in bets}

    def ends(self, wins: bool) -> Codes:
        """Return how the bets end with one winner: what was bet on, or another."""
        if wins:
            return self.codes(WON, LOST)
        lost = self.codes(LOST, LOST)
        return lost | {next(one for one in lost if one != self.on.chosen.id): WON}

    def settle(self, codes: Codes, package: str = "") -> Tell:
        """Say how the bets ended."""
        said = Settle(self.fixture, self.on.market.id, codes, package or self.package)
        return Tell("settle", said)

    def undo(self, path: str, status: int | None = None) -> Tell:
        """Take all settlements of the market back, or show its bets as open again."""
        bets: list[str | int] = [one.id for one in self.on.market.bets or ()]
        return Tell(path, Undo(self.fixture, self.on.market.id, bets, self.package, status))


def plain(case: Case) -> list[Beat]:
    """Settled, once."""
    return [PAUSE, PAUSE, (case.settle(case.ends(case.wins)), case.over)]


def whole(case: Case) -> list[Beat]:
    """A goal counts, the video assistant takes it back, and the match ends otherwise."""
    return [
        (case.settle(case.ends(True)),),
        (case.undo("take_back", SUSPENDED),),
        (case.settle(case.ends(False)), case.over),
    ]


def halves(case: Case) -> list[Beat]:
    """Half of the stake is won, or lost; the other half comes back."""
    pair = (HALF_WON, HALF_LOST) if case.wins else (HALF_LOST, HALF_WON)
    return [PAUSE, (case.settle(case.codes(*pair)), case.over)]


def refunded(case: Case) -> list[Beat]:
    """All stakes come back."""
    return [PAUSE, (case.settle(case.codes(REFUNDED, REFUNDED)), case.over)]


def by_both(case: Case) -> list[Beat]:
    """One package settles it, and the other the same."""
    codes = case.ends(case.wins)
    return [(case.settle(codes),), (case.settle(codes, PREMATCH), case.over)]


def unknown(case: Case) -> list[Beat]:
    """What was bet on has a code that nobody knows; at last one that is known."""
    ours = {case.on.chosen.id: UNKNOWN}
    return asked_about(case, [(case.settle(case.ends(True) | ours),)])


def broken(case: Case) -> list[Beat]:
    """Another bet's time is nonsense: what was bet on is settled all the same."""
    codes = case.ends(case.wins)
    bets = tuple(
        replace(
            one,
            status=SETTLED,
            settlement=codes[one.id],
            wrong={} if one.id == case.on.chosen.id else {"LastUpdate": ODD_TIME},
        )
        for one in case.on.market.bets or ()
    )
    market = replace(case.on.market, bets=bets)
    said = Tell("say", Say(case.fixture, market, case.package))
    return asked_about(case, [(said,)])


def reopened(case: Case) -> list[Beat]:
    """Settled, and shown as open again, which takes nothing back; at last settled anew."""
    return asked_about(case, [(case.settle(case.ends(not case.wins)),), (case.undo("reopen"),)])


def cancelled(case: Case) -> list[Beat]:
    """The fixture is cancelled, which is no word about the stakes; they come back at last."""
    said = Tell("status", Stand(case.fixture, CANCELLED, BOTH))
    refund = (case.settle(case.codes(REFUNDED, REFUNDED)),)
    return [PAUSE, (said,), *[PAUSE] * PEOPLE, refund]


def forgotten(case: Case) -> list[Beat]:
    """The fixture is followed no more, and nobody settles it, until long after."""
    said = Tell("forget", Stand(case.fixture, package=BOTH))
    late = (case.settle(case.ends(case.wins)),)
    return [PAUSE, PAUSE, (said,), *[PAUSE] * UNTOLD, late]


def asked_about(case: Case, beats: Sequence[Beat]) -> list[Beat]:
    """Return a story in which people are asked, and the answer comes before theirs."""
    return [*beats, *[PAUSE] * PEOPLE, (case.settle(case.ends(case.wins)), case.over)]


def lost(case: Case) -> list[Beat]:
    """The message is lost without a sign; the snapshot that compares now and then tells it."""
    outage = Tell("faults", Outage(seconds=LOST_FOR, package=INPLAY))
    return [PAUSE, (outage, case.settle(case.ends(case.wins)))]


def silence(case: Case, package: str = PREMATCH, after: int = 1) -> list[Beat]:
    """A package is silent for a moment: what it tells meanwhile comes by a snapshot."""
    silent = Tell("faults", Silent(seconds=SILENCE, package=package))
    return [*[PAUSE] * after, (silent, case.settle(case.ends(case.wins), package))]


@dataclass(frozen=True, slots=True)
class Story:
    """A story, how many of a hundred bets have it, and what they are on, when it matters.

    The first bet of a story that asks people something waits for them. About a cancelled fixture
    only people can say that all is done, so only one is.
    """

    tell: Callable[[Case], list[Beat]]
    often: int
    market: str = ""
    kind: int = SETTLEMENT
    by_name: bool = False
    asks: bool = False


# The first bets have one each, in this order; later ones have them by chance.
STORIES: Sequence[Story] = (
    Story(whole, 4, RESULT), Story(halves, 4, HANDICAP), Story(refunded, 4), Story(by_both, 6),
    Story(plain, 5, GOALS, by_name=True), Story(plain, 2, WINNER, OUTRIGHT_SETTLEMENT),
    Story(plain, 2, WINNER, LEAGUE_SETTLEMENT), Story(unknown, 1, asks=True),
    Story(broken, 1, RESULT, asks=True), Story(reopened, 1, asks=True),
    Story(cancelled, 0, asks=True), Story(forgotten, 1, asks=True), Story(lost, 1),
    Story(silence, 1), Story(partial(silence, package=INPLAY, after=BETWEEN), 1), Story(plain, 66),
)  # fmt: skip


def story_of(number: int, chance: random.Random) -> Story:
    """Return the story of a bet."""
    if number <= len(STORIES):
        return STORIES[number - 1]
    return chance.choices(STORIES, [one.often for one in STORIES])[0]


def beats_of(number: int, story: Story, case: Case) -> list[Beat]:
    """Return a bet's story; where people are asked for the first time, theirs is the last word."""
    beats = story.tell(case)
    return beats[:-1] if waits(number) else beats


def waits(number: int) -> bool:
    """Whether a bet is left to people."""
    return number <= len(STORIES) and STORIES[number - 1].asks
