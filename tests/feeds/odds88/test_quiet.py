from feeds.odds88.quiet import Quiet


def told(*steps: tuple[float, float, str]) -> bool:
    """Return whether it is over after steps: when it was asked, when it came, and what."""
    quiet = Quiet(60, 0)
    for asked, came, what in steps:
        quiet.asked(asked)
        quiet.came(came, anything=what != "nothing", behind=what == "old")
    return quiet.is_over


def every_second(*words: str) -> list[tuple[float, float, str]]:
    """Return steps of a second each."""
    return [(float(place), place + 1.0, word) for place, word in enumerate(words)]


def test_a_minute_of_pings_ends_a_recovery() -> None:
    assert told(*every_second(*["ping"] * 60))
    assert not told(*every_second(*["ping"] * 59))


def test_something_old_begins_the_minute_anew() -> None:
    assert not told(*every_second(*["ping"] * 30, "old", *["ping"] * 59))
    assert told(*every_second(*["ping"] * 30, "old", *["ping"] * 60))


def test_silence_proves_nothing() -> None:
    assert not told(*every_second(*["nothing"] * 100))


def test_time_in_which_nobody_listened_does_not_count() -> None:
    before, after = every_second(*["ping"] * 30), [(130.0, 130.0, "ping"), (131.0, 131.0, "ping")]

    assert not told(*before, *after)


def test_after_a_day_what_is_old_came_late() -> None:
    day = [(float(hour * 3600), float(hour * 3600), "old") for hour in range(25)]

    assert not told(*day[:24])
    assert told(*day)
