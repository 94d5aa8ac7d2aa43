"""A world of LSports' that is told to runners of both packages in processes of their own."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from feeds.lsports.sandbox import Options, Sandbox, World
from feeds.lsports.sandbox.bodies import SETTLED
from feeds.lsports.sandbox.faults import DistributionOff, Outage
from feeds.lsports.sandbox.options import Format, Layout, PreMatch
from feeds.lsports.windows import Windows
from feeds.models import FeedMessage, Package, Snapshot
from tests import databases
from tests.feeds import breaking
from tests.feeds.breaking import PATIENCE, PRICES, Plan, bets_on, own_broker, undisturbed
from tests.feeds.processes import DIVISOR, Process, digest, ending, eventually
from tests.feeds.proxy import Proxy
from tests.feeds.test_interleavings import assert_true
from tests.settlement.asked import Json

INPLAY, PREMATCH = "inplay", "prematch"
PACKAGES = (INPLAY, PREMATCH)
WINDOWS = Windows().divided(DIVISOR)
# One package in each format.
OPTIONS = Options(prematch=PreMatch(layout=Layout(format=Format.XML)))
OUTAGE_SECONDS = 4.0
MOMENTS = random.Random(2)
TELLING = 5  # Milliseconds in which the story of a fixture is made up, at most.


def feed_of(package: str) -> str:
    """Return the feed of a package."""
    return f"lsports-{package}"


def process(
    package: str, sandbox: Sandbox, amqp_url: str, database: str, logs: Path, name: str = ""
) -> Process:
    """Start `manage.py run_feed` for a package."""
    log = logs / f"{package}{name}.log"
    return Process(feed_of(package), settings_for(sandbox, amqp_url, package), database, log)


def settings_for(sandbox: Sandbox, amqp_url: str, *packages: str) -> dict[str, str]:
    """Return what tells a program where LSports' packages are."""
    given = {"LSPORTS_DIVIDE_TIMES_BY": str(DIVISOR)}
    for package in packages or PACKAGES:
        one = sandbox.vendor.package(package).settings
        prefix = f"LSPORTS_{package.upper()}"
        given |= {
            f"{prefix}_AMQP_URL": amqp_url,
            f"{prefix}_API_URL": sandbox.api_url,
            f"{prefix}_SNAPSHOT_URL": sandbox.api_url,
            f"{prefix}_PACKAGE_ID": str(one.id),
            f"{prefix}_USER": one.user,
            f"{prefix}_PASSWORD": one.password,
            f"{prefix}_FORMAT": one.layout.format,
        }
    return given


def told_bets(world: World) -> dict[str, list[tuple[str, str]]]:
    """Return the bets of each fixture that tickets may be on, each with its market.

    A settlement that was lost, and whose bet is shown as open again by then, stands nowhere any
    more: nobody can ask for it. So nothing is bet on those.
    """
    open_again = {
        ref for ref, end in world.ends.items() if end.settlement and end.status != SETTLED
    }
    return {
        one.ref: [
            (offer.market.id, bet.id)
            for offer in one.offers
            for bet in offer.market.bets or ()
            if (one.ref, offer.market.id, bet.id) not in open_again
        ]
        for one in world.cast
    }


def selection(
    choices: Mapping[str, list[tuple[str, str]]], ref: str, chance: random.Random
) -> Json:
    """Return a selection on one of a fixture's bets."""
    market, bet = chance.choice(choices[ref])
    return {"event": ref, "market": market, "outcome": bet, "price": chance.choice(PRICES)}


def play_through(database: str, logs: Path, plan: Plan) -> str:
    """Tell a world while things break; compare with what nobody disturbed; say what was seen."""
    with ExitStack() as stack:
        rabbit = stack.enter_context(own_broker())
        proxy = stack.enter_context(closing(Proxy(rabbit.url)))
        sandbox = stack.enter_context(Sandbox(windows=WINDOWS, options=OPTIONS, broker=rabbit.url))
        world = world_of(plan, sandbox.now())
        choices = told_bets(world)
        tickets = bets_on(
            [ref for ref, bets in choices.items() if bets],
            partial(selection, choices),
            provider="lsports",
            placing=world.placing,
        )
        copy = stack.enter_context(databases.copy_of(database))
        runners = [process(one, sandbox, proxy.url, database, logs) for one in PACKAGES]
        stack.enter_context(ending(*runners))
        eventually(lambda: all(one.receives for one in runners))
        world = soon(plan, sandbox)
        playing = sandbox.play(world)
        acts: dict[str, Callable[[], object]] = {
            "kill": partial(breaking.kill, *runners),
            "cut": proxy.cut,
            "restart": partial(breaking.restart, rabbit),
            "outage": partial(lose_some, sandbox),
            "off": partial(switch_off, sandbox),
        }
        breaking.breaking(plan, acts)
        assert playing.join(plan.span + PATIENCE)
        with databases.connected_to(copy):
            wanted = undisturbed([(feed_of(one.package), one.body) for one in world.messages])
        took = eventually(
            lambda: is_quiet() and digest() == wanted,
            PATIENCE,
            explain=lambda: (undone(), unlike(wanted), sandbox.counts),
            every=0.5,
        )
        counts = sandbox.counts
        assert counts["violations"] == counts["stops"] == 0, counts
        assert_true()
        states = set(FeedMessage.objects.values_list("state", flat=True))
        assert states <= {"DONE", "IGNORED"}
    return (
        f"{tickets} tickets, {len(world.messages)} messages, {FeedMessage.objects.count()} kept; "
        f"all as it should be {took:.1f} s after the last word; {counts}"
    )


def world_of(plan: Plan, start: int) -> World:
    """Return the world that begins at a time."""
    return World(seed=plan.seed, fixtures=plan.events, start=start, span=plan.span, options=OPTIONS)


def soon(plan: Plan, sandbox: Sandbox) -> World:
    """Return the same world when it is about to begin: it is told when it says that it was."""
    world = world_of(plan, sandbox.now() + round(TELLING * plan.events))
    assert world.happenings
    time.sleep(max(0.0, (world.start - sandbox.now()) / 1000))
    return world


def lose_some(sandbox: Sandbox) -> None:
    """Lose what a package says for a while; its heartbeats come."""
    sandbox.fault(Outage(package=MOMENTS.choice(PACKAGES), seconds=OUTAGE_SECONDS))


def switch_off(sandbox: Sandbox) -> None:
    """Send a package no more, until somebody has it sent."""
    sandbox.fault(DistributionOff(package=MOMENTS.choice(PACKAGES)))


def all_healthy() -> bool:
    """Whether nothing lacks of either package."""
    return Package.objects.filter(state="HEALTHY").count() == len(PACKAGES)


def is_quiet() -> bool:
    """Whether all is healthy, and nothing under way."""
    return all_healthy() and not any(undone().values())


def undone() -> dict[str, int]:
    """Count what is under way."""
    snapshots = Snapshot.objects.filter(state__in=("WANTED", "ASKED")).count()
    return {"snapshots": snapshots, **breaking.undone()}


def unlike(wanted: Sequence[tuple[object, ...]]) -> list[object]:
    """Return some of what stands otherwise than it should."""
    found = digest()
    pairs = [(one, other) for one, other in zip(found, wanted, strict=False) if one != other]
    return [len(pairs), len(found), len(wanted), *pairs[:5]]
