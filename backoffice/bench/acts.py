"""The acts' benchmark: a batch by hand beside the same tickets settled by a feed's market."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice import truths
from backoffice.bench import machine
from backoffice.bench.measuring import Say, Size, Subject, WrongBooks, measured
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.intake import bring_in
from settlement import recording, services
from settlement.acts import services as acts
from settlement.acts.actors import AMOUNT, APPROVE, BULK, PERMISSIONS, Actor
from settlement.acts.services import Preview
from settlement.models import ActLimit, Batch, Market, Ticket
from settlement.orders import Order, read_order
from settlement.recording import ForMarket
from settlement.said import Ended, MarketContent, MarketSaid, OutcomeSaid
from settlement.vocabulary import MarketFactKind, Source
from wallet.models import Player

MARKET, PREVIEW, CONFIRM, RUN, REVERSE = "market", "preview", "confirm", "run", "reverse"
GOALS = (
    Goal(RUN, MARKET, floor=0.6),
    Goal(REVERSE, MARKET, floor=0.6),
    Goal(CONFIRM, MARKET),
    Goal(PREVIEW, MARKET),
)
NOTES = (
    "Every side has tickets of its own each round: singles of as many players, three outcomes. A "
    "preview of 20,000 tickets in 5 s is 4,000 a second.",
    "“run” is from the confirmed act to its end, “confirm” what is done before that while its "
    "maker waits. The preview, and what the reversal reverses, are made outside the measured time.",
)
ACTOR = Actor(
    "user:bench", frozenset({"Bench"}), frozenset({*PERMISSIONS.values(), AMOUNT, APPROVE, BULK})
)
WON: Ended = ("1", "0")
LOST: Ended = ("0", "0")


@dataclass(frozen=True, slots=True)
class ActSize(Size):
    """How many tickets an act is on."""

    tickets: int


FULL = ActSize(rounds=3, tickets=20_000)
SMOKE = ActSize(rounds=3, tickets=1500)


class ActSide(ABC):
    """Somebody who does a part of an act, or what it is measured by."""

    name: str
    about: str

    def __init__(self, *, size: int) -> None:
        self.size = size

    def prepare(self, round_number: int) -> Callable[[], int]:
        """Bring in a round's tickets; return its work, which returns how many they were."""
        event = f"{self.name}-{round_number}"
        bring_in(tickets=[self.ticket(event, number) for number in range(self.size)], actor="b")
        machine.analyse()
        work = self.work(event)

        def counted() -> int:
            work()
            return self.size

        return counted

    def ticket(self, event: str, number: int) -> dict[str, Any]:
        """Return a ticket in a client's words."""
        chosen = {"event": event, "market": "1", "outcome": str(number % 3), "price": "2.50"}
        return {
            "bet_id": f"{event}-{number}",
            "provider": "sportradar",
            "player": f"B-{number}",
            "currency": "EUR",
            "stake": "10.00",
            "stake_taken": False,
            "kind": "single",
            "placed_at": "2026-11-20T10:00:00Z",
            "selections": [chosen],
        }

    def order(self, event: str) -> Order:
        """Return the act on a round's tickets: one of three won."""
        tickets = [
            {"bet_id": f"{event}-{number}", "result": "lose" if number % 3 else "win"}
            for number in range(self.size)
        ]
        return read_order(
            {"act": "settle", "reason": "PROVIDER_DOWN", "note": "Measured.", "tickets": tickets}
        )

    def previewed(self, event: str) -> Preview:
        """Return the act's preview."""
        return acts.preview(order=self.order(event), actor=ACTOR)

    def confirmed(self, shown: Preview) -> Batch:
        """Confirm a preview."""
        return acts.act(order=shown.order, actor=ACTOR, token=shown.token)

    @abstractmethod
    def work(self, event: str) -> Callable[[], object]:
        """Return what is measured."""

    def complaints(self) -> list[str]:
        """Say what is wrong with the tickets of all rounds."""
        paid = Ticket.objects.filter(bet_id__startswith=f"{self.name}-", payout=2500).count()
        settled = Ticket.objects.filter(bet_id__startswith=f"{self.name}-", status="SETTLED")
        tickets = Ticket.objects.filter(bet_id__startswith=f"{self.name}-").count()
        wanted = (tickets, -(-self.size // 3) * (tickets // self.size))
        if self.name in (PREVIEW, CONFIRM, REVERSE):
            wanted = (0, 0)
        found = (settled.count(), paid)
        return [] if found == wanted else [f"{found} settled and paid, not {wanted}"]


class Fed(ActSide):
    """The engine: a provider settles the market that all tickets bet on."""

    name = MARKET
    about = "a feed's market with all the tickets, from its fact to the end of services.drain"

    def work(self, event: str) -> Callable[[], object]:
        market = Market.objects.get(event__ref=event)
        ended = {str(ref): OutcomeSaid(LOST if ref else WON) for ref in range(3)}
        said = MarketSaid(
            Source.SPORTRADAR, event, "1", "", MarketFactKind.SETTLEMENT, 1000, 1,
            MarketContent(outcomes=ended),
        )  # fmt: skip

        def settle() -> None:
            recording.record_market_facts([ForMarket(market.pk, said, None)])
            recording.look_for_tickets()
            services.drain()

        return settle


class Previewing(ActSide):
    """The preview of a batch."""

    name = PREVIEW
    about = "the preview of an act on all the tickets, with every player's balance"

    def work(self, event: str) -> Callable[[], object]:
        return lambda: self.previewed(event)


class Confirming(ActSide):
    """The confirmation: everything is looked at again, and the act with its lines is written."""

    name = CONFIRM
    about = "the act confirmed: all tickets looked at again, a line for each written"

    def work(self, event: str) -> Callable[[], object]:
        shown = self.previewed(event)
        return lambda: self.confirmed(shown)


class Running(ActSide):
    """The act itself."""

    name = RUN
    about = "the act carried out: a fact, an event, a transfer and a line for each ticket"

    def work(self, event: str) -> Callable[[], object]:
        batch = self.confirmed(self.previewed(event))
        return lambda: acts.finish(batch=batch)


class Reversing(ActSide):
    """The act taken back."""

    name = REVERSE
    about = "the act taken back, measured as the act is"

    def work(self, event: str) -> Callable[[], object]:
        done = acts.finish(batch=self.confirmed(self.previewed(event)))
        words = {"act": "undo", "reason": "OTHER", "note": "Measured.", "undoes": done.pk}
        batch = self.confirmed(acts.preview(order=read_order(words), actor=ACTOR))
        return lambda: acts.finish(batch=batch)


def run(*, size: ActSize, goals: Sequence[Goal], say: Say) -> Report:
    """Add the players, and measure."""
    found = machine.look()
    Player.objects.bulk_create(
        Player(external_id=f"B-{number}", name="Bench") for number in range(size.tickets)
    )
    for currency in ("EUR", None):
        ActLimit.objects.create(
            role="Bench", currency_id=currency, most=10**15, actor="system:bench"
        )
    taking_part = [
        side(size=size.tickets) for side in (Fed, Previewing, Confirming, Running, Reversing)
    ]
    report = measured(
        title=f"Tickets a second: an act on {size.tickets:,} tickets, one process.",
        taking_part=taking_part,
        found=found,
        goals=goals,
        notes=NOTES,
        size=size,
        warmed_up=machine.analyse,
        say=say,
    )
    refuse_broken_truths()
    return report


def refuse_broken_truths() -> None:
    """Believe no figure when the books are wrong."""
    broken = [finding.name for finding in truths.check() if finding.rows]
    if broken:
        raise WrongBooks(f"The books are wrong: {'; '.join(broken)}.")


SUBJECT = Subject(FULL, SMOKE, goals=lambda _: GOALS, run=run)
