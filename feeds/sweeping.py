"""Sweeps: all open tickets of a feed are asked about, one after the other, until none is left.

For what a feed can't bring any more. A sweep may be killed at any time: the next one goes on where
it was. Only one process carries it on; while the provider can't be asked, it waits.
"""

import secrets
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from feeds.calling import LookUpRefused, call
from feeds.looking_up import Outcome, SettledByLookUp, settle_by_look_up
from feeds.models import CallKind, Sweep
from feeds.odds88.client import Client, NotSet, client
from feeds.odds88.troubles import Trouble
from feeds.readers import provider_of
from settlement import arrays
from settlement.vocabulary import Source

log = structlog.get_logger(__name__)

ACTOR = "system:sweep"
SLICE = 4.0  # seconds
HELD_FOR = 30.0  # seconds, and as long as three questions may take
WAITS_FOR = 30.0  # seconds, after trouble
AT_ONCE = 100
FAILED_ON = "Our own program failed on ticket {ticket}; see the log."
OF_A_BET = frozenset({None, Trouble.UNKNOWN_BET, Trouble.REFUSED})
COUNTED = {Outcome.SETTLED: "settled", Outcome.FAILED: "failed", Outcome.LEFT_ALONE: ""}


def start_sweep(
    *, feed: str, why: str, not_covered: str = "", accepted_before: datetime | None = None
) -> Sweep:
    """Start a sweep of a feed's open tickets, or widen the one that runs.

    `not_covered` says which time the feed will say nothing of any more. What a running sweep asked
    about already it asks about once more.
    """
    if provider_of(feed) != Source.ODDS88:
        raise ValueError(f"Nobody can be asked about the tickets of {feed}.")
    try:
        with transaction.atomic():
            return joined(feed, why, not_covered, accepted_before)
    except IntegrityError:  # Somebody else started one at the same time.
        with transaction.atomic():
            return joined(feed, why, not_covered, accepted_before)


def open_count(accepted_before: datetime | None) -> int:
    """Return how many open tickets were accepted before a time, or ever."""
    return int(arrays.fetch(HOW_MANY, [accepted_before] * 2)[0][0])


def joined(feed: str, why: str, not_covered: str, accepted_before: datetime | None) -> Sweep:
    """Return the feed's open sweep, made wide enough, or a new one."""
    found = Sweep.objects.select_for_update().filter(feed=feed, done_at=None).first()
    if found is None:
        found = Sweep(feed=feed, accepted_before=accepted_before)
    else:
        found.again_to = max(found.again_to, found.cursor)
        if found.accepted_before is not None:
            wider = accepted_before and max(accepted_before, found.accepted_before)
            found.accepted_before = wider
    found.why, found.not_covered = why, not_covered
    (total, last) = arrays.fetch(HOW_MANY, [found.accepted_before] * 2)[0]
    found.total, found.last_ticket = found.asked + total, max(last, found.cursor)
    found.save(update_fields=None if found.pk is None else JOINED)
    log.info("sweep_started", feed=feed, sweep=found.pk, tickets=total, why=why)
    return found


JOINED = ("why", "not_covered", "accepted_before", "again_to", "total", "last_ticket")


def carry_on(*, seconds: float = SLICE) -> Sweep | None:
    """Carry one open sweep on for some seconds; return it, or nothing when none is to be done."""
    holder = secrets.token_hex(16)
    taken = arrays.fetch(TAKE, [holder, held_for()])
    if not taken:
        return None
    number = taken[0][0]
    try:
        walk(number, holder, time.monotonic() + seconds)
    finally:
        Sweep.objects.filter(pk=number, holder=holder).update(holder="", held_until=None)
    return Sweep.objects.get(pk=number)


def walk(number: int, holder: str, until: float) -> None:
    """Ask about one ticket after the other; wait for better times when nobody can be asked."""
    try:
        asked = client()
    except NotSet as missing:
        pause(number, str(missing))
        return
    with closing(asked):
        while time.monotonic() < until:
            sweep = Sweep.objects.get(pk=number)
            tickets = open_tickets(sweep)
            if not tickets:
                if over(number):
                    return
                continue
            if not asked_about(sweep, holder, tickets, asked, until):
                return


def open_tickets(sweep: Sweep) -> list[int]:
    """Return the next open tickets of a lap."""
    before = sweep.accepted_before
    rows = arrays.fetch(NEXT, [sweep.cursor, sweep.last_ticket, before, before, AT_ONCE])
    return [row[0] for row in rows]


