"""The run of Sportradar's feed."""

from collections.abc import Sequence

from django.conf import settings

from backoffice.bench.measuring import Say, Subject
from backoffice.bench.queued import run as queued
from backoffice.bench.queued.children import Receiver, Vendor
from backoffice.bench.queued.seen import Seen
from backoffice.bench.queued.sides import Waiting
from backoffice.bench.queued.staging import Provider, QueuedSize, layout, staged
from backoffice.bench.queued.stock import BACKLOG
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.bench.uof.messages import TELLING
from feeds.models import Producer

FULL = QueuedSize(
    rounds=2, players=2_000, backlog=20_000, rate=500, seconds=60, market=100_000, beside=100,
    story=3000,
)  # fmt: skip
SMOKE = QueuedSize(
    rounds=2, players=100, backlog=200, rate=50, seconds=2, market=1000, beside=20, story=100
)
NOTES = (
    "A rate counts messages of fifty markets with two outcomes each, some 8 kB; each has one open "
    "ticket. The runner has one core for both of its threads; PostgreSQL, RabbitMQ and the sandbox "
    "share all. A message waits from before it is published until it is stored and "
    "committed: its ack follows at once. All bets' ends, all balances and all truths were compared "
    "at the end.",
)
WAITS = Waiting(BACKLOG, TELLING)


def vendor(broker: str) -> Vendor:
    """Start Sportradar's servers, with the times that the runner is told."""
    options = ["active=[1]", "kept=1000"]
    return Vendor("sportradar", broker, options, divide=settings.UOF_DIVIDE_TIMES_BY)


def receiver(vendor: Vendor, database_url: str) -> Receiver:
    """Start `manage.py run_feed sportradar`."""
    return Receiver(
        "sportradar",
        database_url,
        UOF_AMQP_URL=vendor.where["amqp_url"],
        UOF_API_URL=vendor.where["api_url"],
        UOF_TOKEN=vendor.where["token"],
    )


def is_up() -> bool:
    """Whether the producer is up, and has said so since."""
    return Producer.objects.filter(state="UP", checkpoint_ms__isnull=False).exists()


PROVIDER = Provider(
    "Messages a second from RabbitMQ to the balances.", TELLING, vendor, receiver, is_up
)


def goals(size: QueuedSize) -> list[Goal]:
    """Return what is asked of a run."""
    return queued.goals(WAITS)


def run(*, size: QueuedSize, goals: Sequence[Goal], say: Say) -> Report:
    """Fill a database, start the processes, and measure."""
    with staged(PROVIDER, layout(size), size.players, say) as stage:
        seen = Seen(stage, size, say)
        seen.all()
        return queued.report(
            stage,
            waiting=[WAITS],
            seen=seen,
            goals=goals,
            more={},
            notes=NOTES,
            size=size,
            say=say,
        )


SUBJECT = Subject(FULL, SMOKE, goals=goals, run=run)
