"""Questions that the desk asks about acts by hand: what became of them, which of them stand."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet, Sum

from settlement import reading
from settlement.acts.market_sayings import standing_in
from settlement.fold.acts import acts_of, standing
from settlement.models import (
    ActLimit,
    Approval,
    Batch,
    BatchLine,
    MarketFact,
    Review,
    Selection,
    Ticket,
)
from settlement.vocabulary import ApprovalStep, BatchState, LineState, TicketFactKind
from wallet import selectors as wallet
from wallet.money import Unit

MOST_OF_A_TICKET = 50
# The list of acts adds up those on so many tickets at most.
MOST_SUMMED = 1000


@dataclass(frozen=True, slots=True)
class Became:
    """How many of an act's tickets were done, left alone, or failed; how many are still to do."""

    done: int = 0
    skipped: int = 0
    failed: int = 0
    waiting: int = 0

    @property
    def in_words(self) -> str:
        """The end of a sentence about it."""
        parts = [
            (self.done, "changed"),
            (self.skipped, "left alone"),
            (self.failed, "failed"),
        ]
        told = [f"{count:,} {word}" for count, word in parts if count]
        return f": {', '.join(told)}" if told else ""

    @property
    def percent(self) -> int:
        """How far it is."""
        over = self.done + self.skipped + self.failed
        return 100 * over // max(over + self.waiting, 1)


def what_became(batch: Batch) -> Became:
    """Count what became of an act's tickets."""
    rows = batch.lines.values_list("state").annotate(count=Count("id")).order_by()
    counted = dict(rows)
    return Became(**{str(state).lower(): counted.get(str(state), 0) for state in LineState})


def acts_on(ticket: Ticket) -> list[Batch]:
    """Return the acts that a ticket is or was in, the newest first."""
    own = BatchLine.objects.filter(ticket=ticket).order_by("-batch").values_list("batch", flat=True)
    numbers = {*own[:MOST_OF_A_TICKET], *batches_on_markets_of(ticket)}
    found = Batch.objects.filter(pk__in=numbers).order_by("-id")
    return list(found[:MOST_OF_A_TICKET])


def batches_on_markets_of(ticket: Ticket) -> list[int]:
    """Return the acts on a ticket's markets or events that stand."""
    markets = markets_of(ticket)
    if not any_acts_on(markets):
        return []
    facts = MarketFact.objects.filter(pk__in=standing_in(markets), batch__isnull=False)
    return [number for number in facts.values_list("batch", flat=True).distinct() if number]


def any_acts_on(markets: Iterable[int]) -> bool:
    """Whether one of our own said anything of these markets."""
    found = MarketFact.objects.filter(source="OPERATOR", market__in=markets)
    of_events = MarketFact.objects.filter(source="OPERATOR", event__markets__in=markets)
    return found.exists() or of_events.exists()


def markets_of(ticket: Ticket) -> list[int]:
    """Return the markets that a ticket bets on."""
    own = Selection.objects.filter(ticket=ticket).order_by("position")
    rows = own.values_list("outcome__market", "place_outcome__market")
    return sorted({market for pair in rows for market in pair if market})


def standing_acts_on(ticket: Ticket) -> set[int]:
    """Return the numbers of the acts whose word about a ticket still stands."""
    facts = reading.unlocked([ticket.pk]).ticket_facts.get(ticket.pk, [])
    own = {fact.batch for fact in standing(facts) if fact.kind != TicketFactKind.RETRACTION}
    return {number for number in (*own, *batches_on_markets_of(ticket)) if number}


def is_held_by_hand(ticket: Ticket) -> bool:
    """Whether an act on a ticket or its legs keeps its provider from being heard."""
    acts = acts_of(reading.unlocked([ticket.pk]).ticket_facts.get(ticket.pk, []))
    return acts.pin is not None or bool(acts.legs)


def batch(pk: str) -> Batch | None:
    """Return the act of a number in text."""
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    return Batch.objects.select_related("reverses").filter(pk=pk).first()


def lines_of(batch: Batch, *, after: int = 0, most: int, state: str = "") -> list[BatchLine]:
    """Return an act's tickets that come after a position."""
    found = batch.lines.filter(position__gt=after).select_related("ticket__currency")
    if state:
        found = found.filter(state=state)
    return list(found.order_by("position")[:most])


def steps_of(batch: Batch) -> list[Approval]:
    """Return what was said about an act that needed two people, the oldest first."""
    return list(batch.approvals.order_by("id"))


Moved = list[tuple[Unit, int]]


def moved_in_all(batch: Batch) -> Moved:
    """Return what an act moved, by currency."""
    return moved_in([batch.pk]).get(batch.pk, [])


def moved_by(batches: Iterable[Batch]) -> dict[int, Moved]:
    """Return what the acts of a list moved; those on many tickets are left out."""
    small = [one.pk for one in batches if one.total <= MOST_SUMMED]
    moved = moved_in(small)
    return {number: moved.get(number, []) for number in small}


def moved_in(numbers: Iterable[int]) -> dict[int, Moved]:
    """Return what acts moved, by act and currency."""
    units = wallet.units()
    rows = (
        BatchLine.objects.filter(batch__in=list(numbers), state=LineState.DONE)
        .values_list("batch", "ticket__currency")
        .annotate(moved=Sum("difference"))
        .order_by("batch", "ticket__currency")
    )
    found: dict[int, Moved] = {}
    for number, code, moved in rows:
        found.setdefault(number, []).append((units[code], int(moved)))
    return found


def waiting_acts() -> QuerySet[Batch]:
    """Return the acts that wait for another person, the oldest first."""
    return Batch.objects.filter(state=BatchState.WAITING).order_by("id")


def returned_acts(maker: str) -> QuerySet[Batch]:
    """Return somebody's acts that came back to him, the newest first."""
    return Batch.objects.filter(state=BatchState.RETURNED, maker=maker).order_by("-id")


def decisions() -> QuerySet[Approval]:
    """Return what was decided about acts of others, the newest first."""
    decided = Approval.objects.exclude(step=ApprovalStep.ASKED).select_related("batch")
    return decided.order_by("-id")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for people: `approvals` for somebody, `returned` came back to him."""

    reviews: int
    approvals: int
    returned: int
    running: int


def how_much_waits(maker: str) -> Waiting:
    """Count what waits for people."""
    return Waiting(
        reviews=Review.objects.filter(closed_at__isnull=True).count(),
        approvals=waiting_acts().exclude(maker=maker).count(),
        returned=returned_acts(maker).count(),
        running=Batch.objects.filter(state=BatchState.RUNNING).count(),
    )


def limits_in_force() -> set[int]:
    """Return the numbers of the limits that are in force: the newest of each role and currency."""
    newest = ActLimit.objects.values("role", "currency").annotate(newest=Max("id")).order_by()
    return {row["newest"] for row in newest}


def set_limit(*, role: str, currency: str | None, most: int, actor: str) -> ActLimit:
    """Set up to what a role acts alone; earlier limits are kept."""
    return ActLimit.objects.create(role=role, currency_id=currency, most=most, actor=actor)
