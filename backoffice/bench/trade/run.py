"""The run of one of LSports' packages: small messages and big ones, alone and among odds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from backoffice.bench.feed.sides import wait
from backoffice.bench.measuring import Say, Subject, WrongBooks
from backoffice.bench.queued import run as queued
from backoffice.bench.queued.live import Queue, stored
from backoffice.bench.queued.run import BARE, FEED
from backoffice.bench.queued.seen import Seen, percentiles
from backoffice.bench.queued.sides import Waiting
from backoffice.bench.queued.staging import Provider, QueuedSize, Stage, layout, rounds_of, staged
from backoffice.bench.queued.stock import BACKLOG
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.bench.trade import children
from backoffice.bench.trade.messages import BIG, TELLING
from feeds.models import FeedLease, Package

BIG_ONES, AMONG_ODDS = "a backlog of big messages", "among odds"
ODDS_WAITING, MOST_ODDS_WAITING = "messages that waited at most among odds", 1000.0
EVERY = 20  # One of so many messages settles something, the others are odds.


@dataclass(frozen=True, slots=True)
class TradeSize(QueuedSize):
    """How much a run does: how many big messages, and how many in all a second among odds."""

    big: int
    odds_rate: int


FULL = TradeSize(
    rounds=2, players=2_000, backlog=20_000, rate=500, seconds=60, market=100_000, beside=100,
    story=3000, big=2_000, odds_rate=2000,
)  # fmt: skip
SMOKE = TradeSize(
    rounds=2, players=100, backlog=200, rate=50, seconds=2, market=1000, beside=20, story=100,
    big=40, odds_rate=2000,
)  # fmt: skip
NOTES = (
    "A rate counts messages of ten markets with three bets each, 8 kB, or of a hundred, 94 kB; "
    "each has one open ticket. The runner has one core for its threads; PostgreSQL, RabbitMQ and "
    "the sandbox share all. A message waits from before it is published until it is stored and "
    "committed: its ack follows at once. Among odds, which are not stored, one message in twenty "
    "settles something: those before it were taken. What waits was asked of RabbitMQ, too. All "
    "bets' ends, all balances and all truths were compared at the end.",
)
WAITS, BIG_WAITS = Waiting(BACKLOG, TELLING), Waiting(BIG_ONES, BIG, "94 kB")


def is_up() -> bool:
    """Whether nothing lacks of the package."""
    return Package.objects.filter(state="HEALTHY").exists()


PROVIDER = Provider(
    "Messages a second from RabbitMQ to the balances.",
    TELLING,
    children.vendor,
    children.receiver,
    is_up,
)


def goals(size: TradeSize) -> list[Goal]:
    """Return what is asked of a run."""
    return [
        *queued.goals(WAITS),
        Goal(BIG_WAITS.stored, BIG_WAITS.named(BARE)),
        Goal(BIG_WAITS.named(FEED), BIG_WAITS.named(BARE)),
        Goal("1,000 messages", ODDS_WAITING, floor=1),
    ]


def run(*, size: TradeSize, goals: Sequence[Goal], say: Say) -> Report:
    """Fill a database, start the processes, and measure."""
    more = {
        BIG_ONES: rounds_of(size.big, size.rounds),
        AMONG_ODDS: [size.odds_rate * size.seconds // EVERY],
    }
    with staged(PROVIDER, layout(size, more), size.players, say) as stage:
        package = stage.vendor.where[children.PACKAGE]
        with Queue(stage.broker, package["queue"]) as queue:
            seen = Watched(stage, size, say, queue)
            seen.all()
        return queued.report(
            stage,
            waiting=[WAITS, BIG_WAITS],
            seen=seen,
            goals=goals,
            more={
                "1,000 messages": [MOST_ODDS_WAITING],
                ODDS_WAITING: [float(max(seen.watched.deepest, 1))],
            },
            notes=NOTES,
            size=size,
            say=say,
        )


class Watched(Seen):
    """What is seen of a package."""

    def __init__(self, stage: Stage, size: TradeSize, say: Say, queue: Queue) -> None:
        super().__init__(stage, size, say, queue.depth)
        self.odds_rate = size.odds_rate
        self.odds = partial(children.say_odds, stage.vendor)

    def all(self) -> None:
        """See it all, one thing after the other."""
        self.say(f"{self.odds_rate:,} messages a second, mostly odds")
        self.among_odds()
        super().all()

    def among_odds(self) -> None:
        """Let odds go on with settlements among them; see how many wait, and what is stored."""
        rows, passed = stored(), passed_by()
        self.watched, self.odds_taken = self.going_on(
            AMONG_ODDS, self.odds_rate / EVERY, beside=EVERY - 1, others=self.odds
        )
        told = len(self.watched.pushing.pushed)
        wait(lambda: passed_by() - passed >= told * (EVERY - 1), self.receiver)
        self.kept = stored() - rows
        if (self.kept, passed_by() - passed) != (told, told * (EVERY - 1)):
            raise WrongBooks(
                f"Of {told:,} settlements among {told * (EVERY - 1):,} odds {self.kept:,} messages "
                f"were stored, and {passed_by() - passed:,} passed by."
            )

    def lines(self) -> list[str]:
        """Tell what was seen."""
        rate = len(self.watched.pushing.pushed) * EVERY / self.watched.pushing.took
        return [
            f"{rate:,.0f} messages a second for {self.size.seconds} s, nineteen of twenty odds: "
            f"{self.watched.deepest:,} waited at most; {self.kept:,} were stored, just those that "
            f"settle something; from published to settled {percentiles(self.odds_taken)}.",
            *super().lines(),
        ]


def passed_by() -> int:
    """Return how many messages were taken and not stored."""
    return FeedLease.objects.get(feed=children.FEED).passed_by


SUBJECT = Subject(FULL, SMOKE, goals=goals, run=run)
