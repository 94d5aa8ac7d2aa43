"""What is told of something that a provider shall tell again."""

from dataclasses import dataclass
from datetime import datetime

from feeds.models import RecoveryKind, RecoveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something that is to be told again, and how far that is.

    Without `event` it is all since `from_at`, or all there is. Sportradar is asked producer by
    producer, in the order of `rank`: the least first. LSports is asked for a snapshot of a package:
    `method` says which, `fixtures` and `messages` what it brought.
    """

    id: int
    feed: str
    producer: int | None
    kind: RecoveryKind
    event: str
    from_at: datetime | None
    state: RecoveryState
    why: str
    actor: str
    rank: int
    tries: int
    wanted_at: datetime
    asked_at: datetime | None
    progress_at: datetime | None
    told_at: datetime | None
    done_at: datetime | None
    http_status: int | None
    sentence: str
    method: str = ""
    fixtures: int | None = None
    messages: int | None = None
