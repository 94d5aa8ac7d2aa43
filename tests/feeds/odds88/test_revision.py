from typing import Any

import pytest

from feeds.odds88.revision import Gap, Position, Revision, is_old, moves, revision
from settlement.said import TICKS_A_SECOND

NOW = 1_800_000_000
DAY = 86400
LIMIT = NOW - 3 * DAY + 30
QUIET = {"opened_at": NOW - 300, "recovered": True, "heard_at": NOW - 10}
BUSY = {"opened_at": NOW - 300, "heard_at": NOW - 10}


def ticks(seconds: float) -> int:
    return int(seconds * TICKS_A_SECOND)


def asked(**position: Any) -> Revision:
    return revision(Position(**position), now=NOW)


def test_the_first_connect_asks_for_all_there_is() -> None:
    assert asked() == Revision(0, 0, LIMIT, Gap.FIRST)


@pytest.mark.parametrize(
    ("what", "greatest", "expected"),
    [
        ("a minute before the last settlement", NOW - 500, NOW - 560),
        ("its fraction is cut off", NOW - 500.25, NOW - 561),
        ("never later than a minute ago", NOW + 50, NOW - 60),
    ],
)
def test_a_reconnect_goes_back_a_minute(what: str, greatest: float, expected: int) -> None:
    found = asked(
        greatest_ticks=ticks(greatest), smallest_ticks=ticks(NOW - 900), opened_with=5, **QUIET
    )

    assert found == Revision(expected, expected, expected)


def test_while_a_recovery_runs_the_revision_stays_where_it_was() -> None:
    found = asked(
        greatest_ticks=ticks(NOW - 5),
        smallest_ticks=ticks(NOW - 900),
        opened_with=NOW - 2 * DAY,
        **BUSY,
    )

    assert found == Revision(NOW - 2 * DAY, NOW - 2 * DAY, NOW - 2 * DAY)


def test_a_first_recovery_that_was_interrupted_goes_on_before_its_oldest_message() -> None:
    found = asked(
        greatest_ticks=ticks(NOW - 5), smallest_ticks=ticks(NOW - 900.5), opened_with=0, **BUSY
    )

    assert found == Revision(NOW - 961, LIMIT, NOW - 961, Gap.INTERRUPTED)


def test_a_first_recovery_that_is_over_is_no_gap() -> None:
    found = asked(
        greatest_ticks=ticks(NOW - 100), smallest_ticks=ticks(NOW - 900), opened_with=0, **QUIET
    )

    assert found == Revision(NOW - 160, NOW - 160, NOW - 160)


def test_nothing_stored_yet_asks_again_as_the_last_time() -> None:
    assert asked(opened_with=0, **QUIET).asked == 0
    assert asked(opened_with=NOW - 500, **QUIET).asked == NOW - 500


def test_a_gap_of_more_than_three_days_connects_at_the_limit() -> None:
    found = asked(
        greatest_ticks=ticks(NOW - 5 * DAY), smallest_ticks=ticks(NOW - 6 * DAY), opened_with=7
    )

    assert found == Revision(LIMIT, 7, LIMIT, Gap.TOO_LONG)


def test_a_feed_that_was_heard_and_had_no_news_has_no_gap() -> None:
    found = asked(
        greatest_ticks=ticks(NOW - 9 * DAY),
        smallest_ticks=ticks(NOW - 9 * DAY),
        opened_with=NOW - 8 * DAY,
        opened_at=NOW - 5 * DAY,
        recovered=True,
        heard_at=NOW - 30,
    )

    assert found == Revision(LIMIT, NOW - 90, LIMIT)


def test_a_gap_that_was_covered_is_not_told_again_at_the_next_drop() -> None:
    opened = NOW - 50

    found = asked(
        greatest_ticks=ticks(NOW - 3 * DAY + 500),
        smallest_ticks=ticks(NOW - 3 * DAY),
        opened_with=opened - 3 * DAY + 30,
        opened_at=opened,
        heard_at=NOW - 10,
    )

    assert (found.asked, found.gap) == (LIMIT, None)


@pytest.mark.parametrize("recovered", [True, False])
def test_who_stayed_away_after_a_covered_gap_has_another(recovered: bool) -> None:
    opened = NOW - 5 * DAY

    found = asked(
        greatest_ticks=ticks(opened - DAY),
        smallest_ticks=ticks(opened - 3 * DAY),
        opened_with=opened - 3 * DAY + 30,
        opened_at=opened,
        recovered=recovered,
        heard_at=opened + 100,
    )

    assert (found.asked, found.gap) == (LIMIT, Gap.TOO_LONG)


def test_our_own_clock_going_back_never_asks_for_the_future() -> None:
    found = revision(
        Position(greatest_ticks=ticks(NOW), smallest_ticks=ticks(NOW), opened_with=NOW + 900),
        now=NOW - 7200,
    )

    assert found.asked == NOW - 7260


@pytest.mark.parametrize(
    ("seconds", "old", "counted"), [(-121, True, True), (-119, False, True), (61, False, False)]
)
def test_what_is_old_and_what_lies_ahead(seconds: int, old: bool, counted: bool) -> None:
    assert is_old(ticks(NOW + seconds), NOW) is old
    assert moves(ticks(NOW + seconds), NOW) is counted


def test_a_late_message_after_days_of_listening_is_no_gap() -> None:
    found = asked(
        greatest_ticks=ticks(NOW - 500),
        smallest_ticks=ticks(NOW - 9 * DAY),
        opened_with=NOW - 8 * DAY,
        opened_at=NOW - 8 * DAY,
        recovered=True,
        heard_at=NOW,
    )

    assert found == Revision(NOW - 560, NOW - 560, NOW - 560)
