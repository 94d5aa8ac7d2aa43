"""What a producer of Sportradar's is doing, as people read it. Nothing here asks anybody."""

from dataclasses import dataclass
from datetime import UTC, datetime

from feeds.models import DownReason, Producer, ProducerState, Recovery
from feeds.sentences import moment, spell


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a producer beside its row. Spans are in seconds.

    `silent_for` is how old the last sign of life is, `lag` how long after it was made it came;
    `waiting` messages of the feed are not processed, the oldest for `waiting_for`.
    """

    at: datetime
    is_received: bool
    silence: float
    late: float
    silent_for: float | None
    lag: float | None
    waiting: int = 0
    more_waiting: bool = False
    waiting_for: float = 0
    last: Recovery | None = None
    is_processed: bool = True

    @property
    def is_silent(self) -> bool:
        """Whether a sign of life is missing."""
        return self.silent_for is None or self.silent_for > self.silence

    @property
    def is_late(self) -> bool:
        """Whether what it tells comes late, or is processed late."""
        return (self.lag or 0) >= self.late or self.waiting_for >= self.late


def sentence_of(row: Producer, seen: Seen) -> str:
    """Return what a producer is doing, in a sentence or two."""
    if not row.is_active:
        return "Switched off in our account: it tells us nothing, and is asked nothing."
    if not seen.is_received:
        return of_one_that_nobody_hears(row, seen)
    match ProducerState(row.state):
        case ProducerState.UP:
            return of_an_up(seen)
        case ProducerState.RECOVERING:
            return of_a_recovering(seen)
    return f"{why_down(row, seen)} {what_next(row, seen)}"


def of_one_that_nobody_hears(row: Producer, seen: Seen) -> str:
    """Say what is known while nobody receives the feed."""
    if row.heard_at is None:
        return "Nobody receives the feed, and it was never heard."
    heard = moment(row.heard_at, seen.at)
    return (
        f"Nobody receives the feed; last heard at {heard}. What it says meanwhile it tells later."
    )


def of_an_up(seen: Seen) -> str:
    """Say whether all is processed that a producer told."""
    waits = waiting(seen)
    if seen.is_silent:
        return f"Up when last heard, but no sign of life for {spell(seen.silent_for or 0)}.{waits}"
    if (seen.lag or 0) >= seen.late:
        late = spell(seen.lag or 0)
        return f"Up, but late: its last sign of life came {late} after it was made.{waits}"
    if seen.is_late:
        return f"Up, but late: the oldest message has waited for {spell(seen.waiting_for)}.{waits}"
    if not seen.is_processed:
        return f"Up; what it told again is being processed.{waits}"
    if seen.waiting:
        return f"Up;{waits[0].lower()}{waits[1:]}"
    return "Up, and all that it told is processed."


def waiting(seen: Seen) -> str:
    """Say how many messages wait to be processed."""
    if not seen.waiting:
        return ""
    more = " or more" if seen.more_waiting else ""
    one = seen.waiting == 1
    return f" {seen.waiting:,}{more} message{'s'[: not one]} wait{'s'[:one]} to be processed."


def of_a_recovering(seen: Seen) -> str:
    """Say how far a producer has come with telling again."""
    last = seen.last
    if last is None or last.asked_at is None:
        return "It tells again what we missed."
    told = f"It tells again {since_when(last.after_ms, seen.at)}, asked {ago(last.asked_at, seen)}"
    if last.progress_at is None:
        return f"{told}; nothing of it has come yet."
    return f"{told}; the last of it came {ago(last.progress_at, seen)}."


def since_when(after_ms: int | None, at: datetime) -> str:
    """Say what is told again."""
    if after_ms is None:
        return "all that it keeps"
    return f"what it said since {moment(from_ms(after_ms), at)}"


def why_down(row: Producer, seen: Seen) -> str:
    """Say why we may have missed something."""
    reason = DownReason(row.reason)
    if reason is DownReason.PRODUCT_DOWN:
        return WHY_DOWN[reason]
    if seen.is_silent and row.heard_at is not None:
        silent = spell(seen.silent_for or 0)
        return f"Silent since {moment(row.heard_at, seen.at)}: no sign of life for {silent}."
    if seen.is_silent:
        return f"{WHY_DOWN[reason]} It was not heard yet on this connection."
    return WHY_DOWN[reason]


def what_next(row: Producer, seen: Seen) -> str:
    """Say when a producer is asked to tell again."""
    if row.sentence and row.not_before and row.not_before > seen.at:
        return row.sentence
    if not row.code:
        return "Sportradar's API has not named it yet: it can't be asked."
    if seen.is_silent:
        return "It is asked to tell again as soon as it lives."
    if row.not_before and row.not_before > seen.at:
        left = spell((row.not_before - seen.at).total_seconds())
        return f"It is asked to tell again in {left}."
    return "It is being asked to tell again."


def ago(when: datetime, seen: Seen) -> str:
    """Say how long ago something was."""
    return f"{spell((seen.at - when).total_seconds())} ago"


def from_ms(milliseconds: int) -> datetime:
    """Return a producer's time as a point in time."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


WHY_DOWN = {
    DownReason.NEVER: "It never told all that it had.",
    DownReason.CONNECTION: "The connection is new: what it said before may be missing.",
    DownReason.SILENT: "It was silent for too long, and lives again.",
    DownReason.UNSUBSCRIBED: "It said that we may have missed something.",
    DownReason.PRODUCT_DOWN: "It said that it is down.",
    DownReason.STALLED: "What it told again came to a halt.",
    DownReason.TOO_LONG: "What it told again took too long.",
}
