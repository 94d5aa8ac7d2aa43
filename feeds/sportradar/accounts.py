"""Our account at Sportradar, its producers and void reasons, as its API last told."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.db import transaction

from feeds import leases
from feeds.connections import Lease
from feeds.models import FeedAccount, Producer, VoidReason
from feeds.sportradar.answers import ProducerTold
from feeds.sportradar.rest import Api, WhoAmI
from feeds.sportradar.troubles import Refused, SportradarTrouble

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")
SOON = timedelta(days=14)
EXACT = 1.0  # A Date tells no more.
AHEAD, FAR_AHEAD = 2_000, 5_000  # Milliseconds that a clock may be wrong.
MOST_AHEAD = 2_000_000_000


def ask(lease: Lease, api: Api) -> FeedAccount:
    """Ask who we are, and write it down with the producers and void reasons, as far as told."""
    who = api.who_am_i()
    producers: list[ProducerTold] = told_by(api.producers, [])
    reasons: dict[int, str] = told_by(api.void_reasons, {})
    return written(lease, who, producers, reasons)


def told_by(question: Callable[[], Answer], otherwise: Answer) -> Answer:
    """Return an answer that we can do without: what was told before is still there."""
    try:
        return question()
    except SportradarTrouble as trouble:
        log.warning("description_not_refreshed", why=str(trouble))
        return otherwise


@transaction.atomic
def written(
    lease: Lease, who: WhoAmI, producers: Sequence[ProducerTold], reasons: dict[int, str]
) -> FeedAccount:
    """Write down what the API told."""
    told = who.account
    account, _ = FeedAccount.objects.update_or_create(
        feed=lease.feed,
        defaults={
            "bookmaker_id": told.bookmaker_id,
            "virtual_host": told.virtual_host,
            "expires_at": told.expires_at,
            "clock_ahead_ms": milliseconds(who.ahead),
        },
    )
    Producer.objects.bulk_create(
        [
            Producer(
                feed=lease.feed,
                number=one.number,
                code=one.code,
                name=one.name,
                scope=one.scope,
                is_active=one.is_active,
                recovery_minutes=one.recovery_minutes,
            )
            for one in sorted(producers, key=lambda one: one.number)
        ],
        update_conflicts=True,
        unique_fields=["feed", "number"],
        update_fields=["code", "name", "scope", "is_active", "recovery_minutes"],
    )
    VoidReason.objects.bulk_create(
        [
            VoidReason(feed=lease.feed, code=code, description=text)
            for code, text in sorted(reasons.items())
        ],
        update_conflicts=True,
        unique_fields=["feed", "code"],
        update_fields=["description"],
    )
    leases.fence(lease)
    return account


def milliseconds(ahead: float | None) -> int | None:
    """Return by how much our clock is ahead; what can't be told from nothing is nothing."""
    if ahead is None:
        return None
    if abs(ahead) < EXACT:
        return 0
    return max(-MOST_AHEAD, min(MOST_AHEAD, round(ahead * 1000)))


def known(feed: str) -> FeedAccount | None:
    """Return what the API told before."""
    return FeedAccount.objects.filter(pk=feed).first()


def lacks(feed: str) -> bool:
    """Whether a producer speaks of which we know nothing, or nobody told us of any."""
    named = Producer.objects.filter(feed=feed)
    return named.filter(code="").exists() or not named.exists()


def is_refusal(trouble: SportradarTrouble) -> bool:
    """Whether the API knows us and will have nothing to do with us."""
    return isinstance(trouble, Refused) and trouble.status in (401, 403)


def warning(account: FeedAccount, now: datetime) -> str:
    """Warn of a token that expires, and of a clock that is wrong."""
    return " ".join(filter(None, [expiry(account, now), clocks(account.clock_ahead_ms)]))


def expiry(account: FeedAccount, now: datetime) -> str:
    """Warn of a token that expires soon."""
    if account.expires_at is None or account.expires_at - now > SOON:
        return ""
    if account.expires_at <= now:
        return f"Sportradar's token expired on {account.expires_at:%Y-%m-%d}: renew UOF_TOKEN."
    days = (account.expires_at - now).days
    when = f"{account.expires_at:%Y-%m-%d %H:%M} UTC"
    return f"Sportradar's token expires in {days} days, on {when}: renew UOF_TOKEN before."


def clocks(ahead_ms: int | None) -> str:
    """Warn of a clock that is wrong."""
    if ahead_ms is None or abs(ahead_ms) <= AHEAD:
        return ""
    how = "ahead of" if ahead_ms > 0 else "behind"
    seriously = " That is too much: recoveries may leave something out." * (
        abs(ahead_ms) > FAR_AHEAD
    )
    seconds = abs(ahead_ms) / 1000
    return f"Our clock is {seconds:.0f} s {how} Sportradar's: set it right.{seriously}"
