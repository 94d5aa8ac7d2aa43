"""A world of Sportradar's that is told to a runner in a process of its own."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from feeds.models import FeedMessage, Producer, Recovery
from feeds.sportradar.sandbox import Sandbox, World
from feeds.sportradar.sandbox.offers import Event
from feeds.sportradar.windows import Windows
from tests import databases
from tests.feeds import breaking
from tests.feeds.breaking import PATIENCE, PRICES, Plan, bets_on, own_broker, undisturbed
from tests.feeds.processes import DIVISOR, Process, digest, ending, eventually
from tests.feeds.proxy import Proxy
from tests.feeds.test_interleavings import assert_true
from tests.settlement.asked import Json

FEED = "sportradar"
WINDOWS = Windows().divided(DIVISOR)
UNDER_WAY = ("WANTED", "ASKED", "RUNNING", "TOLD")


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
        tickets = bets_on(world.cast, selection, provider=FEED, placing=world.placing)
        copy = stack.enter_context(databases.copy_of(database))
        stack.enter_context(ending(one))
        one.start()
        eventually(lambda: one.receives)
        playing = sandbox.play(world)
        acts: dict[str, Callable[[], object]] = {
            "kill": partial(breaking.kill, one),
            "cut": proxy.cut,
            "restart": partial(breaking.restart, rabbit),
        }
        breaking.breaking(plan, acts)
        assert playing.join(plan.span + PATIENCE)
        with databases.connected_to(copy):
            wanted = undisturbed([(FEED, one.body) for one in world.happenings])
        took = eventually(
            lambda: is_quiet() and digest() == wanted, PATIENCE, explain=undone, every=0.5
        )
        counts = sandbox.counts
        assert counts["violations"] == 0, counts
        assert_true()
        states = set(FeedMessage.objects.values_list("state", flat=True))
        assert states <= {"DONE", "IGNORED"}
    return (
        f"{tickets} tickets, {len(world.happenings)} messages, {FeedMessage.objects.count()} kept; "
        f"all as it should be {took:.1f} s after the last word; {counts}"
    )


def all_up() -> bool:
    """Whether all producers that are active are up."""
    active = Producer.objects.filter(is_active=True)
    return active.exists() and not active.exclude(state="UP").exists()


def is_quiet() -> bool:
    """Whether all is up, and nothing under way."""
    return all_up() and not any(undone().values())


def undone() -> dict[str, int]:
    """Count what is under way."""
    recoveries = Recovery.objects.filter(state__in=UNDER_WAY).count()
    return {"recoveries": recoveries, **breaking.undone()}
