"""Numbers about the feeds for Prometheus, read from the database when somebody asks."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from prometheus_client.core import GaugeMetricFamily

from feeds import standing
from feeds.models import PackageState, ProducerState
from feeds.producer_shapes import ProducerStanding
from feeds.sentences import FeedState
from feeds.standing import Standing

log = structlog.get_logger(__name__)

GAUGES = {
    "feed_up": "1 while a feed is received",
    "feed_halted": "1 while a feed's messages are stored and not processed",
    "feed_heard_timestamp_seconds": "When a feed last gave a sign of life",
    "feed_last_message_timestamp_seconds": "When the newest message came",
    "feed_lag_seconds": "How long after what it tells the newest message came",
    "feed_unprocessed": "Messages that nobody processed yet, up to 10000",
    "feed_parked": "Messages whose ticket is not here, up to 10000",
    "feed_quarantined": "Messages that can't be read, up to 10000",
    "feed_depth": "Messages that wait for us at the provider",
    "feed_sweep_left": "Open tickets that are still to be looked up",
}
PRODUCERS = {
    "producer_up": "1 while a producer is up",
    "producer_synchronised": "1 while all that a producer told is here and processed",
    "producer_heard_timestamp_seconds": "When a producer last gave a sign of life",
    "producer_checkpoint_timestamp_seconds": "Until when all is stored that a producer said",
    "producer_lag_seconds": "How long after it was made a producer's last sign of life came",
    "producer_events_wanted": "Events that a producer is still to be asked about",
    "producer_events_asked": "Events that a producer is telling again",
    "producer_events_failed": "Events that a producer did not tell again in the last day",
    "producer_recovering": "1 while a producer tells again what we missed",
}
PACKAGES = {
    "package_healthy": "1 while nothing is missing of what a package told",
    "package_recovering": "1 while a package is asked what it told while we missed it",
    "package_heard_timestamp_seconds": "When a package's last heartbeat came",
    "package_healthy_timestamp_seconds": "Until when all is stored that a package told",
    "package_tells_all_until_timestamp_seconds": "When results that we may lack are gone",
    "package_distributing": "1 while LSports sends the package",
    "package_consumers": "How many read the package's queue",
    "package_passed_by": "Messages that settle nothing, counted and not stored",
    "package_fixtures_followed": "Fixtures that a package follows",
    "package_fixtures_over": "Fixtures that are over and have bets without a result",
    "package_fixtures_without_results": "Those of them that people were asked about",
    "package_fixtures_wanted": "Fixtures that a package is still to be asked about",
}
CONNECTS = "Connects that the provider still takes"
REQUESTS = "Requests to be told something again that the provider still takes"


class FeedsCollector:
    """How the feeds are doing. When the database is away there is no answer, and no fault."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        gauges = {
            name: GaugeMetricFamily(name, told, labels=["feed"]) for name, told in GAUGES.items()
        }
        connects = GaugeMetricFamily("feed_connects_left", CONNECTS, labels=["feed", "kind"])
        told = {
            name: GaugeMetricFamily(name, words, labels=["feed", "producer", "code"])
            for name, words in PRODUCERS.items()
        }
        of_packages = {
            name: GaugeMetricFamily(name, words, labels=["feed"])
            for name, words in PACKAGES.items()
        }
        requests = GaugeMetricFamily("feed_requests_left", REQUESTS, labels=["feed", "bucket"])
        for one in found():
            for name, value in numbers(one).items():
                if value is not None:
                    gauges[name].add_metric([one.feed], value)
            for left in one.connects_left:
                connects.add_metric([one.feed, left.kind.lower()], left.left)
            theirs = one.sportradar
            for bucket in theirs.left if theirs else []:
                requests.add_metric([one.feed, bucket.bucket.lower()], bucket.left)
            for producer in theirs.producers if theirs else []:
                add_producer(told, one, producer)
            for name, value in package_numbers(one).items():
                if value is not None:
                    of_packages[name].add_metric([one.feed], value)
        return [*gauges.values(), connects, *told.values(), *of_packages.values(), requests]

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Naming nothing keeps the registry from calling `collect` when we register."""
        return []


def found() -> list[Standing]:
    """Return where the feeds stand; nothing when nobody can tell."""
    try:
        return standing.standings()
    except Exception as error:
        log.warning("feeds_not_measured", error=str(error))
        return []


def numbers(one: Standing) -> dict[str, float | None]:
    """Return a feed's numbers; what is not known has none."""
    last = one.last_message
    return {
        "feed_up": float(one.state == FeedState.RECEIVING),
        "feed_halted": float(one.halted is not None),
        "feed_heard_timestamp_seconds": one.heard_at.timestamp() if one.heard_at else None,
        "feed_last_message_timestamp_seconds": last.received_at.timestamp() if last else None,
        "feed_lag_seconds": last.lag_seconds if last else None,
        "feed_unprocessed": one.unfinished.stored,
        "feed_parked": one.unfinished.parked,
        "feed_quarantined": one.unfinished.quarantined,
        "feed_depth": depth_of(one),
        "feed_sweep_left": one.sweep.left if one.sweep else 0,
    }


def depth_of(one: Standing) -> float | None:
    """Return how many messages wait for us at a provider, where he tells."""
    theirs = one.sportradar or one.lsports
    return theirs.depth if theirs else None


def package_numbers(feed: Standing) -> dict[str, float | None]:
    """Return a package's numbers: while nobody receives it, it is not healthy."""
    one = feed.lsports
    if one is None:
        return {}
    healthy = feed.is_running and one.state == PackageState.HEALTHY and not one.is_silent
    return {
        "package_healthy": float(healthy),
        "package_recovering": float(one.state == PackageState.RECOVERING),
        "package_heard_timestamp_seconds": seconds(one.heard_at),
        "package_healthy_timestamp_seconds": seconds(one.healthy_at),
        "package_tells_all_until_timestamp_seconds": seconds(one.tells_all_until),
        "package_distributing": None if one.is_distributing is None else float(one.is_distributing),
        "package_consumers": one.consumers,
        "package_passed_by": one.passed_by,
        "package_fixtures_followed": one.fixtures.followed,
        "package_fixtures_over": one.fixtures.over,
        "package_fixtures_without_results": one.fixtures.people_asked,
        "package_fixtures_wanted": one.wanted,
    }


def seconds(when: datetime | None) -> float | None:
    """Return a point in time as Prometheus counts it."""
    return when.timestamp() if when else None


def add_producer(
    gauges: dict[str, GaugeMetricFamily], feed: Standing, one: ProducerStanding
) -> None:
    """Add a producer's numbers, when our account has it; what is not known has none."""
    if not one.is_active:
        return
    for name, value in producer_numbers(feed, one).items():
        if value is not None:
            gauges[name].add_metric([feed.feed, str(one.number), one.code], value)


def producer_numbers(feed: Standing, one: ProducerStanding) -> dict[str, float | None]:
    """Return a producer's numbers: while nobody receives the feed, none is up."""
    up = feed.is_running and one.state == ProducerState.UP and not one.is_silent
    return {
        "producer_up": float(up),
        "producer_synchronised": float(one.is_synchronised),
        "producer_heard_timestamp_seconds": one.heard_at.timestamp() if one.heard_at else None,
        "producer_checkpoint_timestamp_seconds": one.checkpoint_at.timestamp()
        if one.checkpoint_at
        else None,
        "producer_lag_seconds": one.lag_seconds,
        "producer_events_wanted": one.events_wanted,
        "producer_events_asked": one.events_asked,
        "producer_events_failed": one.events_failed,
        "producer_recovering": float(one.state == ProducerState.RECOVERING),
    }
