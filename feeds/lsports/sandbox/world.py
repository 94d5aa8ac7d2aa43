"""A world of fixtures whose whole story follows from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace as changed

from feeds.lsports.sandbox.bodies import (
    ABANDONED,
    CANCELLED,
    FINISHED,
    FIXTURE,
    IN_PROGRESS,
    LIVESCORE,
    MARKET,
    NOT_STARTED,
    SETTLED,
    SETTLEMENTS,
    TAKEN_BACK,
    Bet,
    Event,
    Market,
    Message,
)
from feeds.lsports.sandbox.lives import END, STAGES, Case, Step, life_of
from feeds.lsports.sandbox.offers import Fate, Fixture, fixture_of
from feeds.lsports.sandbox.options import INPLAY, LAYOUTS, Layout, Options
from feeds.lsports.sandbox.trees import body_of
from feeds.lsports.sandbox.writing import Header, guid_of, written

TWICE, LATE, WITHOUT_MARKETS = 0.06, 0.06, 0.01
FIRST_NUMBER = 20_000_000
A_START = 1_790_000_000_000
HOUR = 3_600_000
BEGINS, ENDS = 0.7, 0.3  # Parts of the span in which fixtures begin, and that each takes.
OVER = {Fate.PLAYED: FINISHED, Fate.CANCELLED: CANCELLED, Fate.ABANDONED: ABANDONED}
KNOWN = frozenset({-1, 1, 2, 3, 4, 5})
DEFAULT = Options()
Ref = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something of the story: when it is told, which is not always when it says it was.

    A fixture may be followed from now on, or no longer; then there may be nothing to tell.
    """

    told_at: int
    timestamp: int
    package: str
    fixture: str
    body: bytes = b""
    message: Message | None = None
    followed: bool | None = None


class End(Struct, frozen=True):
    """What is true of a bet when all is told, whatever came last."""

    status: int
    settlement: int | None  # The last code that is known, or none when it was taken back.
    updated: int
    code: int | None  # The last code, known or not; not asked whether it was open later.


@dataclass(frozen=True, slots=True)
class Part:
    """What a package says at a stage."""

    stage: int
    package: str
    message: Message


@dataclass(frozen=True)
class World:
    """So many fixtures whose story follows from a seed, a start and a span.

    Times are milliseconds of UTC; the story goes on for `span` seconds. Each fixture has so many
    messages of `odds`. The messages are written as `options` lay the packages out; mixed ones are
    in any layout, which no package does, but every reader must bear.
    """

    seed: int = 1
    fixtures: int = 5000
    start: int = A_START
    span: float = 3600
    odds: int = 1
    options: Options = DEFAULT
    mixed: bool = False

    @cached_property
    def cast(self) -> tuple[Fixture, ...]:
        """The fixtures, with the markets that can be bet on; start and span don't change them."""
        return tuple(
            fixture_of(FIRST_NUMBER + one, self.chance(one)) for one in range(self.fixtures)
        )

    @cached_property
    def happenings(self) -> tuple[Happening, ...]:
        """The whole story in the order in which it is told."""
        told = [one for number in range(self.fixtures) for one in self.story(number)]
        return tuple(sorted(told, key=lambda one: (one.told_at, one.fixture, one.body)))

    @cached_property
    def messages(self) -> tuple[Happening, ...]:
        """What is told, in that order."""
        return tuple(one for one in self.happenings if one.body)

    @cached_property
    def ends(self) -> dict[Ref, End]:
        """What is true of each bet in the end: by fixture, market and bet."""
        found: dict[Ref, End] = {}
        for one in sorted(self.messages, key=lambda one: one.timestamp):
            if one.message is not None and one.message.kind in SETTLEMENTS:
                for ref, bet in bets_of(one.message):
                    found[ref] = ended(found.get(ref), bet)
        return found

    @property
    def placing(self) -> tuple[int, int]:
        """From when until when bets are to be placed."""
        return self.start - 2 * HOUR, self.start

    def chance(self, number: int, what: str = "cast") -> random.Random:
        """Return a fixture's own dice: it is the same among few fixtures and many."""
        return random.Random(f"{self.seed}/{number}/{what}")  # noqa: S311 - the same for everybody

    def layout(self, package: str, chance: random.Random) -> Layout:
        """Return how a package writes."""
        if self.mixed:
            return chance.choice(LAYOUTS)
        settings = self.options.inplay if package == INPLAY else self.options.prematch
        return settings.layout

    def story(self, number: int) -> Iterator[Happening]:
        """Yield what happens to a fixture."""
        fixture, chance = self.cast[number], self.chance(number, "story")
        layouts = self.chance(number, "layout")
        begin = self.start + chance.uniform(0, self.span * 1000 * BEGINS)
        pace = self.span * 1000 * ENDS / STAGES
        yield from followed(fixture, begin, pace)
        for position, part in enumerate(parts_of(fixture, self.odds, chance)):
            timestamp = round(begin + pace * part.stage)
            message = dated(part.message, timestamp, max(1, int(pace)))
            guid = guid_of(chance.getrandbits(128))
            made = latest(message, timestamp)
            header = Header(message.kind, guid, made, position + 1)
            layout = self.layout(part.package, layouts)
            body = written(header, body_of(message, layout), layout)
            one = Happening(made, made, part.package, fixture.ref, body, message)
            yield from told(one, pace, chance)


