"""A feed at work stops when it is told to, whatever is the matter just then."""

import os
import time

import pytest
from django.db import OperationalError

from feeds import inbox, leases, runner
from feeds.stopping import SharedFlag
from tests.feeds.live import WINDOWS, fresh_sandbox, is_receiving, running, source, until


def refuse(*_: object, **__: object) -> None:
    raise OperationalError("The database is away.")


@pytest.mark.own_database
def test_a_feed_stops_while_its_database_is_away(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "SHORTEST_PAUSE", 60)
    with fresh_sandbox(windows=WINDOWS) as vendor, running(source(vendor, "websocket")) as feed:
        until(is_receiving)
        for module, name in ((leases, "renew"), (leases, "release"), (inbox, "process_stored")):
            monkeypatch.setattr(module, name, refuse)
        time.sleep(1.5)

        began = time.monotonic()
        feed.end()

        assert time.monotonic() - began < 20


def test_a_flag_that_is_raised_is_seen_by_a_child() -> None:
    flag = SharedFlag()
    child = os.fork()
    if child == 0:
        while not flag.is_set():
            time.sleep(0.01)
        os._exit(7)

    assert not flag.is_set()
    flag.set()

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
