import pytest

from feeds.budget import Budget, Spent, spent
from feeds.models import RevisionKind

PROPER, WITHOUT = RevisionKind.PROPER, RevisionKind.WITHOUT
BUDGET = Budget(proper=300, without=1800)


@pytest.mark.parametrize(
    ("what", "kind", "ages", "expected"),
    [
        ("nothing was tried", PROPER, [], Spent(5, 0)),
        ("four are not five", PROPER, [(PROPER, 1)] * 4, Spent(1, 0)),
        ("five in five minutes", PROPER, [(PROPER, n * 60) for n in range(5)], Spent(0, 60)),
        ("the oldest is over", PROPER, [(PROPER, n * 60) for n in range(6)], Spent(0, 60)),
        ("a burst waits for its first", PROPER, [(PROPER, 10)] * 5, Spent(0, 290)),
        ("those without count too", PROPER, [(WITHOUT, 10)] * 5, Spent(0, 290)),
        ("half an hour without", WITHOUT, [(WITHOUT, n * 300) for n in range(5)], Spent(0, 600)),
        ("proper ones don't count there", WITHOUT, [(PROPER, 1)] * 5, Spent(5, 0)),
        ("half an hour is over", WITHOUT, [(WITHOUT, 1800)] * 5, Spent(5, 0)),
        ("just before it is over", WITHOUT, [(WITHOUT, 1799)] * 5, Spent(0, 1)),
    ],
)
def test_the_next_connect_waits_until_the_fifth_is_over(
    what: str, kind: RevisionKind, ages: list[tuple[RevisionKind, float]], expected: Spent
) -> None:
    assert spent(BUDGET, kind, ages) == expected
