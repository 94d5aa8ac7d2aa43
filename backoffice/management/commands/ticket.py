"""manage.py ticket BET_ID…: what is known about these tickets."""

import sys
from argparse import ArgumentParser
from typing import Any

import msgspec
from django.core.management.base import BaseCommand

from backoffice import tickets
from settlement import selectors
from settlement.asked import writable
from settlement.models import Ticket


class Command(BaseCommand):
    help = "Show tickets: stake, selections, transfers, and how the payout comes about."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bet_ids", nargs="+", metavar="BET_ID")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, bet_ids: list[str], **options: Any) -> None:
        missing = False
        for bet_id in bet_ids:
            found = selectors.ticket(bet_id) if is_text(bet_id) else None
            if found is None:
                self.stderr.write(f"There is no ticket “{writable(bet_id)}”.")
                missing = True
            elif options["json"]:
                self.stdout.write(msgspec.json.encode(tickets.ticket_object(bet_id)).decode())
            else:
                self.stdout.write("\n".join(told(found)) + "\n")
        if missing:
            sys.exit(1)


def is_text(bet_id: str) -> bool:
    """Whether a word of the command line could be anybody's bet."""
    return "\0" not in bet_id and writable(bet_id) == bet_id


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
