"""When a package may lack something, and when it is asked for what it lacks."""

import pytest

from feeds.lsports.health import (
    Health,
    connected,
    failed,
    heartbeat,
    looked_at,
    may_be_recovered,
    not_sent,
    recovered,
    recovering,
    told_since,
)
from feeds.lsports.windows import Windows
from feeds.models import PackageState, StaleReason

W = Windows()
NOW = 1_763_800_000.0
MS = 1000


def beat(
    one: Health, now: float, *, made: float | None = None, interrupted: bool = False
) -> Health:
    """A heartbeat that comes as soon as it is made, unless told otherwise."""
    made_ms = int((now if made is None else made) * MS)
    return heartbeat(one, now=now, made_ms=made_ms, interrupted=interrupted, windows=W)


def healthy(now: float = NOW) -> Health:
    """A package that was recovered, and heard just now."""
    one = recovering(beat(connected(Health(), now - 1), now - 1), now - 0.5)
    return recovered(beat(one, now), now=now, began=now - 0.5)


def test_a_package_that_was_never_heard_is_recovered_once_it_is_heard() -> None:
    one = connected(Health(), NOW)
    assert one.reason is StaleReason.NEVER
    assert not may_be_recovered(one, now=NOW, windows=W)
    assert may_be_recovered(beat(one, NOW + 1), now=NOW + 1, windows=W)


def test_heartbeats_move_what_is_stored_only_while_nothing_lacks() -> None:
    one = healthy()
    assert one.healthy_ms == NOW * MS
    one = beat(one, NOW + 5)
    assert one.healthy_ms == (NOW + 5) * MS
    one = beat(connected(one, NOW + 6), NOW + 10)
    assert (one.state, one.reason) == (PackageState.STALE, StaleReason.CONNECTION)
    assert one.healthy_ms == (NOW + 5) * MS


def test_a_recovery_says_that_all_is_stored_until_its_last_heartbeat() -> None:
    one = beat(connected(healthy(), NOW + 1), NOW + 2)
    one = beat(recovering(one, NOW + 3), NOW + 7)
    assert one.healthy_ms == NOW * MS
    one = recovered(one, now=NOW + 8, began=NOW + 3)
    assert (one.state, one.healthy_ms) == (PackageState.HEALTHY, (NOW + 7) * MS)


def test_a_recovery_that_something_came_between_is_none() -> None:
    one = recovering(beat(connected(healthy(), NOW), NOW), NOW)
    cut = beat(connected(one, NOW + 1), NOW + 2)
    assert recovered(cut, now=NOW + 3, began=NOW) == cut
    again = recovering(cut, NOW + 3)
    assert recovered(again, now=NOW + 4, began=NOW) == again


@pytest.mark.parametrize(("later", "state"), [(12, PackageState.HEALTHY), (13, PackageState.STALE)])
def test_heartbeats_that_are_missing_by_lsports_clock_are_a_gap(
    later: int, state: PackageState
) -> None:
    one = beat(healthy(), NOW + 1, made=NOW + later)
    assert one.state == state
    assert one.healthy_ms == (NOW + (later if state == PackageState.HEALTHY else 0)) * MS


def test_silence_makes_a_package_stale_and_it_is_not_asked_before_it_lives() -> None:
    one = looked_at(healthy(), now=NOW + 12, windows=W)
    assert one.state == PackageState.HEALTHY
    one = looked_at(one, now=NOW + 12.1, windows=W)
    assert one.reason is StaleReason.SILENT
    assert not may_be_recovered(one, now=NOW + 13, windows=W)
    one = beat(one, NOW + 60)
    assert may_be_recovered(one, now=NOW + 60, windows=W)
    assert one.healthy_ms == NOW * MS


def test_an_interruption_is_asked_about_when_it_is_over() -> None:
    one = beat(healthy(), NOW + 5, interrupted=True)
    assert one.reason is StaleReason.INTERRUPTED
    one = beat(one, NOW + 10, interrupted=True)
    assert one.since == NOW + 5
    assert not may_be_recovered(one, now=NOW + 15, windows=W)
    one = beat(one, NOW + 15)
    assert one.healthy_ms == NOW * MS
    assert may_be_recovered(one, now=NOW + 22, windows=W)


@pytest.mark.parametrize("made", [None, int((NOW + 3600) * MS)])
def test_an_interruption_is_heard_of_whatever_the_time_of_its_heartbeat(made: int | None) -> None:
    one = heartbeat(healthy(), now=NOW + 5, made_ms=made, interrupted=True, windows=W)
    assert (one.reason, one.healthy_ms) == (StaleReason.INTERRUPTED, NOW * MS)


def test_a_package_that_is_not_sent_is_asked_when_it_flows_again() -> None:
    one = not_sent(healthy(), StaleReason.DISTRIBUTION, NOW + 1, W)
    assert not may_be_recovered(one, now=NOW + 12, windows=W)
    assert not may_be_recovered(one, now=NOW + 13, windows=W)
    one = beat(one, NOW + 9)
    assert not may_be_recovered(one, now=NOW + 12, windows=W)
    assert may_be_recovered(one, now=NOW + 13, windows=W)


def test_a_package_is_asked_for_what_it_told_since_long_before_its_last_heartbeat() -> None:
    assert told_since(healthy(), now=NOW + 60, windows=W) == ((NOW - 1800) * MS, False)
    late = NOW + 86_400 - 1800
    assert told_since(healthy(), now=late, windows=W) == ((NOW - 1800) * MS, False)
    assert told_since(healthy(), now=late + 1, windows=W) == ((NOW - 1799) * MS, True)
    assert told_since(Health(), now=NOW, windows=W) == ((NOW - 86_400) * MS, True)


def test_a_heartbeat_of_the_future_moves_nothing() -> None:
    one = beat(healthy(), NOW + 5, made=NOW + 3600)
    assert (one.heard, one.heard_ms, one.healthy_ms) == (NOW + 5, NOW * MS, NOW * MS)


def test_a_heartbeat_without_a_time_is_a_sign_of_life_alone() -> None:
    one = heartbeat(healthy(), now=NOW + 5, made_ms=None, interrupted=False, windows=W)
    assert (one.heard, one.healthy_ms) == (NOW + 5, NOW * MS)


def test_a_clock_that_is_set_back_is_believed_up_to_a_minute() -> None:
    one = beat(healthy(), NOW + 5, made=NOW - 30)
    assert one.healthy_ms == (NOW - 30) * MS
    one = beat(healthy(), NOW + 5, made=NOW - 3600)
    assert one.healthy_ms == (NOW - 60) * MS


def test_a_recovery_that_failed_is_tried_again_after_a_while() -> None:
    one = beat(recovering(beat(connected(healthy(), NOW), NOW), NOW), NOW + 5)
    one = failed(one, now=NOW + 6, began=NOW, reason=StaleReason.CONNECTION, wait=30)
    assert one.reason is StaleReason.CONNECTION
    assert not may_be_recovered(beat(one, NOW + 30), now=NOW + 30, windows=W)
    assert may_be_recovered(beat(one, NOW + 36), now=NOW + 36, windows=W)
