"""Acts by hand in people's words: what was asked for, and where it stands."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from backoffice.words import whose, worded
from settlement.orders import LegAsked, MarketAsked, Order, TicketAsked
from settlement.vocabulary import ActKind, ActReason, called

TITLES = {
    ActKind.SETTLE: "Settle",
    ActKind.RESETTLE: "Resettle",
    ActKind.VOID: "Void",
    ActKind.REOPEN: "Open again",
    ActKind.CASH_OUT: "Cash out",
    ActKind.CANCEL: "Cancel the whole bet",
    ActKind.REJECT: "Reject the whole bet",
    ActKind.RELEASE: "Release to the provider",
    ActKind.ACCEPT_RESULT: "Accept the provider's result",
    ActKind.UNDO: "Take back",
    ActKind.ACCEPT: "Accept what is held back",
    ActKind.DISMISS: "Dismiss a review",
    ActKind.MARKET_SETTLE: "Settle a market",
    ActKind.MARKET_VOID: "Void a market or event",
    ActKind.MARKET_DEDUCT: "Rule 4 deduction",
    ActKind.MARKET_REOPEN: "Open a market or event again",
}
REASONS = {
    ActReason.PROVIDER_DOWN: "The provider is down",
    ActReason.PROVIDER_ERROR: "The provider is wrong",
    ActReason.WRONG_RESULT: "A wrong result of ours",
    ActReason.RULES: "Our rules say so",
    ActReason.CUSTOMER_CARE: "Customer care",
    ActReason.OTHER: "Another reason",
}
# What a state is called, its sign, and its colour.
BATCH_STATES = {
    "WAITING": ("Waits for another person", "◐", "warn"),
    "RUNNING": ("Running", "▶", "warn"),
    "DONE": ("Done", "✓", "good"),
    "REFUSED": ("Refused", "✗", "bad"),
    "RETURNED": ("Returned to its maker", "↩", "warn"),
}
LINE_STATES = {
    "WAITING": ("To do", "◐", "muted"),
    "DONE": ("Done", "✓", "good"),
    "SKIPPED": ("Left alone", "–", "warn"),
    "FAILED": ("Failed", "✗", "bad"),
}
MOST_TOLD = 8


def title_of(act: str) -> str:
    """Return what an act is called."""
    return TITLES[ActKind(act)]


def reason_of(reason: str) -> str:
    """Return a reason as people say it."""
    return REASONS[ActReason(reason)]


def state_in_words(status: str, result: str) -> str:
    """Return a ticket's status with its result."""
    return worded(status) if result == "NONE" else f"{worded(status)}: {worded(result).lower()}"


def order_in_words(order: Order) -> list[str]:
    """Return what an order asks for, a line each; the same said of many tickets stands once."""
    if order.market is not None:
        return market_in_words(order.market)
    if order.undoes is not None:
        return [f"Take back act {order.undoes}."]
    if order.reviews:
        return [f"Review {', '.join(map(str, order.reviews))}."]
    said: dict[str, list[str]] = {}
    for one in order.tickets:
        said.setdefault(ticket_in_words(one), []).append(one.bet_id)
    told = [f"{named(bet_ids)}{': ' if how else ''}{how}" for how, bet_ids in said.items()]
    more = [f"And {len(told) - MOST_TOLD:,} more."] if len(told) > MOST_TOLD else []
    return told[:MOST_TOLD] + more


def named(bet_ids: Sequence[str]) -> str:
    """Name a few tickets, or say how many there are."""
    if len(bet_ids) > 3:
        return f"{len(bet_ids):,} tickets"
    return ", ".join(bet_ids)


def ticket_in_words(asked: TicketAsked) -> str:
    """Return how one ticket shall end."""
    parts = [
        worded(asked.result).lower() if asked.result else "",
        f"pays {asked.payout} in all" if asked.payout is not None else "",
        *map(leg_in_words, asked.legs),
        f"{asked.stake or 'all that is left'} of the stake" if asked.amount is not None else "",
        f"paid {asked.amount}" if asked.amount is not None else "",
        f"as answered in look-up {asked.lookup}" if asked.lookup is not None else "",
    ]
    return "; ".join(filter(None, parts))


LEG_WORDS = {
    "result": "{}",
    "dead_heat": "dead heat {}",
    "place_result": "place {}",
    "place_dead_heat": "place dead heat {}",
    "rule4": "Rule 4 {} %",
    "starting_price": "starting price {}",
}


def leg_in_words(leg: LegAsked) -> str:
    """Return how one leg shall end."""
    given = msgspec.structs.asdict(leg)
    said = [
        words.format(worded(str(given[name])).lower())
        for name, words in LEG_WORDS.items()
        if given[name]
    ]
    return f"leg {leg.position} {', '.join(said)}".strip()


def market_in_words(asked: MarketAsked) -> list[str]:
    """Return which market shall end how."""
    market = f"Market {asked.market} {asked.specifiers}".strip() if asked.market else "All markets"
    told = [f"{market} of {whose(called(asked.provider))} event {asked.event}."]
    told += [
        f"Outcome {ref}: {worded(one.result).lower()}"
        f"{f', dead heat {one.dead_heat}' if one.dead_heat else ''}."
        for ref, one in asked.outcomes.items()
    ]
    if asked.percent:
        told.append(f"{asked.percent} % off.")
    if asked.accepted_from or asked.accepted_to:
        start, end = (
            f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "ever"
            for at in (asked.accepted_from, asked.accepted_to)
        )
        told.append(f"Bets accepted from {start} to {end}.")
    return told


def chooseable(words: Iterable[Any], names: Mapping[Any, str] | None = None) -> list[Any]:
    """Return an enum's words as a form's choices, with none chosen at first."""
    titles = names or {}
    return [("", "Choose…"), *((str(one), titles.get(one) or worded(one)) for one in words)]
