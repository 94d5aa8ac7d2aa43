"""What an order is about: which tickets and markets, found in the books."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from settlement import selectors
from settlement.acts import market_sayings
from settlement.acts.market_sayings import MarketSaying
from settlement.models import Batch, Review
from settlement.orders import BadOrder, Order, TicketAsked
from settlement.plans import By
from settlement.vocabulary import DISMISSABLE, HOLDING, ActKind


@dataclass(slots=True)
class Work:
    """An order with all that it needs to be looked at: which tickets, and what is said of each."""

    order: Order
    by: By
    asked: Mapping[int, TicketAsked] = field(default_factory=dict)
    ids: Sequence[int] = ()
    unknown: Sequence[str] = ()
    markets: Sequence[MarketSaying] = ()
    undone: Batch | None = None

    @property
    def is_on_markets(self) -> bool:
        """Whether what is said is said of markets, and tickets follow."""
        return bool(self.markets)


def work_of(order: Order, by: By) -> Work:
    """Find what an order is about."""
    if order.is_on_a_market:
        said = [market_sayings.market_saying(order)]
        return Work(order, by, ids=tickets_reached(said), markets=said)
    if order.undoes is not None:
        return work_of_undoing(order, by)
    if order.reviews:
        return Work(order, by, ids=tickets_of_reviews(order))
    found = selectors.tickets_by_bet_id([one.bet_id for one in order.tickets])
    asked = {found[one.bet_id].id: one for one in order.tickets if one.bet_id in found}
    unknown = [one.bet_id for one in order.tickets if one.bet_id not in found]
    return Work(order, by, asked=asked, ids=list(asked), unknown=unknown)


def tickets_reached(said: Iterable[MarketSaying]) -> list[int]:
    """Return the tickets on the markets that something is said of."""
    return market_sayings.tickets_on({market for one in said for market in one.reaches})


def work_of_undoing(order: Order, by: By) -> Work:
    """Find what an act did that is to be taken back."""
    undone = Batch.objects.filter(pk=order.undoes or 0).first()
    if undone is None:
        raise BadOrder(f"There is no act {order.undoes}.", "undoes")
    if undone.act in NOT_TAKEN_BACK:
        raise BadOrder(NOT_TAKEN_BACK[ActKind(undone.act)], "undoes")
    if undone.state in ("WAITING", "REFUSED", "RETURNED"):
        raise BadOrder(f"Act {undone.pk} was never done: there is nothing to take back.", "undoes")
    if undone.state == "RUNNING":
        raise BadOrder(f"Act {undone.pk} is not finished: wait until it is.", "undoes")
    if undone.act.startswith("MARKET_"):
        said = market_sayings.retractions(undone.pk)
        if not said:
            raise BadOrder(f"Act {undone.pk} was taken back already.", "undoes")
        return Work(order, by, ids=tickets_reached(said), markets=said, undone=undone)
    done = undone.lines.filter(state="DONE").order_by("position")
    ids = [number for number in done.values_list("ticket_id", flat=True) if number is not None]
    if not ids:
        raise BadOrder(f"Act {undone.pk} changed nothing: there is nothing to take back.", "undoes")
    return Work(order, by, ids=ids, undone=undone)


NOT_TAKEN_BACK = {
    ActKind.UNDO: "What was taken back stays taken back: act anew.",
    ActKind.ACCEPT: "What was accepted is not taken back: resettle the ticket instead.",
    ActKind.DISMISS: "A review that was dismissed stays so: act on the ticket instead.",
}


def tickets_of_reviews(order: Order) -> list[int]:
    """Return the tickets whose held state an order accepts; refuse reviews that it can't decide."""
    found = {one.pk: one for one in Review.objects.filter(pk__in=order.reviews)}
    for number in order.reviews:
        refuse_review(order.act, number, found.get(number))
    if order.act == ActKind.DISMISS:
        return []
    return list(dict.fromkeys(one.ticket_id for one in found.values() if one.ticket_id))


def refuse_review(act: ActKind, number: int, review: Review | None) -> None:
    """Refuse to decide a review that is not there, closed, or of another kind."""
    if review is None:
        raise BadOrder(f"There is no review {number}.", "reviews")
    if review.closed_at is not None:
        closed_by = review.closed_by.removeprefix("user:")
        raise BadOrder(f"Review {number} is closed already, by {closed_by}.", "reviews")
    if act == ActKind.ACCEPT and review.kind not in HOLDING:
        raise BadOrder(
            f"Review {number} holds nothing back that could be accepted: act on the ticket, "
            "or dismiss it.",
            "reviews",
        )
    if act == ActKind.DISMISS and review.kind not in DISMISSABLE:
        raise BadOrder(
            f"Review {number} can't be dismissed: it closes by itself once its ticket is decided.",
            "reviews",
        )
