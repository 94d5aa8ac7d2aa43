"""A producer's health: alives, silence, what is told again, and the checkpoint."""

import random

import pytest

from feeds.models import DownReason, ProducerState
from feeds.sportradar.health import (
    Health,
    Telling,
    alive,
    asked,
    connected,
    looked_at,
    may_be_asked,
    not_before,
    says_down,
    told,
)
from feeds.sportradar.windows import Windows

WINDOWS = Windows()
NOW = 1_800_000_000.0
MS = 1_800_000_000_000
UP = Health(
    1, ProducerState.UP, None, NOW - 60, heard=NOW - 10, heard_ms=MS - 10_000, checkpoint_ms=MS
)


def heard(
    one: Health, *, after: float = 0, made: float | None = None, subscribed: bool = True
) -> Health:
    """Return a producer after an alive that came so many seconds after now."""
    made_ms = MS + int((after if made is None else made) * 1000)
    return alive(one, now=NOW + after, made_ms=made_ms, subscribed=subscribed, windows=WINDOWS)


def test_an_alive_moves_the_checkpoint_while_nothing_is_missing() -> None:
    assert heard(UP, after=0).checkpoint_ms == MS
    assert heard(UP, after=9).checkpoint_ms == MS + 9000


@pytest.mark.parametrize("state", [ProducerState.DOWN, ProducerState.RECOVERING])
def test_the_checkpoint_stays_while_something_may_be_missing(state: ProducerState) -> None:
    reason = DownReason.CONNECTION if state is ProducerState.DOWN else None
    one = Health(1, state, reason, NOW, heard=NOW - 5, heard_ms=MS - 5000, checkpoint_ms=MS - 7)

    after = heard(one, after=1)

    assert (after.checkpoint_ms, after.heard, after.heard_ms) == (MS - 7, NOW + 1, MS + 1000)


def test_an_alive_that_says_not_subscribed_means_that_something_is_missing() -> None:
    after = heard(UP, after=0, subscribed=False)

    assert (after.state, after.reason) == (ProducerState.DOWN, DownReason.UNSUBSCRIBED)
    assert after.checkpoint_ms == UP.checkpoint_ms


def test_alives_that_are_missing_are_noticed_by_the_producers_own_clock() -> None:
    after = heard(UP, after=30, made=15)

    assert (after.state, after.reason) == (ProducerState.DOWN, DownReason.SILENT)


def test_alives_that_lack_begin_a_down_anew_for_what_was_asked_before_is_not_enough() -> None:
    one = Health(1, heard=NOW - 10, heard_ms=MS - 10_000, since=NOW - 5)

    assert heard(one, after=1).since == NOW - 5
    assert heard(one, after=20).since == NOW + 20


def test_alives_that_come_late_and_whole_are_nothing_to_worry_about() -> None:
    late = heard(UP, after=300, made=0)

    assert (late.state, late.checkpoint_ms) == (ProducerState.UP, MS)


def test_an_alive_of_the_future_does_not_move_the_checkpoint() -> None:
    assert heard(UP, after=0, made=3600).checkpoint_ms == UP.checkpoint_ms


def test_a_clock_that_is_set_back_is_followed_and_an_alive_of_long_ago_only_a_little() -> None:
    assert heard(UP, after=1, made=-29).checkpoint_ms == MS - 29_000
    assert heard(UP, after=1, made=-500).checkpoint_ms == MS - 70_000


def test_silence_is_noticed_after_twenty_seconds() -> None:
    assert looked_at(UP, now=NOW + 10, windows=WINDOWS) == UP

    after = looked_at(UP, now=NOW + 10.1, windows=WINDOWS)

    assert (after.state, after.reason) == (ProducerState.DOWN, DownReason.SILENT)


def test_a_producer_is_asked_only_while_it_is_alive_and_not_too_often() -> None:
    fresh = connected(UP, NOW)
    assert not may_be_asked(fresh, now=NOW, windows=WINDOWS)

    alive_again = heard(fresh, after=1, subscribed=False)

    assert may_be_asked(alive_again, now=NOW + 1, windows=WINDOWS)
    assert not may_be_asked(alive_again, now=NOW + 22, windows=WINDOWS)
    later = not_before(alive_again, NOW + 5)
    assert not may_be_asked(later, now=NOW + 4, windows=WINDOWS)
    assert may_be_asked(later, now=NOW + 5, windows=WINDOWS)


def test_a_producer_is_up_again_when_it_has_told_what_we_asked_for() -> None:
    telling = asked(heard(connected(UP, NOW), after=1), now=NOW + 1, request_id=7)
    assert telling.state is ProducerState.RECOVERING

    assert told(telling, now=NOW + 2, request_id=8) == telling
    assert told(telling, now=NOW + 2, request_id=7).state is ProducerState.UP


def recovering() -> Health:
    """Return a producer that was asked a second ago."""
    return asked(heard(connected(UP, NOW - 1)), now=NOW, request_id=7)


@pytest.mark.parametrize(
    ("passed", "progress", "reason"),
    [
        (299, 0, None),
        (301, 0, DownReason.STALLED),
        (301, 5, None),
        (1199, 1190, None),
        (1201, 1190, DownReason.TOO_LONG),
    ],
)
def test_what_is_told_again_may_not_stall_nor_take_for_ever(
    passed: float, progress: float, reason: DownReason | None
) -> None:
    one = Health(
        1, ProducerState.RECOVERING, None, NOW, heard=NOW + passed, heard_ms=MS,
        telling=Telling(7, NOW, NOW + progress),
    )  # fmt: skip

    after = looked_at(one, now=NOW + passed, windows=WINDOWS)

    assert after.reason is reason
    assert (after.telling is None) == (reason is not None)


def test_not_subscribed_during_a_recovery_begins_it_anew_but_not_if_it_was_on_its_way() -> None:
    assert heard(recovering(), after=5, subscribed=False).state is ProducerState.RECOVERING

    one = heard(recovering(), after=9)
    after = heard(one, after=19, subscribed=False)

    assert (after.state, after.reason) == (ProducerState.DOWN, DownReason.UNSUBSCRIBED)


def test_a_producer_that_says_it_is_down_is() -> None:
    after = says_down(UP, NOW)

    assert (after.state, after.reason) == (ProducerState.DOWN, DownReason.PRODUCT_DOWN)
    assert not may_be_asked(after, now=NOW, windows=WINDOWS), "It does not hear us."
    assert may_be_asked(heard(after, after=1), now=NOW + 1, windows=WINDOWS)


@pytest.mark.parametrize("seed", range(50))
def test_the_checkpoint_never_passes_what_may_be_missing(seed: int) -> None:
    chance = random.Random(seed)
    one, now, missing_since = connected(Health(1), NOW), NOW, 0.0
    for _ in range(200):
        now += chance.choice((1, 5, 10, 25))
        match chance.randrange(6):
            case 0:
                one, missing_since = connected(one, now), missing_since or now
            case 1:
                one = looked_at(one, now=now, windows=WINDOWS)
            case 2 if may_be_asked(one, now=now, windows=WINDOWS):
                one = asked(one, now=now, request_id=int(now))
            case 3 if one.telling:
                one = told(one, now=now, request_id=one.telling.request_id)
                missing_since = 0.0
            case _:
                one = alive(one, now=now, made_ms=int(now * 1000), subscribed=True, windows=WINDOWS)
        if missing_since and one.checkpoint_ms:
            assert one.checkpoint_ms <= missing_since * 1000
