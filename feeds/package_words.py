"""What a package of LSports' is doing, as people read it. Nothing here asks anybody."""

from dataclasses import dataclass
from datetime import UTC, datetime

from feeds.models import Package, PackageState, Snapshot, SnapshotState, StaleReason
from feeds.sentences import moment, spell


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a package beside its row. Spans are in seconds.

    `silent_for` is how old the last heartbeat is; `last` is the last snapshot of all.
    """

    at: datetime
    is_received: bool
    may_be_asked: bool
    silence: float
    silent_for: float | None
    waiting: int = 0
    more_waiting: bool = False
    last: Snapshot | None = None

    @property
    def is_silent(self) -> bool:
        """Whether a heartbeat is missing."""
        return self.silent_for is None or self.silent_for > self.silence


def sentence_of(row: Package, seen: Seen) -> str:
    """Return what a package is doing, in a sentence or two."""
    if not seen.is_received:
        return of_one_that_nobody_hears(row, seen)
    match PackageState(row.state):
        case PackageState.HEALTHY:
            return of_a_healthy(row, seen)
        case PackageState.RECOVERING:
            return of_a_recovering(row, seen)
    return f"{why_stale(row, seen)} {what_next(row, seen)}"


def of_one_that_nobody_hears(row: Package, seen: Seen) -> str:
    """Say what is known while nobody receives the package."""
    if row.heard_at is None:
        return "Nobody receives the package, and it was never heard."
    heard = moment(row.heard_at, seen.at)
    return (
        f"Nobody receives the package; its last heartbeat came at {heard}. What it tells meanwhile "
        "waits in its queue at LSports."
    )


def of_a_healthy(row: Package, seen: Seen) -> str:
    """Say until when all is stored."""
    waits = waiting(seen)
    if seen.is_silent:
        silent = spell(seen.silent_for or 0)
        return f"Healthy when last heard, but no heartbeat came for {silent}.{waits}"
    if row.healthy_ms is None:
        return f"Healthy: all that it told is stored.{waits}"
    until = moment(from_ms(row.healthy_ms), seen.at)
    return f"Healthy: all that it told until {until} is stored.{waits}"


def waiting(seen: Seen) -> str:
    """Say how many messages wait to be processed."""
    if not seen.waiting:
        return ""
    more = " or more" if seen.more_waiting else ""
    one = seen.waiting == 1
    return f" {seen.waiting:,}{more} message{'s'[: not one]} wait{'s'[:one]} to be processed."


def of_a_recovering(row: Package, seen: Seen) -> str:
    """Say from when on a package is being asked what it told."""
    last = seen.last
    if last is None or last.since_ms is None or last.asked_at is None or last.asked_at < row.since:
        return "What we may have missed is being asked for."
    told = f"What it told since {moment(from_ms(last.since_ms), seen.at)} is being asked for"
    if last.state == SnapshotState.DONE:
        return f"{told}; a part of it is here."
    asked = spell((seen.at - last.asked_at).total_seconds())
    if last.answered_at is None:
        return f"{told}, since {asked}; the answer has not come yet."
    return f"{told}; the answer has come and is being applied."


def why_stale(row: Package, seen: Seen) -> str:
    """Say why we may have missed something."""
    reason = StaleReason(row.reason)
    if reason is StaleReason.DISTRIBUTION:
        return of_no_distribution(row, seen)
    if seen.is_silent and row.heard_at is not None and reason is not StaleReason.INTERRUPTED:
        silent = spell(seen.silent_for or 0)
        return f"Silent since {moment(row.heard_at, seen.at)}: no heartbeat for {silent}."
    return WHY_STALE[reason]


def of_no_distribution(row: Package, seen: Seen) -> str:
    """Say that LSports did not send the package, and when it was asked to."""
    if row.started_at is None:
        return "LSports did not send the package."
    return (
        f"LSports did not send the package; it was asked to at {moment(row.started_at, seen.at)}."
    )


def what_next(row: Package, seen: Seen) -> str:
    """Say when a package is asked what it told meanwhile."""
    if not seen.may_be_asked:
        return "No address for its snapshots is given: what was missed is not asked for."
    if row.reason == StaleReason.INTERRUPTED:
        return "What it did not send is asked for when it says so no more."
    if row.sentence and row.not_before and row.not_before > seen.at:
        left = spell((row.not_before - seen.at).total_seconds() + 1)
        return f"The last snapshot failed: {row.sentence} It is asked for again in {left}."
    failed = f"The last snapshot failed: {row.sentence} " if row.sentence else ""
    if seen.is_silent:
        return f"{failed}What was missed is asked for as soon as a heartbeat comes."
    return f"{failed}What was missed is asked for now."


def from_ms(milliseconds: int) -> datetime:
    """Return LSports' time as a point in time."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


WHY_STALE = {
    StaleReason.NEVER: "It was never heard before.",
    StaleReason.CONNECTION: "The connection is new: what it told before may be missing.",
    StaleReason.SILENT: "It was silent for too long, and lives again.",
    StaleReason.GAP: "Heartbeats are missing: what it told between them may be missing too.",
    StaleReason.INTERRUPTED: "LSports says that its feed is interrupted.",
    StaleReason.DISTRIBUTION: "LSports did not send the package.",
    StaleReason.ASKED: "Somebody wants all of it told again.",
}
