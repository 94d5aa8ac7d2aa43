"""A bet's story: live result, confirmed otherwise, rolled back, cancelled, and the cancel undone.

Run with -s, it prints the statement and the timeline.
"""

import sys

from backoffice import tickets, truths
from settlement.models import SettlementEvent, Ticket
from settlement.selectors import selections_of
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import LOST, WON, said, tell
from wallet import selectors
from wallet.models import Transfer

TIMELINE = [
    ("SETTLE", "SETTLED", "WIN", "+25.00", "115.00"),
    ("RESETTLE", "SETTLED", "LOSE", "-25.00", "90.00"),
    ("REOPEN", "OPEN", "NONE", "", "90.00"),
    ("VOID", "SETTLED", "REFUND", "+10.00", "100.00"),
    ("REOPEN", "OPEN", "NONE", "-10.00", "90.00"),
    ("SETTLE", "SETTLED", "WIN", "+25.00", "115.00"),
]


def test_the_books_balance_whatever_the_provider_thinks_of_next(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="STORY", provider="sportradar"))

    tell(said(ticks=1000, outcomes={"X": WON}))
    tell(said(ticks=2000, outcomes={"X": LOST}, certainty=2))
    tell(said("ROLLBACK", 3000))
    tell(said("CANCEL", 4000))
    tell(said("CANCEL_ROLLBACK", 5000))
    tell(said(ticks=6000, outcomes={"X": WON}, certainty=2))

    assert told(player) == TIMELINE
    assert player.balance == "115.00"
    assert not [finding for finding in truths.check() if finding.rows]


def say(line: str) -> None:
    """Print a line, for who runs it with -s."""
    sys.stdout.write(f"{line}\n")


def told(player: FundedPlayer) -> list[tuple[str, ...]]:
    """Print the story; return its timeline with the balance after each step."""
    ticket, unit = Ticket.objects.get(), player.account.currency.unit
    say(f"\nStatement of {player.player.external_id}")
    by_key = {}
    for transfer in Transfer.objects.order_by("id"):
        line = selectors.statement_line(transfer, unit)
        by_key[transfer.pk] = line
        say(f"  {line.sequence:>2}  {line.kind:<10} {line.change:>8} → {line.balance_after:>8}"
              f"  {line.reason}  {line.actor}")  # fmt: skip
    say(f"Timeline of {ticket.bet_id}")
    timeline: list[tuple[str, ...]] = []
    balance = "90.00"
    for event in SettlementEvent.objects.order_by("sequence"):
        moved = by_key.get(event.transfer or 0)
        balance = moved.balance_after if moved else balance
        change = "" if moved is None else f"+{moved.change}".replace("+-", "-")
        timeline.append((event.kind, event.after_status, event.after_result, change, balance))
        say("  " + "  ".join(f"{word:<9}" for word in timeline[-1]))
    explained = tickets.explained(ticket, selections_of(ticket.pk))
    say("\n".join(f"  {line}" for line in explained.lines))
    return timeline
