"""The limits of recoveries by themselves, with the ages passed in."""

import pytest

from feeds.sportradar.buckets import Bucket, Spent, bucket_of, longest, spent

MINUTE = 60


@pytest.mark.parametrize(
    ("minutes", "bucket"),
    [
        (0, Bucket.MINUTES),
        (29.99, Bucket.MINUTES),
        (30, Bucket.HOURS),
        (1439.99, Bucket.HOURS),
        (1440, Bucket.DAYS),
        (None, Bucket.DAYS),
    ],
)
def test_the_age_of_what_is_asked_for_says_which_bucket(
    minutes: float | None, bucket: Bucket
) -> None:
    assert bucket_of(None if minutes is None else minutes * MINUTE) is bucket


@pytest.mark.parametrize(
    ("case", "bucket", "ages", "left", "wait"),
    [
        ("nothing was asked", Bucket.MINUTES, [], 20, 0),
        ("one of twenty is left", Bucket.MINUTES, [10] * 19, 1, 0),
        ("twenty in ten minutes are all", Bucket.MINUTES, [10, *[100] * 18, 590], 0, 10),
        ("the oldest is ten minutes old", Bucket.MINUTES, [*[100] * 19, 600], 1, 0),
        ("sixty in an hour are all", Bucket.MINUTES, [*range(601, 660), 3599], 0, 1),
        ("four in ten minutes", Bucket.HOURS, [1, 2, 3, 4], 0, 596),
        ("ten in an hour", Bucket.HOURS, [*range(1000, 1009), 3000], 0, 600),
        ("two in half an hour", Bucket.DAYS, [5, 1700], 0, 100),
        ("four in two hours", Bucket.DAYS, [1800, 2000, 3000, 7000], 0, 200),
        ("both limits are spent: the longer wait", Bucket.DAYS, [0, 1, 5000, 7190], 0, 1799),
        ("a hundred events in ten minutes", Bucket.EVENT, [60] * 100, 0, 540),
        ("three hundred events in an hour", Bucket.EVENT, [1200] * 300, 0, 2400),
    ],
)
def test_what_is_left_follows_from_the_ages_of_earlier_requests(
    case: str, bucket: Bucket, ages: list[float], left: int, wait: float
) -> None:
    assert spent(bucket, ages) == Spent(left, wait), case


def test_more_than_the_limit_waits_until_few_enough_are_left() -> None:
    assert (
        spent(Bucket.DAYS, [1000, 1100, 1200]).wait == 700
    )  # When that of 1100 s is half an hour.


def test_a_shorter_minute_makes_all_of_it_shorter() -> None:
    assert bucket_of(29, minute=1) is Bucket.MINUTES
    assert spent(Bucket.DAYS, [5, 28], minute=1) == Spent(0, 2)
    assert longest(Bucket.EVENT, minute=1) == 60
