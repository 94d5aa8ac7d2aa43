"""A world that is told to runners in processes of their own, while things break around them."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.bench.rabbitmq import Broker, RabbitMQUnavailable, broker
from backoffice.intake import bring_in
from feeds import inbox
from feeds.models import FeedMessage, Producer, Recovery, Unfinished
from feeds.sportradar.sandbox import Sandbox, World
from feeds.sportradar.sandbox.offers import Event
from feeds.sportradar.windows import Windows
from settlement.models import DueTicket
from settlement.said import EPOCH
from tests import databases
from tests.factories import FundedPlayer
from tests.feeds.processes import DIVISOR, Process, digest, ending, eventually
from tests.feeds.sportradar.sandbox.proxy import Proxy
from tests.feeds.test_interleavings import assert_true
from tests.settlement.asked import Json, bet

FEED = "sportradar"
WINDOWS = Windows().divided(DIVISOR)
BETTING, DOUBLES = 0.7, 0.2
PRICES = ("1.50", "1.85", "2.50", "7.00")
UNDER_WAY = ("WANTED", "ASKED", "RUNNING", "TOLD")
PATIENCE = 180.0
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a world's story takes, and what breaks meanwhile."""

    events: int
    span: float
    kills: int
    cuts: int
    restarts: int
    seed: int = 1

    def breaks(self) -> list[str]:
        """What breaks, in its order."""
        all_of_them = ["kill"] * self.kills + ["cut"] * self.cuts + ["restart"] * self.restarts
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


def process(sandbox: Sandbox, amqp_url: str, database: str, log: Path) -> Process:
    """Start `manage.py run_feed sportradar`."""
    return Process(FEED, settings_for(sandbox, amqp_url), database, log)


def settings_for(sandbox: Sandbox, amqp_url: str) -> dict[str, str]:
    """Return what tells a program where Sportradar is."""
    return {
        "UOF_AMQP_URL": amqp_url,
        "UOF_API_URL": sandbox.api_url,
        "UOF_TOKEN": "sandbox",
        "UOF_DIVIDE_TIMES_BY": str(DIVISOR),
    }


def world_from_now(plan: Plan) -> World:
    """Return a world that begins now."""
    return World(
        seed=plan.seed, events=plan.events, start=round(time.time() * 1000), span=plan.span
    )


def bets_on(world: World) -> int:
    """Place bets on most events of a world, some on two; return how many there are."""
    chance = random.Random(world.seed)
    players = [FundedPlayer.create(f"{world.events * 10}.00") for _ in range(4)]
    events = [one for one in world.cast if chance.random() < BETTING]
    asked = [
        bet(
            chance.choice(players),
            *(selection(one, chance) for one in legs_of(first, events, chance)),
            bet_id=f"W-{number}",
            provider="sportradar",
            placed_at=moment(chance.randint(*world.placing)),
        )
        for number, first in enumerate(events)
    ]
    for one in asked:
        one["kind"] = "single" if len(one["selections"]) == 1 else "double"
    answers = bring_in(tickets=asked, actor="test")
    assert {answer.status for answer in answers} == {"created"}, answers[:3]
    return len(asked)


def legs_of(first: Event, events: list[Event], chance: random.Random) -> list[Event]:
    """Return the events of a bet."""
    other = chance.choice(events)
    return [first, other] if other is not first and chance.random() < DOUBLES else [first]


def selection(event: Event, chance: random.Random) -> Json:
    """Return a selection on one of an event's outcomes."""
    market = chance.choice(event.markets)
    return {
        "event": event.ref,
        "market": market.id,
        "specifiers": market.specifiers or "",
        "outcome": chance.choice(market.outcomes).id,
        "price": chance.choice(PRICES),
    }


def moment(milliseconds: int) -> str:
    """Return a time as clients write it."""
    return (EPOCH + milliseconds * MILLISECOND).isoformat()


def play_through(database: str, logs: Path, plan: Plan) -> str:
    """Tell a world while things break; compare with what nobody disturbed; say what was seen."""
    with ExitStack() as stack:
        rabbit = stack.enter_context(own_broker())
        proxy = stack.enter_context(closing(Proxy(rabbit.url)))
        sandbox = stack.enter_context(Sandbox(windows=WINDOWS, broker=rabbit.url))
        one = process(sandbox, proxy.url, database, logs / "one.log")
        with ending(one):  # Whose first connection finds open tickets asks for all their events.
            eventually(all_up)
        world = world_from_now(plan)
        tickets = bets_on(world)
        copy = stack.enter_context(databases.copy_of(database))
        stack.enter_context(ending(one))
        one.start()
        eventually(lambda: one.receives)
        playing = sandbox.play(world)
        breaking(plan, {"kill": lambda: kill(one), "cut": proxy.cut, "restart": again(rabbit)})
        assert playing.join(plan.span + PATIENCE)
        with databases.connected_to(copy):
            wanted = undisturbed(world)
        took = eventually(lambda: is_quiet() and digest() == wanted, PATIENCE, undone)
        counts = sandbox.counts
        assert counts["violations"] == 0, counts
        assert_true()
        states = set(FeedMessage.objects.values_list("state", flat=True))
        assert states <= {"DONE", "IGNORED"}
    return (
        f"{tickets} tickets, {len(world.happenings)} messages, {FeedMessage.objects.count()} kept; "
        f"all as it should be {took:.1f} s after the last word; {counts}"
    )


def breaking(plan: Plan, acts: dict[str, Callable[[], Any]]) -> None:
    """Break one thing after the other, spread over the story."""
    chance, began = random.Random(plan.seed), time.monotonic()
    breaks = plan.breaks()
    for number, what in enumerate(breaks):
        due = began + plan.span * (number + chance.random()) / len(breaks)
        time.sleep(max(0.0, due - time.monotonic()))
        acts[what]()


def kill(one: Process) -> None:
    """Kill a runner that receives, and start it again."""
    eventually(lambda: one.receives)
    one.kill()
    one.start()


def again(rabbit: Broker) -> Callable[[], None]:
    """Return what starts a broker again."""

    def restart() -> None:
        rabbit.stop()
        rabbit.start()

    return restart


def undisturbed(world: World) -> Any:
    """Return what a world comes to where nobody is disturbed."""
    told = [one.body for one in world.happenings]
    for start in range(0, len(told), 1000):
        stored = inbox.receive(feed=FEED, bodies=told[start : start + 1000])
        inbox.process(message_ids=stored.ids)
    inbox.drain()
    return digest()


def all_up() -> bool:
    """Whether all producers that are active are up."""
    active = Producer.objects.filter(is_active=True)
    return active.exists() and not active.exclude(state="UP").exists()


def is_quiet() -> bool:
    """Whether all is up, and nothing under way."""
    return all_up() and not any(undone().values())


def undone() -> dict[str, int]:
    """Count what is under way."""
    return {
        "recoveries": Recovery.objects.filter(state__in=UNDER_WAY).count(),
        "messages": Unfinished.objects.count(),
        "tickets": DueTicket.objects.count(),
    }
