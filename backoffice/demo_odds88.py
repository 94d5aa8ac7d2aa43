"""The demo's Odds88: our own server of its protocol, told what it must know of the demo's bets."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from backoffice.demo_results import FEED, result
from backoffice.demo_servers import Server
from feeds.models import FeedMessage, MessageBody, MessageState
from feeds.odds88.sandbox.bodies import Bet, Pick, ResultType
from settlement.models import Selection, Ticket

PREFERRED_PORT = 8088
LIVE = "DEMO-L-"
PACE = "8"  # Seconds until a bet of the demo's life ends.
NAME = "demo"
PASSWORD = "demo"  # noqa: S105 - it guards nothing
TOO_LARGE = 19  # A reject reason: the bet's limit.

# What a look-up shows, bet by bet; the README leads there.
SETTLED_THERE = ("DEMO-T-00460", "DEMO-T-00518", "DEMO-T-00589", "DEMO-T-00733", "DEMO-T-01083")
CORRECTED_THERE = ("DEMO-T-00114", "DEMO-T-00153", "DEMO-T-00174")
REJECTED_THERE, PENDING_THERE = "DEMO-T-00790", "DEMO-T-00958"
UNKNOWN_THERE, OPEN_THERE = "DEMO-T-00932", "DEMO-T-00819"


@dataclass(frozen=True, slots=True)
class Odds88(Server):
    """Where the demo's Odds88 is on this machine."""

    @property
    def words(self) -> list[str]:
        """Its command."""
        login = ["--client-id", NAME, "--password", PASSWORD]
        world = ["--world", "--pace", PACE, "--port", str(self.port)]
        return ["-m", "feeds.odds88.sandbox", *login, *world]

    @property
    def environment(self) -> dict[str, str]:
        """The settings that name it."""
        return {
            "ODDS88_FEED_URL": f"ws://127.0.0.1:{self.port}",
            "ODDS88_API_URL": self.url,
            "ODDS88_CLIENT_ID": NAME,
            "ODDS88_PASSWORD": PASSWORD,
        }


def acquaint(odds88: Server) -> None:
    """Tell Odds88 of all bets that it took, and of how they ended as far as it said or will say."""
    tickets = list(
        Ticket.objects.filter(provider="ODDS88")
        .exclude(bet_id=UNKNOWN_THERE)
        .select_related("currency", "player")
        .order_by("id")
    )
    odds88.tell("bets", bets_of(tickets))
    odds88.tell("past", [*past(), *ended_there(tickets)])


def bets_of(tickets: Iterable[Ticket]) -> list[Bet]:
    """Return tickets as Odds88 knows them."""
    picks: dict[int, list[Pick]] = defaultdict(list)
    found = Selection.objects.filter(ticket__provider="ODDS88").order_by("ticket_id", "position")
    for one in found.select_related("outcome__market__event"):
        picks[one.ticket_id].append(pick(one))
    return [bet(one, picks[one.pk]) for one in tickets]


def bet(ticket: Ticket, picks: Iterable[Pick]) -> Bet:
    """Return a bet as it was placed there; only what the demo lives by ends by itself."""
    found = Bet(
        ticket.bet_id,
        ticket.player.external_id,
        ticket.stake,
        ticket.currency_id,
        ticket.currency.precision,
        tuple(picks),
        ends=ticket.bet_id.startswith(LIVE),
    )
    if ticket.bet_id == REJECTED_THERE:
        return replace(found, result_type=ResultType.REJECTED, reject_reason=TOO_LARGE)
    if ticket.bet_id == PENDING_THERE:
        return replace(found, result_type=ResultType.PENDING)
    return found


def pick(one: Selection) -> Pick:
    """Return a selection in Odds88's words."""
    market = one.outcome.market
    price = None if one.price is None else Decimal(one.price)
    return Pick(
        market.event.ref, market.ref, one.outcome.ref, price, market.event.name, market.name
    )


def past() -> Iterator[msgspec.Raw]:
    """Yield what the feed told so far, as far as it could be read."""
    read = FeedMessage.objects.filter(feed=FEED).exclude(state=MessageState.QUARANTINED)
    bodies = MessageBody.objects.filter(message_id__in=read.values("id")).order_by("message_id")
    for raw in bodies.values_list("raw", flat=True):
        yield msgspec.Raw(bytes(raw))


def ended_there(tickets: Iterable[Ticket]) -> Iterator[object]:
    """Yield how some bets ended that the feed says nothing of: only who asks is told."""
    for ticket in tickets:
        chance = random.Random(ticket.bet_id)  # noqa: S311 - the same demo for everybody
        if ticket.bet_id in SETTLED_THERE:
            yield result(ticket, chance)
        elif ticket.bet_id in CORRECTED_THERE:
            yield result(ticket, chance, later=4)
