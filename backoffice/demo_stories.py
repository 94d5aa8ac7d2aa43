"""What the demo's Sportradar tells of a bet: a story in beats, of messages and of faults."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from backoffice.demo_sportradar import LIVE_ODDS, PRE_MATCH
from backoffice.demo_telling import PAUSE, Beat, Tell
from feeds.sportradar.sandbox.bodies import Market, Outcome
from feeds.sportradar.sandbox.control import Said
from feeds.sportradar.sandbox.faults import ProductDown, Unsubscribe, Up

OUTCOMES = {"1": ("1", "2", "3"), "18": ("12", "13"), "16": ("1714", "1715")}
HANDICAP = "16"
LIVE, CONFIRMED = 1, 2
AROUND = 30_000  # Milliseconds before and after a bet: the window in which bets are cancelled.
OUTAGE = 8  # Beats.
CLIENT_SIDE = 15  # A void reason: somebody has to decide by hand.
NEW_RESULT = "7"  # Of which nobody knows what it means.


@dataclass(frozen=True, slots=True)
class Case:
    """What was bet on, when, and whether it wins in the end."""

    event: str
    market: str
    specifiers: str
    outcome: str
    accepted: datetime
    wins: bool

    def ends(self, wins: bool) -> Market:
        """Return the market with one winner: what was bet on, or another."""
        others = [ref for ref in OUTCOMES[self.market] if ref != self.outcome]
        winner = self.outcome if wins else others[0]
        return Market(
            self.market,
            self.specifiers or None,
            tuple(Outcome(ref, str(int(ref == winner))) for ref in OUTCOMES[self.market]),
        )

    def ours(self, market: Market, **words: str) -> Market:
        """Return the market with something else said of what was bet on."""
        changed = (replace(one, **words) if one.id == self.outcome else one
                   for one in market.outcomes)  # fmt: skip
        return replace(market, outcomes=tuple(changed))

    def settle(self, market: Market, certainty: int = CONFIRMED, by: int = LIVE_ODDS) -> Tell:
        """Say how a market ended."""
        return Tell("settle", Said(self.event, (market,), by, certainty))

    def bare(self) -> tuple[Market, ...]:
        """Return the market with nothing said of its outcomes."""
        return (Market(self.market, self.specifiers or None),)

    def windowed(self, path: str) -> Tell:
        """Cancel the bets of the minute in which this one was accepted, or take that back."""
        at = round(self.accepted.timestamp() * 1000)
        said = Said(self.event, self.bare(), LIVE_ODDS, start=at - AROUND, end=at + AROUND)
        return Tell(path, said)


def whole(case: Case) -> list[Beat]:
    """Seen live, corrected, confirmed; then cancelled by mistake."""
    return [
        (case.settle(case.ends(True), LIVE),),
        (case.settle(case.ends(False), LIVE),),
        (case.settle(case.ends(True)),),
        (case.windowed("cancel"),),
        (case.windowed("rollback_cancel"),),
    ]


def plain(case: Case) -> list[Beat]:
    """The scouts' result, and the same confirmed."""
    ended = case.ends(case.wins)
    return [PAUSE, (case.settle(ended, LIVE),), PAUSE, (case.settle(ended),)]


def rolled_back(case: Case) -> list[Beat]:
    """A result is taken back, and another told."""
    back = Tell("rollback", Said(case.event, case.bare()))
    first, last = case.ends(not case.wins), case.ends(case.wins)
    return [(case.settle(first),), (back,), PAUSE, (case.settle(last),)]


def overridden(case: Case) -> list[Beat]:
    """One producer says that it lost; another is sure that it won."""
    first = case.settle(case.ends(False), LIVE, PRE_MATCH)
    return [(first,), PAUSE, (case.settle(case.ends(True)),)]


def outlived(case: Case) -> list[Beat]:
    """What is seen live comes after what is confirmed, and changes nothing."""
    late = case.settle(case.ends(False), LIVE, PRE_MATCH)
    return [(case.settle(case.ends(True)),), (late,)]