def asked_about(sweep: Sweep, holder: str, tickets: list[int], asked: Client, until: float) -> bool:
    """Ask about these tickets in time; return whether to go on after them."""
    for ticket in tickets:
        began = time.monotonic()
        if began >= until:
            return False
        done = settled(ticket, asked)
        if cannot_be_asked(done, asked):
            pause(sweep.pk, done.sentence)
            return False
        if not noted(sweep.pk, holder, ticket, done):
            return False
        time.sleep(max(0.0, began + 1 / settings.ODDS88_LOOKUPS_PER_SECOND - time.monotonic()))
    return True


def settled(ticket: int, asked: Client) -> SettledByLookUp:
    """Settle one ticket by a look-up; one that can't be asked about is told, and passed over."""
    try:
        return settle_by_look_up(ticket=ticket, actor=ACTOR, client=asked)
    except LookUpRefused as refusal:
        return SettledByLookUp(Outcome.FAILED, str(refusal))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("sweep_failed_on_ticket", ticket=ticket)
        return SettledByLookUp(Outcome.FAILED, FAILED_ON.format(ticket=ticket))


def cannot_be_asked(done: SettledByLookUp, asked: Client) -> bool:
    """Whether it is not this bet that makes trouble: then a question about none makes some, too."""
    if done.trouble in OF_A_BET:
        return False
    if done.trouble == Trouble.BUSY:
        return True
    _, answer = call(None, ACTOR, CallKind.REJECT_REASONS, asked.reject_reasons)
    return answer.trouble not in OF_A_BET


def held_for() -> float:
    """Return for how many seconds a sweep is somebody's: longer than any one ticket takes."""
    return HELD_FOR + 3 * float(settings.ODDS88_LOOKUP_SECONDS)


def noted(number: int, holder: str, ticket: int, done: SettledByLookUp) -> bool:
    """Write down how far the sweep has come; return whether it is still ours."""
    column = COUNTED.get(done.outcome, "still_open")
    counts = [int(column == name) for name in ("settled", "still_open", "failed")]
    said = done.sentence[:500] if done.outcome == Outcome.FAILED else ""
    rows = arrays.fetch(NOTE, [ticket, *counts, said, said, held_for(), number, holder])
    return bool(rows)


def pause(number: int, sentence: str) -> None:
    """Let a sweep wait, and say why."""
    log.warning("sweep_waits", sweep=number, why=sentence)
    wait = timedelta(seconds=WAITS_FOR / settings.ODDS88_DIVIDE_TIMES_BY)
    Sweep.objects.filter(pk=number).update(
        not_before=datetime.now(UTC) + wait, sentence=sentence[:500]
    )


@transaction.atomic
def over(number: int) -> bool:
    """End a lap; return whether that was the last."""
    sweep = Sweep.objects.select_for_update().get(pk=number)
    if open_tickets(sweep):
        return False
    if sweep.again_to:
        sweep.cursor, sweep.last_ticket, sweep.again_to = 0, sweep.again_to, 0
        sweep.save(update_fields=["cursor", "last_ticket", "again_to"])
        return False
    sweep.done_at = datetime.now(UTC)
    sweep.save(update_fields=["done_at"])
    log.info("sweep_done", sweep=number, asked=sweep.asked, settled=sweep.settled)
    return True


OPEN = "provider = 'ODDS88' AND status = 'OPEN'"
BEFORE = "(%s::timestamptz IS NULL OR accepted_at <= %s::timestamptz)"
NEXT = f"""
SELECT id FROM settlement_ticket
 WHERE {OPEN} AND id > %s AND id <= %s AND {BEFORE} ORDER BY id LIMIT %s
"""  # noqa: S608

HOW_MANY = f"""
SELECT count(*), coalesce(max(id), 0) FROM settlement_ticket WHERE {OPEN} AND {BEFORE}
"""  # noqa: S608

TAKE = """
UPDATE feeds_sweep SET holder = %s, held_until = now() + make_interval(secs => %s)
 WHERE id = (SELECT id FROM feeds_sweep
              WHERE done_at IS NULL AND coalesce(held_until <= now(), true)
                AND coalesce(not_before <= now(), true)
              ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""

NOTE = """
UPDATE feeds_sweep
   SET cursor = %s, asked = asked + 1, settled = settled + %s, still_open = still_open + %s,
       failed = failed + %s, sentence = CASE WHEN %s = '' THEN sentence ELSE %s END,
       held_until = now() + make_interval(secs => %s)
 WHERE id = %s AND holder = %s
RETURNING id
"""
