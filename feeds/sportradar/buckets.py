"""How often recoveries may be asked for: the documented limits, and what is left of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

HALF_AN_HOUR, A_DAY = 30, 24 * 60


class Bucket(StrEnum):
    """What is counted together."""

    MINUTES = "MINUTES"  # Recoveries of less than half an hour.
    HOURS = "HOURS"  # From half an hour to less than a day.
    DAYS = "DAYS"  # A day and more, or everything.
    EVENT = "EVENT"  # The stateful messages of one event.


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many requests in so many minutes."""

    most: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a bucket, and the seconds until the next request is allowed."""

    left: int
    wait: float


LIMITS = {
    Bucket.MINUTES: (Limit(20, 10), Limit(60, 60)),
    Bucket.HOURS: (Limit(4, 10), Limit(10, 60)),
    Bucket.DAYS: (Limit(2, 30), Limit(4, 120)),
    Bucket.EVENT: (Limit(100, 10), Limit(300, 60)),
}


def bucket_of(age: float | None, *, minute: float = 60) -> Bucket:
    """Return the bucket of a recovery whose `after` is so many seconds old.

    Without `after` everything is asked for, and nobody tells how that counts: as the greatest.
    """
    if age is None or age >= A_DAY * minute:
        return Bucket.DAYS
    return Bucket.HOURS if age >= HALF_AN_HOUR * minute else Bucket.MINUTES


def spent(bucket: Bucket, ages: Sequence[float], *, minute: float = 60) -> Spent:
    """Return what is left of a bucket whose counted requests are so many seconds old.

    A request that was refused for the limit is not counted by the provider.
    """
    each = [left_of(limit, ages, minute) for limit in LIMITS[bucket]]
    return Spent(min(one.left for one in each), max(one.wait for one in each))


def longest(bucket: Bucket, *, minute: float = 60) -> float:
    """Return after how many seconds a request counts in none of a bucket's limits any more."""
    return max(limit.minutes for limit in LIMITS[bucket]) * minute


def left_of(limit: Limit, ages: Sequence[float], minute: float) -> Spent:
    """Return what is left of one limit."""
    window = limit.minutes * minute
    counted = sorted(age for age in ages if age < window)
    wait = window - counted[limit.most - 1] if len(counted) >= limit.most else 0.0
    return Spent(max(0, limit.most - len(counted)), wait)
