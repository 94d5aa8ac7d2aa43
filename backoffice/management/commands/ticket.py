"""manage.py ticket BET_ID…: what is known about these tickets."""

import sys
from argparse import ArgumentParser
from datetime import UTC
from typing import Any

import msgspec
from django.core.management.base import BaseCommand

from backoffice import tickets
from backoffice.one_moment import one_moment
from backoffice.timeline import standing_of, timeline_object, timeline_of
from settlement import selectors
from settlement.asked import writable
from settlement.models import Ticket

DETAIL = len("  2026-11-20 10:00:00  ")


class Command(BaseCommand):
    help = (
        "Show tickets: stake, selections, transfers, and how the payout comes about; "
        "or all that happened to them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bet_ids", nargs="+", metavar="BET_ID")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument(
            "--timeline", action="store_true", help="all that happened, oldest first, times in UTC"
        )

    def handle(self, *args: Any, bet_ids: list[str], **options: Any) -> None:
        missing = False
        for bet_id in bet_ids:
            with one_moment():
                found = shown(bet_id, **options)
            if found is None:
                self.stderr.write(f"There is no ticket “{writable(bet_id)}”.")
                missing = True
            else:
                self.stdout.write(found)
        if missing:
            sys.exit(1)


def shown(bet_id: str, *, json: bool, timeline: bool, **_: Any) -> str | None:
    """Return what is asked of a ticket, if there is one."""
    ticket = selectors.ticket(bet_id) if is_text(bet_id) else None
    if ticket is None:
        return None
    if json:
        return json_of(ticket, timeline=timeline)
    return "\n".join(story(ticket) if timeline else told(ticket)) + "\n"


def is_text(bet_id: str) -> bool:
    """Whether a word of the command line could be anybody's bet."""
    return "\0" not in bet_id and writable(bet_id) == bet_id


def json_of(ticket: Ticket, *, timeline: bool) -> str:
    """Return a ticket, or all that happened to it, as programs read it."""
    found = timeline_object(ticket) if timeline else tickets.ticket_object(ticket.bet_id)
    return msgspec.json.encode(found).decode()


def story(ticket: Ticket) -> list[str]:
    """Return all that happened to a ticket in lines for the terminal, the oldest first."""
    lines = [ticket.bet_id, f"  {standing_of(ticket)}"]
    for entry in timeline_of(ticket):
        lines.append(f"  {entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}  {entry.title}")
        lines += [f"{' ' * DETAIL}{detail}" for detail in entry.details]
    return [on_one_line(line) for line in lines]


def on_one_line(told: str) -> str:
    """Return a text without what would end its line or move the terminal's cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in told)


def told(ticket: Ticket) -> list[str]:
    """Return a ticket in lines for the terminal."""
    found = tickets.ticket_object(ticket.bet_id) or {}
    money = found["currency"]
    lines = [
        f"{found['bet_id']}  {found['status']} {found['result']}",
        f"  player {found['player']}, balance {found['balance']} {money}",
        f"  stake {found['stake']} {money} (cash {found['cash_stake']}), "
        f"payout {found['payout']} {money}",
        f"  {found['kind']}, {found['provider']}, placed {found['placed_at']}, "
        f"rule set {found['rule_set']}",
    ]
    lines += [
        f"  {one['kind']} {one['change']} {money} → {one['balance_after']}, {one['actor']}, "
        f"{one['reason']}, {one['created_at']}"
        for one in found["transfers"]
    ]
    explained = tickets.explained(ticket, selectors.selections_of(ticket.pk))
    return lines + [f"  {line}" for line in explained.lines]
