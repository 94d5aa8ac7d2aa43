"""How often a feed may connect: counted over restarts and machines, before the socket opens.

The provider counts a connect when it reaches him, which is some time between our asking and his
answer: we count it from the answer on, so that we never forget one before he does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.connections import Lease
from feeds.models import Connected, RevisionKind
from settlement import arrays

MOST = 5


@dataclass(frozen=True, slots=True)
class Budget:
    """In how many seconds the provider takes five connects of a kind."""

    proper: float
    without: float

    @property
    def grace(self) -> float:
        """How many seconds after our asking a provider may count a connect at the latest."""
        return self.proper / 30

    def window(self, kind: RevisionKind) -> float:
        """Return the seconds that a kind of connect is counted over."""
        return self.without if kind is RevisionKind.WITHOUT else self.proper


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a budget."""

    left: int
    wait: float


def spent(budget: Budget, kind: RevisionKind, ages: Sequence[tuple[RevisionKind, float]]) -> Spent:
    """Return how many connects of a kind are left, and the seconds until the next is allowed.

    `ages` are the kinds of earlier connects, and how many seconds ago each was answered. Those with
    a proper revision never count against those without one; whether it is the same the other way
    round nobody tells, so all count.
    """
    window = budget.window(kind)
    counted = sorted(
        age for one, age in ages if age < window and (kind is RevisionKind.PROPER or one is kind)
    )
    wait = window - counted[MOST - 1] if len(counted) >= MOST else 0
    return Spent(max(0, MOST - len(counted)), wait)


def look(*, feed: str, kind: RevisionKind, budget: Budget) -> Spent:
    """Return what is left of a feed's budget now."""
    rows = arrays.fetch(AGES, [budget.grace, feed, max(budget.proper, budget.without)])
    return spent(budget, kind, [(RevisionKind(one), age) for one, age in rows])


def write(*, lease: Lease, kind: RevisionKind, revision: int) -> int:
    """Write down that we are about to connect."""
    rows = arrays.fetch(ASK, [lease.feed, lease.epoch, str(kind), revision])
    return int(rows[0][0])


def answered(*, attempt: int, outcome: Connected, sentence: str = "") -> None:
    """Write down what came of a connect."""
    arrays.execute(ANSWERED, [str(outcome), sentence[:500], attempt])


# An attempt of which we never heard the end may have been counted a while after it was asked.
AGES = """
WITH counted AS (
    SELECT kind, clock_timestamp() AS now,
           coalesce(answered_at, asked_at + make_interval(secs => %s)) AS at
      FROM feeds_connectattempt
     WHERE feed = %s AND outcome <> 'UNREACHED'
       AND asked_at > clock_timestamp() - make_interval(secs => %s + 60))
SELECT kind, extract(epoch FROM now - least(at, now))::float8 FROM counted
"""

ASK = """
INSERT INTO feeds_connectattempt (feed, epoch, kind, revision, asked_at)
VALUES (%s, %s, %s, %s, clock_timestamp()) RETURNING id
"""

ANSWERED = """
UPDATE feeds_connectattempt SET outcome = %s, sentence = %s, answered_at = clock_timestamp()
 WHERE id = %s
"""
