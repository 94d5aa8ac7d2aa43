"""Settlement for longer than a test run allows: `make campaign NAME=settlement`."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import environ
import pytest
import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from backoffice.embedded import EmbeddedServices, postgres
from backoffice.embedded.services import migrate
from settlement.models import Ticket
from tests import databases
from tests.feeds import test_interleavings as interleavings
from tests.feeds.test_crashes import (
    assert_all_told,
    came,
    die_while_bringing,
    die_while_settling,
    hear_and_tell,
    kill_again_and_again,
    stream,
    stream_players,
)
from tests.feeds.test_interleavings import (
    Orders,
    Story,
    assert_sound,
    left_undone,
    stops,
    try_all_orders,
)
from tests.feeds.words import FEED, message, settled, speak
from tests.nursery import Nursery, nursery
from tests.settlement.asked import bet, selection
from tests.settlement.test_settling_races import (
    bring,
    tell_by_four,
    tell_in_two_orders,
)
from tests.wallet.test_races import wait_until

__all__ = ["stops"]

KILLS, RESTARTS, FLUSHES, EACH = 200, 10, 10, 20
HISTORIES, TOGETHER, BY_FOUR, RANDOM_ORDERS = 50_000, 200, 100, 500
STREAMS, TICKETS = 3, 2400
PREEMPTIONS = 4
OF_THREE = 2

STORIES: dict[str, tuple[Story, int]] = {
    "bets": (interleavings.under_all_its_ids, 4),
    "first ticket": (interleavings.first_ticket, 1),
    "second ticket": (interleavings.second_ticket, 2),
    "first and second": (interleavings.first_and_second_ticket, 2),
    "two first ones": (interleavings.two_first_tickets, 2),
    "two afterwards": (interleavings.two_first_tickets_afterwards, 2),
}


def timed(what: str, work: Callable[[], object]) -> None:
    """Do a work; print what came of it and how long it took."""
    start = time.monotonic()
    found = work()
    print(f"\n{what}: {found} in {time.monotonic() - start:.0f} s.")


@pytest.mark.parametrize("name", list(STORIES)[:4])
def test_every_order_of_commits(own_database: str, stops: None, name: str) -> None:
    speak()
    story, bets = STORIES[name]
    timed(f"{name}, orders", lambda: try_all_orders(story, bets, orders=Orders(PREEMPTIONS)))


def test_every_order_of_commits_of_three(own_database: str, stops: None) -> None:
    speak()
    story, bets = STORIES["two first ones"]
    timed("three sides", lambda: try_all_orders(story, bets, orders=Orders(OF_THREE)))


@pytest.mark.parametrize("name", STORIES)
def test_random_orders_of_statements(
    own_database: str, stops: None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak()
    monkeypatch.setattr(interleavings, "stops_before", lambda _: True)
    story, bets = STORIES[name]
    chance = random.Random(17)
    orders = [chance.choice] * RANDOM_ORDERS
    timed(f"{name}, random orders", lambda: try_all_orders(story, bets, orders=orders))


@pytest.mark.parametrize("feed", ["odds88", FEED])
def test_twenty_deaths_at_each_point(children: Nursery, feed: str) -> None:
    timed(f"{feed}, deaths while settling", lambda: die_while_settling(children, feed, EACH))


@pytest.mark.parametrize("feed", ["odds88", FEED])
def test_twenty_deaths_at_each_point_of_intake(children: Nursery, feed: str) -> None:
    timed(f"{feed}, deaths at intake", lambda: die_while_bringing(children, feed, EACH))


def test_two_hundred_kills_at_random_moments(children: Nursery, tmp_path: Path) -> None:
    timed(
        f"{KILLS} kills, share of the stream done meanwhile",
        lambda: kill_again_and_again(children, tmp_path, KILLS, tickets=8 * KILLS),
    )


def test_histories_in_two_orders(own_database: str) -> None:
    speak()
    starts = range(0, HISTORIES, TOGETHER)
    timed(
        f"{HISTORIES} histories, tickets that ended alike",
        lambda: sum(tell_in_two_orders(range(start, start + TOGETHER)) for start in starts),
    )
    assert_sound()


def test_histories_by_four_processes(own_database: str) -> None:
    speak()
    with nursery(databases.environment(own_database)) as four:
        timed(
            f"{BY_FOUR} histories by four processes, tickets that ended alike",
            lambda: sum(tell_by_four(four, range(n, n + 5)) for n in range(0, BY_FOUR, 5)),
        )
    assert_sound()


def stubborn_stream(progress: str, seed: int, tickets: int) -> None:
    """Send the stream to its end; whenever the database goes away, go on when it is back."""
    while True:
        try:
            stream(progress, seed, tickets)
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(0.02)
        else:
            return


@contextmanager
def server_of_our_own() -> Iterator[EmbeddedServices]:
    """Yield servers that may be killed, with Django connected to them."""
    with EmbeddedServices(database="test_restarts", durable=True) as running:
        migrate(running.environment)
        before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(
            environ.Env.db_url_config(running.environment["DATABASE_URL"])
        )
        try:
            yield running
        finally:
            connection.close()
            connection.settings_dict.update(before)


def folder_of(running: EmbeddedServices) -> Path:
    """Return the folder that the servers run in."""
    return Path(parse_qs(urlsplit(running.environment["DATABASE_URL"]).query)["host"][0])


def crash(running: EmbeddedServices, stack: ExitStack) -> float:
    """Shut PostgreSQL down at once, as a crash would, and start it; return the seconds."""
    run, start = folder_of(running), time.monotonic()
    postmaster = int((run / "postgresql-18" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGQUIT)
    os.waitpid(postmaster, 0)
    server = postgres.start(run=run, data=run, database="test_restarts", durable=True)
    stack.callback(server.stop)
    return time.monotonic() - start


def restart_again_and_again(folder: Path, restarts: int, tickets: int) -> tuple[list[float], ...]:
    """Crash PostgreSQL under load; return the seconds until it answered, and until work went on."""
    answered, went_on = [], []
    files = [folder / f"progress-{seed}" for seed in range(STREAMS)]
    with (
        server_of_our_own() as running,
        ExitStack() as stack,
        nursery(os.environ | running.environment) as children,
    ):
        players = stream_players()
        working = [
            children.start(stubborn_stream, str(file), seed, tickets)
            for seed, file in enumerate(files)
        ]
        wait_until(lambda: all(map(came, files)))
        for _ in range(restarts):
            time.sleep(1)
            start = time.monotonic()
            answered.append(crash(running, stack))
            before = sum(map(came, files))
            wait_until(lambda before=before: sum(map(came, files)) > before)  # type: ignore[misc]
            went_on.append(time.monotonic() - start)
        assert sum(map(came, files)) < STREAMS * 3 * tickets, "the streams are too short"
        assert [children.wait(child) for child in working] == [0] * STREAMS
        connection.close()
        assert_all_told(players, tickets)
    return answered, went_on


def test_ten_crashes_of_postgresql_under_load(
    django_db_blocker: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        answered, went_on = restart_again_and_again(tmp_path, RESTARTS, TICKETS)
    tell("PostgreSQL answered again after", answered)
    tell("Work went on after", went_on)


def tell(what: str, seconds: list[float]) -> None:
    """Print times."""
    middle = sorted(seconds)[len(seconds) // 2]
    print(f"\n{what} {middle:.2f} s (median of {len(seconds)}), {max(seconds):.2f} s at most.")


@contextmanager
def celery(database: str, folder: Path) -> Iterator[None]:
    """Run a worker and beat on the test's database."""
    environment = databases.environment(database)
    commands = [["worker", "-c", "2"], ["beat", "-s", str(folder / "schedule")]]
    with ExitStack() as stack:
        for words in commands:
            log = stack.enter_context((folder / f"{words[0]}.log").open("wb"))
            child = subprocess.Popen(
                [sys.executable, "-c", WORKER, *words], env=environment, stdout=log, stderr=log
            )
            stack.callback(child.wait)
            stack.callback(child.terminate)
        yield


