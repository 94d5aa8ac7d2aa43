"""Short words for tests that settle: facts said, tickets as they stand."""

from collections.abc import Mapping
from typing import Any

from feeds import inbox
from settlement import reading, services
from settlement.models import Market, RuleSet, Ticket
from settlement.recording import ForMarket, look_for_tickets, record_market_facts
from settlement.rules.ruleset import DEFAULT, rule_set, settings_of
from settlement.said import Ended, MarketContent, MarketSaid, OutcomeSaid
from settlement.vocabulary import MarketFactKind, Source
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet

WON: Ended = ("1", "0")
LOST: Ended = ("0", "0")
VOID: Ended = ("0", "1")


def said(
    kind: str = "SETTLEMENT",
    ticks: int = 1000,
    outcomes: Mapping[str, Ended] | None = None,
    *,
    certainty: int = 1,
    event: str = "E-1",
    market: str = "1",
    **content: Any,
) -> MarketSaid:
    """Return something that Sportradar says of a market."""
    named = {ref: OutcomeSaid(ended) for ref, ended in (outcomes or {}).items()}
    return MarketSaid(
        Source.SPORTRADAR, event, market, "", MarketFactKind(kind), ticks, certainty,
        MarketContent(outcomes=named, **content),
    )  # fmt: skip


def tell(*facts: MarketSaid) -> services.Done:
    """Write facts down and settle all that they make due."""
    known = {(m.event.ref, m.ref): m.pk for m in Market.objects.select_related("event")}
    record_market_facts([ForMarket(known[one.event, one.market], one, None) for one in facts])
    look_for_tickets()
    return services.drain()


def read_rules_as(**settings: Any) -> None:
    """Let this process settle by other rules; whoever asks for that forgets `RULES_READ` then."""
    rules = rule_set(settings_of(DEFAULT) | settings)
    reading.RULES_READ[RuleSet.objects.get().pk] = rules


def settled_single(player: FundedPlayer, ended: Ended = WON) -> Ticket:
    """Return a ticket on E-1's outcome X, and say how that ended."""
    accepted(bet(player))
    tell(said(outcomes={"X": ended}))
    return Ticket.objects.get()


def state(bet_id: str | None = None) -> tuple[str, str, int, int]:
    """Return where a ticket stands: status, result, payout, version."""
    found = Ticket.objects.get(bet_id=bet_id) if bet_id else Ticket.objects.get()
    return found.status, found.result, found.payout, found.version


def receive_and_process(*bodies: bytes, feed: str = "odds88") -> inbox.Processed:
    """Send messages through the inbox."""
    received = inbox.receive(feed=feed, bodies=bodies)
    return inbox.process(message_ids=received.ids)
