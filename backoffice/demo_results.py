"""The demo's day: how Odds88's bets ended, told in its own messages, through the real inbox."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import msgspec
from msgspec.structs import replace

from feeds import inbox
from feeds.models import FeedMessage
from settlement import bets, selectors
from settlement.models import Selection, Ticket
from settlement.parts import PartOfBet, legs_of
from settlement.rules.exact import NeedsDecision
from settlement.rules.legs import HALF_LOST, HALF_WON, LOST, VOID, WON, Factors
from settlement.rules.payout import settle
from settlement.vocabulary import NOT_COMPUTED
from wallet.money import text

FEED = "odds88"
AT_ONCE = 40  # As they come in a busy minute: a correction finds its bet settled.
CODES = {id(WON): 1, id(LOST): 2, id(VOID): 3, id(HALF_WON): 4, id(HALF_LOST): 5}
ENDS = [WON] * 9 + [LOST] * 9 + [VOID] + [HALF_WON, HALF_LOST]
WIN, LOSE, REFUND = 1, 2, 3
BROKEN = b'{"pingId": null, "data": {"betId": "DEMO-T-00001", "betSettlement": 1, "payout":'
Json = dict[str, Any]


def add_results() -> int:
    """Let Odds88 settle most of its bets; return how many messages that took, 0 when there."""
    if FeedMessage.objects.exists():
        return 0
    chance = random.Random(33)  # noqa: S311 - the same demo for everybody
    said = sorted(messages(chance), key=lambda one: one["settlementTime"])
    bodies = [wrapped(one) for one in said] + [BROKEN]
    for start in range(0, len(bodies), AT_ONCE):
        received = inbox.receive(feed=FEED, bodies=bodies[start : start + AT_ONCE])
        inbox.process(message_ids=received.ids)
    inbox.drain()
    return len(bodies)


def messages(chance: random.Random) -> Iterator[Json]:
    """Yield a day of the feed: results, repeats, corrections, and a bet that nobody knows."""
    over = datetime.now(UTC) - timedelta(hours=8)
    tickets = Ticket.objects.filter(provider="ODDS88", placed_at__lt=over)
    for number, ticket in enumerate(tickets.select_related("currency").order_by("placed_at")):
        if number % 12 == 11:
            continue  # It waits for its result.
        said = result(ticket, chance)
        yield said
        if number % 20 == 7:
            yield said
        if number % 25 == 3:
            yield result(ticket, chance, later=1)
        if number % 90 == 40:
            yield said | {"settlementTime": at(ticket, 2), "betSettlement": 0}
        if number % 120 == 60:
            yield said | {"settlementTime": at(ticket, 3), "payout": said["payout"] + 7}
    if tickets:
        yield said | {"betId": "DEMO-T-99999"}


def result(ticket: Ticket, chance: random.Random, *, later: int = 0) -> Json:
    """Return a message that settles a ticket: its legs by chance, its money by the rules."""
    selections = selectors.selections_of(ticket.pk)
    ends = [chance.choice(ENDS) for _ in selections]
    multiplier = multiplier_of(ticket, selections, ends, chance)
    said = json_of(
        ticket.bet_id, ticket.currency_id, ticket.stake, ticket.currency.precision,
        at(ticket, later), float(multiplier),
    )  # fmt: skip
    said["selections"] = [
        selection(one, end, at(ticket, later), later)
        for one, end in zip(selections, ends, strict=True)
    ]
    said["isCancelled"] = multiplier == 1 and chance.random() < 0.2
    if said["isCancelled"]:
        said["betSettlement"] = REFUND
    return said


def multiplier_of(
    ticket: Ticket,
    selections: Sequence[Selection],
    ends: Sequence[Factors],
    chance: random.Random,
) -> Fraction:
    """Return what a unit of the stake pays back; of a bet that is not computed, something."""
    rules = selectors.rules_of(ticket)
    if ticket.kind in NOT_COMPUTED:
        return Fraction(chance.choice([0, 0, 0, 12, 45]))
    parts = [ended(one, end) for one, end in zip(selections, ends, strict=True)]
    bet = replace(bets.bet_of(ticket, selections, rules), legs=legs_of(parts, rules))
    try:
        returns = settle(bet, rules).returns
    except NeedsDecision:
        returns = None
    return Fraction(0) if returns is None else returns / bet.stake


def ended(selection: Selection, end: Factors) -> PartOfBet:
    """Return a selection as it ended; one at its starting price ran at 4.50."""
    place = LOST if end in (LOST, HALF_LOST, HALF_WON) else end
    part = bets.part_of(selection)
    start = Fraction(9, 2) if part.price is None else None
    return replace(part, win=end, place=place, starting_price=start)


def json_of(
    bet_id: str, currency: str, stake: int, precision: int, at: str, multiplier: float
) -> Json:
    """Return a message's body."""
    payout = float(text(stake, precision)) * multiplier
    return {
        "betId": bet_id,
        "betSettlement": REFUND if multiplier == 1 else WIN if multiplier else LOSE,
        "payoutMultiplier": multiplier,
        "payout": round(payout, precision),
        "settlementTime": at,
        "amount": {"currency": currency, "value": stake, "precision": precision},
        "selections": [],
    }


def selection(one: Selection, end: Factors, at: str, version: int) -> Json:
    """Return a bet item."""
    market = one.outcome.market
    return {
        "event": {"id": market.event.ref, "name": market.event.name},
        "market": {"id": market.ref, "name": market.name},
        "selectionId": one.outcome.ref,
        "settlement": {
            "settlementResult": CODES[id(end)],
            "settlementTime": at,
            "settlementVersion": version + 1,
        },
    }


def at(ticket: Ticket, later: int) -> str:
    """Return a settlement's time, to the seventh place."""
    moment = ticket.placed_at + timedelta(hours=3 + later, microseconds=123456)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}7Z"


def wrapped(said: Json) -> bytes:
    """Return a body in the feed's envelope."""
    return msgspec.json.encode({"pingId": None, "data": said})
