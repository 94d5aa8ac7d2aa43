"""manage.py doctor: is this installation as it should be?"""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from backoffice import environment, health, roles
from backoffice.celery import app
from feeds import sources
from feeds.lsports.answers import Distribution
from feeds.lsports.api import Api as LsportsApi
from feeds.lsports.distribution import waits
from feeds.lsports.troubles import LsportsTrouble
from feeds.models import FeedAccount
from feeds.names import name_of
from feeds.odds88.client import PATHS
from feeds.sportradar import accounts
from feeds.sportradar.rest import Api
from feeds.sportradar.troubles import SportradarTrouble

FEEDS = "feeds"
LONGEST_ANSWER = 1.0  # seconds


class Symptom(NamedTuple):
    """One thing looked at: `grave` ones stop the work, others are warnings."""

    what: str
    complaint: str
    grave: bool = True


class Command(BaseCommand):
    help = "Check what this installation needs, and say what is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(symptoms())
        for symptom in found:
            mark = "✓" if not symptom.complaint else "✗" if symptom.grave else "!"
            self.stdout.write(
                f"{mark} {symptom.what}{symptom.complaint and ': '}{symptom.complaint}"
            )
        if any(symptom.complaint and symptom.grave for symptom in found):
            sys.exit(1)


def symptoms() -> Iterator[Symptom]:
    """Look at one thing after the other."""
    yield from (Symptom(name, look()) for name, look in health.CHECKS.items())
    yield Symptom("broker", health.failure(broker))
    yield Symptom("workers", health.failure(workers), grave=False)
    too_mighty = health.failure(role)
    yield Symptom("the application's own database role", too_mighty, grave=False)
    if not too_mighty:
        yield Symptom("tables that nobody may rewrite", health.failure(append_only))
    yield Symptom("Odds88's endpoints", odds88())
    if settings.ODDS88_FEED_URL:
        yield Symptom("Odds88's feed", health.failure(odds88_feed))
        yield Symptom("Odds88's time windows", odds88_windows())
    yield from sportradar()
    for feed, name in sources.PACKAGES.items():
        yield from lsports(feed, name)
    if sources.configured():
        yield Symptom("a worker for the feeds", health.failure(feed_workers), grave=False)
    yield Symptom("production", production(), grave=False)


def broker() -> str:
    """Complain when Celery's broker does not answer."""
    if not settings.CELERY_BROKER_URL:
        return "no REDIS_URL and no CELERY_BROKER_URL: nothing runs in the background."
    with app.connection_for_write() as link:
        link.ensure_connection(max_retries=1, timeout=3)
    return ""


def workers() -> str:
    """Complain when nobody would do a task."""
    return "" if app.control.ping(timeout=LONGEST_ANSWER) else "no Celery worker answers."


def feed_workers() -> str:
    """Complain when nobody would receive a feed."""
    found = app.control.inspect(timeout=LONGEST_ANSWER).active_queues() or {}
    queues = {queue["name"] for listened in found.values() for queue in listened}
    return "" if FEEDS in queues else "no Celery worker listens on queue feeds."


def role() -> str:
    """Complain when the connected role may act as the tables' owner, as a superuser also may."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, pg_has_role(relowner, 'MEMBER') FROM pg_class "
            "WHERE oid = 'wallet_transfer'::regclass"
        )
        name, mighty = cursor.fetchone()
    return f"{name} may act as the tables' owner; only triggers guard the books." if mighty else ""


def append_only() -> str:
    """Complain when the connected role has rights that the application should not have.

    A right on one column is a right too.
    """
    kept = [*roles.APPEND_ONLY, *roles.NEVER_CHANGED_DIRECTLY, *roles.ONLY_READ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r || ' ' || t FROM unnest(%s::text[]) t, unnest(%s::text[]) r "
            "WHERE has_table_privilege(t, r) "
            "UNION ALL SELECT 'UPDATE ' || t FROM unnest(%s::text[]) t "
            "WHERE has_any_column_privilege(t, 'UPDATE') "
            "UNION ALL SELECT 'INSERT ' || t FROM unnest(%s::text[]) t "
            "WHERE has_any_column_privilege(t, 'INSERT')",
            [kept, ["DELETE", "TRUNCATE"], kept, list(roles.ONLY_READ)],
        )
        too_much = [row[0] for row in cursor.fetchall()]
    return f"the application's role may {', '.join(too_much)}." if too_much else ""


def odds88() -> str:
    """Complain when the settings of Odds88's endpoints don't fit together."""
    return (
        environment.of_odds88(
            settings.ODDS88_API_URL, settings.ODDS88_CLIENT_ID, settings.ODDS88_PASSWORD
        )
        or odds88_paths()
        or odds88_players()
    )


def odds88_feed() -> str:
    """Complain when Odds88's feed can't be received, or not safely."""
    return environment.of_odds88_feed(settings.ODDS88_FEED_URL, settings.ODDS88_API_URL)


def odds88_windows() -> str:
    """Complain when a real provider's limits would be broken."""
    if settings.DEBUG or settings.ODDS88_DIVIDE_TIMES_BY == 1:
        return ""
    return "ODDS88_DIVIDE_TIMES_BY is not 1: that is for a sandbox, Odds88 would cut us off."