def followed(fixture: Fixture, begin: float, pace: float) -> Iterator[Happening]:
    """Yield when a fixture is followed by the package of what is played, and how long."""
    if INPLAY not in (fixture.package, fixture.other):
        return
    until = 3 if fixture.fate is Fate.FORGOTTEN else END
    for stage, follows in ((0, True), (until, False)):
        at = round(begin + pace * stage)
        yield Happening(at, at, INPLAY, fixture.ref, followed=follows)


def told(one: Happening, pace: float, chance: random.Random) -> Iterator[Happening]:
    """Yield a message once or twice, in time or late."""
    late = chance.random() < LATE
    behind = round(pace * chance.uniform(0.5, 3)) if late else 0
    yield replace(one, told_at=one.told_at + behind)
    if chance.random() < TWICE:
        yield replace(one, told_at=one.told_at + behind + round(pace * chance.uniform(0, 1)))


def parts_of(fixture: Fixture, odds: int, chance: random.Random) -> list[Part]:
    """Return what is said of a fixture: markets of one stage and package share a message."""
    parts = [*states(fixture), *prices(fixture, odds)]
    if fixture.fate is not Fate.PLAYED:
        return parts
    steps: list[Step] = []
    for offer in fixture.offers:
        steps += life_of(Case(fixture, offer, chance))
    for (stage, package), some in groupby(sorted(steps, key=key_of), key_of):
        markets = tuple(step.market for step in some)
        parts.append(Part(stage, package, message_of(fixture, fixture.kind, markets)))
    if chance.random() < WITHOUT_MARKETS:
        nothing = Message(fixture.kind, (Event(fixture.ref, None),), fixture.competition)
        parts.append(Part(5, fixture.package, nothing))
    return parts


def states(fixture: Fixture) -> Iterator[Part]:
    """Yield what is said of how a fixture stands."""
    if fixture.competition is not None:
        return
    over = OVER.get(fixture.fate)
    said = [(0, LIVESCORE, IN_PROGRESS)] if fixture.fate is not Fate.CANCELLED else []
    said += [(END, FIXTURE, over)] if over else []
    for package in sorted({fixture.package, fixture.other}):
        yield Part(0, package, standing(fixture, FIXTURE, NOT_STARTED))
        for stage, kind, status in said:
            yield Part(stage, package, standing(fixture, kind, status))


def standing(fixture: Fixture, kind: int, status: int) -> Message:
    """Return a message about how a fixture stands."""
    return Message(kind, (Event(fixture.ref, None, status),))


def prices(fixture: Fixture, odds: int) -> Iterator[Part]:
    """Yield messages about prices, before anything is settled."""
    if fixture.competition is None:
        markets = tuple(one.market for one in fixture.offers)
        for number in range(odds):
            yield Part(number % 3, fixture.package, message_of(fixture, MARKET, markets))


def message_of(fixture: Fixture, kind: int, markets: tuple[Market, ...]) -> Message:
    """Return a message about a fixture's markets."""
    return Message(kind, (Event(fixture.ref, markets),), fixture.competition)


def key_of(step: Step) -> tuple[int, str]:
    """Return what steps of one message have in common, in an order."""
    return step.stage, step.package


def dated(message: Message, at: int, most: int) -> Message:
    """Return a message whose bets have times of their own, in the order of their ids."""
    return changed(message, events=tuple(dated_event(one, at, most) for one in message.events))


def dated_event(event: Event, at: int, most: int) -> Event:
    """Return an event with times."""
    if event.markets is None:
        return event
    markets = tuple(
        changed(
            one,
            bets=one.bets and tuple(changed(bet, updated=at + own(bet, most)) for bet in one.bets),
        )
        for one in event.markets
    )
    return changed(event, markets=markets)


def own(bet: Bet, most: int) -> int:
    """Return by how much a bet's time is later than its message's: always the same."""
    return int(bet.id) % min(most, 997)


def latest(message: Message, at: int) -> int:
    """Return when a message is made: when the last of its bets changed."""
    return max([at, *(bet.updated for _, bet in bets_of(message, spoilt=True))])


def bets_of(message: Message, *, spoilt: bool = False) -> Iterator[tuple[Ref, Bet]]:
    """Yield the bets of a message by fixture, market and id; not those with something wrong."""
    for event in message.events:
        for market in event.markets or ():
            for bet in market.bets or ():
                if spoilt or not bet.wrong:
                    yield (event.fixture, market.id, bet.id), bet


def ended(before: End | None, bet: Bet) -> End:
    """Return what is true of a bet after something more was said of it."""
    if before is not None and bet.updated < before.updated:
        return before
    code, settlement = bet.settlement, before.settlement if before else None
    if code in KNOWN and (bet.status == SETTLED or code == TAKEN_BACK):
        settlement = None if code == TAKEN_BACK else code
    last = code if code is not None else (before.code if before else None)
    return End(bet.status, settlement, bet.updated, last)
