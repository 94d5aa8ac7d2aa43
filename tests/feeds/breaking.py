"""Worlds that are told to runners in processes of their own, while things break around them."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from backoffice.bench.rabbitmq import Broker, RabbitMQUnavailable, broker
from backoffice.intake import bring_in
from feeds import inbox
from feeds.models import Unfinished
from settlement.models import DueTicket
from settlement.said import EPOCH
from tests.factories import FundedPlayer
from tests.feeds.processes import Process, digest, eventually
from tests.settlement.asked import Json, bet

BETTING, DOUBLES = 0.7, 0.2
PRICES = ("1.50", "1.85", "2.50", "7.00")
LONGEST_LIFE = 3.0
MOMENTS = random.Random(1)
PATIENCE = 180.0
MILLISECOND = timedelta(milliseconds=1)
Event = TypeVar("Event")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a world's story takes, and what breaks meanwhile, how often."""

    events: int
    span: float
    breaks: Mapping[str, int]
    seed: int = 1

    def in_order(self) -> list[str]:
        """What breaks, one after the other."""
        all_of_them = [what for what, times in self.breaks.items() for _ in range(times)]
        random.Random(self.seed).shuffle(all_of_them)
        return all_of_them


@contextmanager
def own_broker() -> Iterator[Broker]:
    """Yield a RabbitMQ that may be stopped."""
    try:
        with broker() as one:
            yield one
    except RabbitMQUnavailable as error:
        pytest.skip(str(error))


def bets_on(
    events: Sequence[Event],
    selection: Callable[[Event, random.Random], Json],
    *,
    provider: str,
    placing: tuple[int, int],
) -> int:
    """Place bets on most events, some on two; return how many there are."""
    chance = random.Random(1)
    players = [FundedPlayer.create(f"{len(events) * 10 + 10}.00") for _ in range(4)]
    some = [one for one in events if chance.random() < BETTING]
    asked = [
        bet(
            chance.choice(players),
            *(selection(one, chance) for one in legs_of(first, some, chance)),
            bet_id=f"W-{number}",
            provider=provider,
            placed_at=moment(chance.randint(*placing)),
        )
        for number, first in enumerate(some)
    ]
    for one in asked:
        one["kind"] = "single" if len(one["selections"]) == 1 else "double"
    answers = bring_in(tickets=asked, actor="test")
    assert {answer.status for answer in answers} == {"created"}, answers[:3]
    return len(asked)


def legs_of(first: Event, events: Sequence[Event], chance: random.Random) -> list[Event]:
    """Return the events of a bet."""
    other = chance.choice(events)
    return [first, other] if other is not first and chance.random() < DOUBLES else [first]


def moment(milliseconds: int) -> str:
    """Return a time as clients write it."""
    return (EPOCH + milliseconds * MILLISECOND).isoformat()


def breaking(plan: Plan, acts: Mapping[str, Callable[[], Any]]) -> None:
    """Break one thing after the other, spread over the story."""
    chance, began = random.Random(plan.seed), time.monotonic()
    breaks = plan.in_order()
    for number, what in enumerate(breaks):
        due = began + plan.span * (number + chance.random()) / len(breaks)
        time.sleep(max(0.0, due - time.monotonic()))
        acts[what]()


def kill(*runners: Process) -> None:
    """Kill a runner while it recovers or a little later, and start it again."""
    one = MOMENTS.choice(runners)
    eventually(lambda: one.receives, every=0.2)
    time.sleep(MOMENTS.uniform(0, LONGEST_LIFE))
    one.kill()
    one.start()


def restart(rabbit: Broker) -> None:
    """Stop a broker and start it again."""
    rabbit.stop()
    rabbit.start()


def undisturbed(told: Sequence[tuple[str, bytes]]) -> Any:
    """Return what messages come to where nobody is disturbed; each is told by a feed."""
    for start in range(0, len(told), 1000):
        some = told[start : start + 1000]
        for feed in sorted({feed for feed, _ in some}):
            stored = inbox.receive(feed=feed, bodies=[body for by, body in some if by == feed])
            inbox.process(message_ids=stored.ids)
    inbox.drain()
    return digest()


def undone() -> dict[str, int]:
    """Count what is under way."""
    return {"messages": Unfinished.objects.count(), "tickets": DueTicket.objects.count()}
