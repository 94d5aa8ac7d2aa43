"""The limits by themselves, with the time passed in."""

import threading

import pytest

from feeds.odds88.sandbox.limits import ConnectBudget, Kind, Tokens, Window, kind_of
from feeds.odds88.windows import Windows

NOW = 1_800_000_000.0
DAY = 86_400


@pytest.mark.parametrize(
    ("revision", "kind"),
    [
        (0, Kind.WITHOUT),
        (-1, Kind.TOO_SMALL),
        (NOW - 3 * DAY - 1, Kind.TOO_SMALL),
        (NOW - 3 * DAY, Kind.PROPER),
        (NOW, Kind.PROPER),
    ],
)
def test_a_revision_says_which_limit_it_falls_under(revision: float, kind: Kind) -> None:
    assert kind_of(int(revision), NOW, 3 * DAY) is kind


def test_five_attempts_are_allowed_and_the_sixth_waits() -> None:
    window = Window(5, 300)

    assert [window.attempt(at) for at in (0, 10, 20, 30, 40)] == [0, 0, 0, 0, 0]
    assert window.attempt(100) == 210  # When the second is 300 seconds old.


def test_a_refused_attempt_makes_the_wait_longer() -> None:
    window = Window(5, 300)
    for _ in range(5):
        window.attempt(0)

    assert window.attempt(299) == 1
    assert window.attempt(300) == 0


def test_five_refused_attempts_fill_the_window_again() -> None:
    window = Window(5, 300)
    for at in [0] * 5 + [250] * 5:
        window.attempt(at)

    assert window.attempt(301) == 249


def test_without_and_too_small_share_a_budget_and_proper_has_its_own() -> None:
    budget = ConnectBudget(Windows())
    for kind in (Kind.WITHOUT, Kind.TOO_SMALL, Kind.WITHOUT, Kind.TOO_SMALL, Kind.WITHOUT):
        assert budget.attempt(kind, 0) == 0

    assert budget.attempt(Kind.TOO_SMALL, 60) == 1740
    assert budget.attempt(Kind.PROPER, 60) == 0


def test_a_window_that_many_threads_try_lets_five_through() -> None:
    window = Window(5, 300)
    waits: list[int] = []
    start = threading.Barrier(20)

    def attempt() -> None:
        start.wait()
        waits.append(window.attempt(0))

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert waits.count(0) == 5


def test_a_token_lives_for_its_lifetime() -> None:
    tokens = Tokens(100)
    bearer = f"Bearer {tokens.give(0)}"

    assert tokens.accept(bearer, 99.9)
    assert not tokens.accept(bearer, 100)


def test_a_new_token_leaves_the_older_ones_good() -> None:
    tokens = Tokens(100)
    first, second = tokens.give(0), tokens.give(1)

    assert first != second
    assert tokens.accept(f"bearer {first}", 2)
    assert tokens.accept(f"Bearer {second}", 2)