def half_void(case: Case) -> list[Beat]:
    """Half of the stake goes back."""
    ended = case.ends(case.wins)
    halves = tuple(replace(one, void_factor="0.5") for one in ended.outcomes)
    return [PAUSE, (case.settle(replace(ended, outcomes=halves)),)]


def dead_heat(case: Case) -> list[Beat]:
    """Two share the place: half of the stake counts."""
    winners = (case.outcome, next(ref for ref in OUTCOMES[case.market] if ref != case.outcome))
    shared = tuple(
        Outcome(ref, "1", dead_heat_factor="0.5") if ref in winners else Outcome(ref, "0")
        for ref in OUTCOMES[case.market]
    )
    return [PAUSE, (case.settle(replace(case.ends(True), outcomes=shared)),)]


def partial(case: Case) -> list[Beat]:
    """What was bet on is undecided when the other outcomes are settled."""
    waiting = case.ours(case.ends(True), result="-1")
    return [(case.settle(waiting, LIVE),), PAUSE, (case.settle(case.ends(True)),)]


def missing(case: Case) -> list[Beat]:
    """The market is settled without a word of what was bet on, which is told at last."""
    ended = case.ends(case.wins)
    others = tuple(one for one in ended.outcomes if one.id != case.outcome)
    return asked_about(case, case.settle(replace(ended, outcomes=others)))


def unknown(case: Case) -> list[Beat]:
    """A result comes that has no known meaning; at last one that has."""
    return asked_about(case, case.settle(case.ours(case.ends(True), result=NEW_RESULT)))


def by_hand(case: Case) -> list[Beat]:
    """A void reason leaves the deciding to a person; at last it is decided for him."""
    void = tuple(Outcome(ref, "0", "1.0") for ref in OUTCOMES[case.market])
    market = replace(case.ends(False), outcomes=void, void_reason=CLIENT_SIDE)
    return asked_about(case, case.settle(market))


def asked_about(case: Case, said: Tell) -> list[Beat]:
    """Return a story in which people are asked, and the answer comes before theirs."""
    return [(said,), *[PAUSE] * OUTAGE, (case.settle(case.ends(case.wins)),)]


def missed(case: Case) -> list[Beat]:
    """A producer loses us for a moment: the result does not come until it is asked for again."""
    return [(Tell("faults", Unsubscribe(LIVE_ODDS)), case.settle(case.ends(case.wins)))]


def outage(case: Case) -> list[Beat]:
    """A producer is down for a while; what it says meanwhile comes when it tells all again."""
    ended = case.ends(case.wins)
    return [
        (case.settle(ended, LIVE, PRE_MATCH), Tell("faults", ProductDown(PRE_MATCH))),
        (case.settle(ended, CONFIRMED, PRE_MATCH),),
        *[PAUSE] * OUTAGE,
        (Tell("faults", Up(PRE_MATCH)),),
    ]


@dataclass(frozen=True, slots=True)
class Story:
    """A story, how many of a hundred bets have it, and on which market they are, if on one only.

    The first bet of a story that asks people something waits for them.
    """

    tell: Callable[[Case], list[Beat]]
    often: int
    market: str = ""
    asks: bool = False


# The first bets have one each, in this order; later ones have them by chance.
STORIES: Sequence[Story] = (
    Story(whole, 2), Story(rolled_back, 3), Story(overridden, 3), Story(outlived, 3),
    Story(half_void, 3, HANDICAP), Story(dead_heat, 2), Story(partial, 3),
    Story(missing, 1, asks=True), Story(unknown, 1, asks=True), Story(by_hand, 1, asks=True),
    Story(missed, 1), Story(outage, 1), Story(plain, 76),
)  # fmt: skip


def story_of(number: int, chance: random.Random) -> Story:
    """Return the story of a bet."""
    if number <= len(STORIES):
        return STORIES[number - 1]
    return chance.choices(STORIES, [one.often for one in STORIES])[0]


def beats_of(number: int, story: Story, case: Case) -> list[Beat]:
    """Return a bet's story; where people are asked for the first time, theirs is the last word."""
    beats = story.tell(case)
    return beats[:1] if waits(number) else beats


def waits(number: int) -> bool:
    """Whether a bet is left to people."""
    return number <= len(STORIES) and STORIES[number - 1].asks