WORKER = """
import sys
from backoffice.celery import app
from tests.feeds.words import speak
speak()
app.start(sys.argv[1:])
"""


def test_ten_flushes_of_valkey_under_load(own_database: str, tmp_path: Path) -> None:
    """Nobody but the workers settles what is due on markets."""
    speak()
    players, seconds = stream_players(), []
    files = [tmp_path / f"progress-{seed}" for seed in range(2)]
    broker = redis.Redis.from_url(settings.REDIS_URL)
    with celery(own_database, tmp_path), nursery(databases.environment(own_database)) as children:
        working = [
            children.start(stream, str(file), seed, TICKETS, False)
            for seed, file in enumerate(files)
        ]
        for number in range(FLUSHES):
            time.sleep(2)
            bring([bet(players[0], selection(event=f"F-{number}"), bet_id=f"F-{number}",
                       provider="sportradar", stake_taken=False)])  # fmt: skip
            broker.flushall()
            start = time.monotonic()
            hear_and_tell(message(settled(f"F-{number}", X="lost")), FEED, lambda: None)
            wait_until(
                lambda number=number: Ticket.objects.get(bet_id=f"F-{number}").status == "SETTLED",  # type: ignore[misc]
                patience=60,
            )
            seconds.append(time.monotonic() - start)
        assert [children.wait(child) for child in working] == [0, 0]
        start = time.monotonic()
        wait_until(lambda: left_undone() == {}, patience=120)
        print(f"\nNothing left {time.monotonic() - start:.1f} s after the last message.")
    tell("A ticket was settled after a flush and its message within", seconds)
    assert_sound()
