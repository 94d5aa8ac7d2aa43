"""manage.py lookup BET_ID: what Odds88 says of a ticket, beside what we have."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from backoffice.management.acting import actor_named
from feeds.comparing import Compared
from feeds.differences import differences
from feeds.looking_up import (
    LookUp,
    LookUpRefused,
    Outcome,
    SettledByLookUp,
    look_up,
    settle_by_look_up,
)
from settlement import selectors
from settlement.models import Ticket
from settlement.orders import ActRefused, writable

NOBODY = "system:lookup"


class Command(BaseCommand):
    help = (
        "Ask Odds88 about a ticket, and show its answer beside what we have. Nothing is changed, "
        "unless --settle: that settles an open ticket as Odds88 says."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bet_id", metavar="BET_ID")
        parser.add_argument("--settle", action="store_true", help="settle it when it is open")
        parser.add_argument("--as", dest="user", metavar="USER", help="who settles it")
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")

    def handle(self, *args: Any, bet_id: str, **options: Any) -> None:
        if options["settle"] and not options["user"]:
            raise CommandError("--settle needs --as USER: who settles it?", returncode=2)
        ticket = selectors.ticket(bet_id) if writable(bet_id) else None
        if ticket is None:
            shown = bet_id.encode(errors="replace").decode()
            raise CommandError(f"There is no ticket “{shown}”.")
        try:
            self.answer(ticket, settles=options["settle"], **named(options))
        except (LookUpRefused, ActRefused) as refusal:
            raise CommandError(str(refusal)) from None

    def answer(self, ticket: Ticket, *, settles: bool, user: str, as_json: bool) -> None:
        """Ask, print what is said and, when that is wanted, settle; fail when nothing is known."""
        actor = allowed(user, settles=settles)
        found = look_up(ticket=ticket.pk, actor=actor)
        compared = [] if found.trouble else differences(ticket=ticket, found=found)
        done = (
            settle_by_look_up(ticket=ticket.pk, actor=actor)
            if settles and not found.trouble
            else None
        )
        self.stdout.write(
            json_of(ticket, found, compared, done)
            if as_json
            else "\n".join(lines_of(ticket, found, compared, done))
        )
        if found.trouble:
            self.stderr.write(" ".join(found.sentences))
        if found.trouble or (done and done.outcome not in FINE):
            sys.exit(1)


FINE = (Outcome.SETTLED, Outcome.LEFT_ALONE)


def named(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that say who asks, and how he reads."""
    return {"user": options["user"] or "", "as_json": options["json"]}


def allowed(user: str, *, settles: bool) -> str:
    """Return who asks, as the books call him; refuse to settle without the permission."""
    if not user:
        return NOBODY
    actor = actor_named(user)
    if settles:
        actor.refuse_without("settle_ticket")
    return actor.name


def json_of(
    ticket: Ticket, found: LookUp, compared: Sequence[Compared], done: SettledByLookUp | None
) -> str:
    """Return the answer as programs read it."""
    said = {
        "bet_id": ticket.bet_id,
        "asked_at": found.asked_at,
        "lookups": found.calls,
        "status": found.status.label if found.status else None,
        "trouble": found.trouble,
        "complaint": found.complaint,
        "sentences": found.sentences,
        "fields": [asdict(one) for one in compared],
        "settled": {"outcome": done.outcome, "sentence": done.sentence} if done else None,
    }
    return msgspec.json.encode(said).decode()


def lines_of(
    ticket: Ticket, found: LookUp, compared: Sequence[Compared], done: SettledByLookUp | None
) -> list[str]:
    """Return the answer in lines for people; what differs is marked."""
    lines = [f"{ticket.bet_id}  at Odds88"]
    if not found.trouble:
        lines += [f"  {sentence}" for sentence in found.sentences]
    if found.complaint:
        lines.append(f"  Not taken for this ticket's: {found.complaint}")
    lines += table_of(compared)
    if done is not None:
        lines.append(f"  {done.sentence}")
    return lines


def table_of(compared: Sequence[Compared]) -> list[str]:
    """Return the fields in columns: ours, theirs, and a mark where they differ."""
    if not compared:
        return []
    rows = [("", "ours", "Odds88's", False)]
    rows += [(one.field, one.ours or "–", one.theirs or "–", one.differs) for one in compared]
    first, second = max(len(row[0]) for row in rows), max(len(row[1]) for row in rows)
    return [
        f"{'≠' if differs else ' '} {field:<{first}}  {ours:<{second}}  {theirs}".rstrip()
        for field, ours, theirs, differs in rows
    ]
