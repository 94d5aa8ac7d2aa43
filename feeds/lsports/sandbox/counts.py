"""What is counted."""

from feeds.sandboxes.counts import Counts

NAMES = (
    "violations", "stops", "second_readers", "cut_offs", "refused_limit", "snapshots_too_close",
    "requests_too_close", "refused_credentials", "refused_consumers", "timestamps_in_seconds",
    "starts", "starts_in_vain", "messages_told", "messages_published", "messages_lost",
    "messages_unroutable", "messages_redelivered", "messages_late", "heartbeats", "keep_alives",
    "snapshots", "snapshots_of_everything", "broker_connects", "broker_repeats",
)  # fmt: skip
NAMED = ("requests", "told", "faults")


def counts() -> Counts:
    """Return counters that begin at nothing."""
    return Counts(NAMES, NAMED)
