"""Runners that are stopped, continued and killed: one receives at a time, and nothing is lost."""

import random
import signal
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from feeds import inbox
from feeds.models import ConnectAttempt, FeedLease
from feeds.odds88.sandbox import Options
from feeds.odds88.sandbox.faults import Drop, DropMidMessage
from feeds.odds88.sandbox.options import Order
from tests import databases
from tests.feeds.live import TRANSPORTS, fresh_sandbox
from tests.feeds.odds88.runners import (
    WINDOWS,
    all_told,
    away_since,
    over_two_days,
    process,
    said,
    tickets,
)
from tests.feeds.processes import (
    Process,
    digest,
    ending,
    eventually,
    foreign_writes,
    note_foreign_writes,
)
from tests.feeds.test_interleavings import assert_sound
from tests.services import deep

pytestmark = pytest.mark.own_database
STOPS = 2 if deep() else 1
KILLS, MESSAGES = (4, 1500) if deep() else (2, 600)


@pytest.mark.parametrize("transport", TRANSPORTS if deep() else TRANSPORTS[1:])
def test_of_two_runners_one_receives_whichever_is_stopped(
    own_database: str, tmp_path: Path, transport: str
) -> None:
    stop_and_continue(own_database, tmp_path, transport, STOPS)


def stop_and_continue(database: str, logs: Path, transport: str, rounds: int) -> str:
    """Stop the one who receives, until the other does; say what was seen."""
    note_foreign_writes("odds88")
    tickets(rounds * 4)
    took = []
    with fresh_sandbox(windows=WINDOWS) as sandbox:
        pair = [process(sandbox, database, transport, logs / f"{n}.log") for n in range(2)]
        with ending(*pair):
            for number in range(rounds):
                eventually(lambda: any(one.receives for one in pair))
                stopped, other = sorted(pair, key=lambda one: not one.holds)
                sandbox.push(*[said_now(number * 4 + place + 1) for place in range(2)])
                stopped.send(signal.SIGSTOP)
                sandbox.push(*[said_now(number * 4 + place + 3) for place in range(2)])
                took.append(eventually(partial(getattr, other, "holds")))
                if number % 2:
                    eventually(partial(told_or_receives, other, transport))
                stopped.send(signal.SIGCONT)
            eventually(lambda: all_told(rounds * 4))
        counts = sandbox.counts
    assert foreign_writes() == []
    assert counts["receiving_most"] == 1
    assert counts["refused_budget"] == 0
    assert FeedLease.objects.get().epoch > rounds
    assert_sound()
    slowest = f"the other had the lease after {max(took):.2f} s at most"
    return f"{transport}: {rounds} stops, {slowest}, {counts['attempts']}, {counts['connects']}"


def told_or_receives(one: Process, transport: str) -> bool:
    """Whether it receives. Over lines, who was stopped may still be taken to: then it waits."""
    return one.receives or (transport == "lines" and one.holds)


def said_now(number: int) -> bytes:
    """Return a bet's result, settled now."""
    return said(number, 0, datetime.now(UTC))


@pytest.mark.parametrize("transport", TRANSPORTS if deep() else TRANSPORTS[1:])
def test_runners_that_are_killed_end_with_what_one_alone_would_have(
    own_database: str, tmp_path: Path, transport: str
) -> None:
    kill_again_and_again(own_database, tmp_path, transport, KILLS, MESSAGES)


def kill_again_and_again(database: str, logs: Path, transport: str, kills: int, count: int) -> str:
    """Kill a runner in a shuffled recovery and in what follows; compare with an undisturbed run."""
    tickets(count // 4)
    wanted = undisturbed(database, messages := over_two_days(count, count // 4))
    away_since(48)
    chance = random.Random(kills)
    past, live = messages[: count // 2], messages[count // 2 :]
    options = Options(order=Order.SHUFFLED, chunk=50, pause=0.01)
    with fresh_sandbox(windows=WINDOWS, options=options) as sandbox:
        sandbox.push(*past)
        one = process(sandbox, database, transport, logs / "one.log")
        with ending(one):
            for number in range(kills):
                eventually(lambda: one.receives)
                if number >= kills // 2:
                    part = len(live) // (kills - kills // 2)
                    place = (number - kills // 2) * part
                    sandbox.fault(chance.choice((Drop(), DropMidMessage(), Drop(reset=True))))
                    sandbox.push(*live[place : place + part])
                time.sleep(chance.uniform(0, 0.6))
                one.kill()
                one.start()
            sandbox.push(*live[(kills - kills // 2) * (len(live) // (kills - kills // 2)) :])
            eventually(lambda: all_told(len(set(messages))), 300)
        counts = sandbox.counts
    assert digest() == wanted
    assert counts["receiving_most"] == 1
    assert counts["refused_budget"] == 0
    assert_sound()
    return f"{transport}: {kills} kills, {ConnectAttempt.objects.count()} connects, {counts}"


def undisturbed(database: str, messages: list[bytes]) -> Any:
    """Return what all messages come to where nobody is disturbed: in a copy."""
    with databases.copy_of(database) as copy, databases.connected_to(copy):
        for start in range(0, len(messages), 1000):
            some = messages[start : start + 1000]
            inbox.process(message_ids=inbox.receive(feed="odds88", bodies=some).ids)
        inbox.drain()
        return digest()
