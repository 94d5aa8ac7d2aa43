"""A world that is the same for everybody: events, what becomes of them, and when it is told."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from feeds.sportradar.sandbox import bodies
from feeds.sportradar.sandbox.bodies import Market
from feeds.sportradar.sandbox.lives import HOUR, STAGES, Case, Step, Window, life_of
from feeds.sportradar.sandbox.offers import Event, event_of, shuffled

TWICE, LATE, WITHOUT_MARKETS, SUPERCEDED = 0.06, 0.04, 0.01, 0.25
LAST_STAGE = 6
FIRST_NUMBER = 1_000_000
A_START = 1_790_000_000_000


@dataclass(frozen=True, slots=True)
class Happening:
    """A message of the story: when it is told, which is not always when it says it was."""

    told_at: int
    timestamp: int
    product: int
    sport: str
    event: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What steps say together."""

    stage: int
    kind: str
    product: int
    certainty: int | None
    window: Window
    markets: tuple[Market, ...]
    superceded_by: str | None = None


@dataclass(frozen=True)
class World:
    """So many events whose whole story follows from a seed, a start and a span.

    Times are milliseconds of UTC; the story goes on for `span` seconds. Bets are to be placed in
    the two hours before the start: the windows of cancels lie there.
    """

    seed: int = 1
    events: int = 5000
    start: int = A_START
    span: float = 3600

    @cached_property
    def cast(self) -> tuple[Event, ...]:
        """The events, with the markets that can be bet on; start and span don't change them."""
        return tuple(event_of(FIRST_NUMBER + one, self.chance(one)) for one in range(self.events))

    @cached_property
    def happenings(self) -> tuple[Happening, ...]:
        """The whole story in the order in which it is told."""
        told = [one for number in range(self.events) for one in self.story(number)]
        return tuple(sorted(told, key=lambda one: (one.told_at, one.event, one.body)))

    @property
    def placing(self) -> tuple[int, int]:
        """From when until when bets are to be placed."""
        return self.start - 2 * HOUR, self.start

    def chance(self, number: int, what: str = "cast") -> random.Random:
        """Return an event's own dice: it is the same among few events and many."""
        return random.Random(f"{self.seed}/{number}/{what}")  # noqa: S311 - the same for everybody

    def story(self, number: int) -> Iterator[Happening]:
        """Yield what is told of an event."""
        event, chance = self.cast[number], self.chance(number, "story")
        begin = self.start + chance.uniform(0, self.span * 700)
        pace = self.span * 300 / STAGES
        for position, message in enumerate(messages_of(event, self.start, chance)):
            timestamp = round(begin + pace * message.stage) + position
            yield from told(happening(event, message, timestamp), pace, chance)
        if (renamed := superceded(event, chance)) is not None:
            yield happening(event, renamed, round(begin + pace * LAST_STAGE))


def told(one: Happening, pace: float, chance: random.Random) -> Iterator[Happening]:
    """Yield a message once or twice, in time or late."""
    late = chance.random() < LATE
    behind = round(pace * chance.uniform(0.5, 2)) if late else 0
    yield replace(one, told_at=one.told_at + behind)
    if chance.random() < TWICE:
        yield replace(one, told_at=one.told_at + behind + round(pace * chance.uniform(0, 1)))


def messages_of(event: Event, start: int, chance: random.Random) -> list[Message]:
    """Return what is said of an event: markets that end alike share a message."""
    steps: list[Step] = []
    for market in event.markets:
        steps += life_of(Case(market, event.product, event.other, start, chance))
    found = [
        together(key, some, chance) for key, some in groupby(sorted(steps, key=key_of), key_of)
    ]
    if chance.random() < WITHOUT_MARKETS:
        found.append(Message(3, bodies.CANCEL, event.product, None, (None, None), ()))
    return found


Key = tuple[int, str, int, int, tuple[int, int]]


def key_of(step: Step) -> Key:
    """Return what steps of one message have in common, in an order."""
    start, end = (-1 if one is None else one for one in step.window)
    return step.stage, step.kind, step.product, step.certainty or 0, (start, end)


def together(key: Key, steps: Iterable[Step], chance: random.Random) -> Message:
    """Return the message that says some steps."""
    some = list(steps)
    markets = tuple(shuffled(step.market, chance) for step in some)
    return Message(key[0], key[1], key[2], some[0].certainty, some[0].window, markets)


def superceded(event: Event, chance: random.Random) -> Message | None:
    """Return the word that a season was the wrong one, for some seasons."""
    if ":season:" not in event.ref or chance.random() > SUPERCEDED:
        return None
    other = f"sr:season:{int(event.ref.rsplit(':', 1)[1]) + 5_000_000}"
    bare = tuple(Market(one.id, one.specifiers) for one in event.markets)
    kind = bodies.CANCEL
    return Message(LAST_STAGE, kind, event.product, None, (None, None), bare, other)


def happening(event: Event, message: Message, timestamp: int) -> Happening:
    """Return a message as it is told in time."""
    body = body_of(event.ref, message, timestamp)
    return Happening(timestamp, timestamp, message.product, event.sport, event.ref, body)


def body_of(event: str, message: Message, timestamp: int) -> bytes:
    """Return a message as it is written."""
    product, markets = message.product, message.markets
    start, end = message.window
    match message.kind:
        case bodies.SETTLEMENT:
            return bodies.settlement(
                product=product, event=event, timestamp=timestamp, markets=markets,
                certainty=message.certainty,
            )  # fmt: skip
        case bodies.ROLLBACK:
            return bodies.rollback(
                product=product, event=event, timestamp=timestamp, markets=markets
            )
        case bodies.CANCEL:
            return bodies.cancel(
                product=product, event=event, timestamp=timestamp, markets=markets, start=start,
                end=end, superceded_by=message.superceded_by,
            )  # fmt: skip
        case _:
            return bodies.rollback_cancel(
                product=product, event=event, timestamp=timestamp, markets=markets, start=start,
                end=end,
            )  # fmt: skip