def sportradar() -> Iterator[Symptom]:
    """Look at the settings of Sportradar's feed; ask its API who we are when they fit together."""
    complaint = environment.of_uof(
        {name: getattr(settings, name) for name in environment.UOF_SETTINGS}
    )
    yield Symptom("Sportradar's settings", complaint)
    if settings.UOF_AMQP_URL and not complaint:
        yield Symptom("Sportradar's time windows", sportradar_windows())
        yield sportradar_account()


def sportradar_windows() -> str:
    """Complain when a real provider's limits would be broken."""
    if settings.DEBUG or settings.UOF_DIVIDE_TIMES_BY == 1:
        return ""
    return "UOF_DIVIDE_TIMES_BY is not 1: that is for a sandbox, Sportradar would cut us off."


def sportradar_account() -> Symptom:
    """Say whose token it is, as the API answers; complain when it expires or a clock is wrong."""
    api = Api(settings.UOF_API_URL, settings.UOF_TOKEN, node=settings.UOF_NODE_ID, within=5)
    try:
        who = api.who_am_i()
    except SportradarTrouble as trouble:
        return Symptom("Sportradar's account", str(trouble))
    finally:
        api.close()
    told = FeedAccount(
        expires_at=who.account.expires_at, clock_ahead_ms=accounts.milliseconds(who.ahead)
    )
    expires = f"{told.expires_at:%Y-%m-%d}" if told.expires_at else "nobody knows when"
    what = (
        f"Sportradar's account (bookmaker {who.account.bookmaker_id} at "
        f"{who.account.virtual_host}, token until {expires}, {clock_told(told.clock_ahead_ms)})"
    )
    return Symptom(what, accounts.warning(told, datetime.now(UTC)), grave=False)


def clock_told(ahead: int | None) -> str:
    """Say how our clock goes beside Sportradar's."""
    if ahead is None:
        return "our clock not compared"
    if not ahead:
        return "our clock right to a second"
    return f"our clock {abs(ahead) / 1000:.1f} s {'ahead' if ahead > 0 else 'behind'}"


def lsports(feed: str, name: str) -> Iterator[Symptom]:
    """Look at the settings of a package; ask LSports whether it is sent when they fit together."""
    given = {
        f"LSPORTS_{package}_{what}": value
        for package, said in settings.LSPORTS.items()
        for what, value in said.items()
    }
    complaint = environment.of_lsports(name, given)
    yield Symptom(f"{name_of(feed)}: settings", complaint)
    if settings.LSPORTS[name]["AMQP_URL"] and not complaint:
        yield Symptom(f"{name_of(feed)}: time windows", lsports_windows())
        yield lsports_distribution(feed, name)


def lsports_windows() -> str:
    """Complain when a real provider's limits would be broken."""
    if settings.DEBUG or settings.LSPORTS_DIVIDE_TIMES_BY == 1:
        return ""
    return "LSPORTS_DIVIDE_TIMES_BY is not 1: that is for a sandbox, LSports would refuse us."


def lsports_distribution(feed: str, name: str) -> Symptom:
    """Say whether a package is sent, as LSports' API answers. It is asked, and never told to."""
    what = f"{name_of(feed)}: distribution"
    api = LsportsApi(sources.lsports_account(name))
    try:
        told = api.distribution()
    except LsportsTrouble as trouble:
        return Symptom(what, str(trouble))
    finally:
        api.close()
    readers = "consumers not told" if told.consumers is None else f"{told.consumers} consumers"
    depth = "?" if told.depth is None else f"{told.depth:,}"
    what = f"{what} (package {settings.LSPORTS[name]['PACKAGE_ID']}, {readers}, {depth} wait)"
    return Symptom(what, complaint_about(told), grave=False)


def complaint_about(told: Distribution) -> str:
    """Complain of a package that is not sent, or that others read too."""
    if not told.is_on:
        return "it is off: LSports sends nothing until run_feed or a worker connects and starts it."
    if (told.consumers or 0) > 1:
        return "more than one reads the queue: each gets a part of the messages, out of order."
    return waits(told.depth)


def odds88_paths() -> str:
    """Complain about paths that nobody asks for, or that hold no place for a bet."""
    for name, path in settings.ODDS88_PATHS.items():
        if name not in PATHS:
            return f"ODDS88_PATHS names “{name}”, which is none of {', '.join(PATHS)}."
        try:
            path.format(player="", request="")
        except (LookupError, ValueError, AttributeError):
            return (
                f"ODDS88_PATHS: “{path}” may hold {{player}} and {{request}}, and no other brace."
            )
    return ""


def odds88_players() -> str:
    """Complain when no player's id can be held against the pattern."""
    try:
        re.compile(settings.ODDS88_PLAYER_ID)
    except re.error as error:
        return f"ODDS88_PLAYER_ID is no pattern: {error}."
    return ""


def production() -> str:
    """Say when this is a development set-up."""
    return "DEBUG is on: this is a development set-up." if settings.DEBUG else ""
