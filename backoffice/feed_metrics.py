"""Numbers about the feeds for Prometheus, read from the database when somebody asks."""

from collections.abc import Iterable

import structlog
from prometheus_client.core import GaugeMetricFamily

from feeds import standing
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
    "feed_sweep_left": "Open tickets that are still to be looked up",
}
CONNECTS = "Connects that the provider still takes"


class FeedsCollector:
    """How the feeds are doing. When the database is away there is no answer, and no fault."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        gauges = {
            name: GaugeMetricFamily(name, told, labels=["feed"]) for name, told in GAUGES.items()
        }
        connects = GaugeMetricFamily("feed_connects_left", CONNECTS, labels=["feed", "kind"])
        for one in found():
            for name, value in numbers(one).items():
                if value is not None:
                    gauges[name].add_metric([one.feed], value)
            for left in one.connects_left:
                connects.add_metric([one.feed, left.kind.lower()], left.left)
        return [*gauges.values(), connects]

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
        "feed_sweep_left": one.sweep.left if one.sweep else 0,
    }
