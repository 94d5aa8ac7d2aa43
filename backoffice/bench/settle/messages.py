"""Messages of Odds88's settlement feed about bets: drawn from a seed, the same for every side."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from backoffice.bench.settle.bets import LOST, Bet, End, Leg, minor_units, odds
from settlement.vocabulary import TicketResult, TicketStatus

ONE_IN = 20  # How often an exact repeat comes, and how often an older result.
SETTLED_AT = datetime(2026, 6, 1, 20, tzinfo=UTC)
EARLIER = timedelta(hours=1)
WIN, LOSE, REFUND, HALF_WIN = 1, 2, 3, 4
CODES = (WIN,) * 9 + (LOSE,) * 9 + (REFUND, HALF_WIN)
WORDS = {
    WIN: TicketResult.WIN,
    REFUND: TicketResult.REFUND,
    HALF_WIN: TicketResult.HALF_WIN,
}
ENCODER = msgspec.json.Encoder(decimal_format="number")


class Sent(NamedTuple):
    """What comes over the feed about some bets, and what they must come to."""

    bodies: list[bytes]
    ends: list[tuple[Bet, End]]


def sent(bets: Sequence[Bet], round_number: int) -> Sent:
    """Return a message for each bet; after every twentieth, a repeat and an older result.

    Both are about bets that were settled before: they change nothing.
    """
    drawn = random.Random(round_number)  # noqa: S311 - nobody gains by guessing these
    codes = [code_for(bet, drawn) for bet in bets]
    return Sent(
        list(in_their_order(bets, codes, random.Random(f"repeats {round_number}"))),  # noqa: S311
        [(bet, end_by(bet, code)) for bet, code in zip(bets, codes, strict=True)],
    )


def in_their_order(
    bets: Sequence[Bet], codes: Sequence[int], drawn: random.Random
) -> Iterator[bytes]:
    """Yield the messages as they come."""
    fresh: list[bytes] = []
    for number, (bet, code) in enumerate(zip(bets, codes, strict=True)):
        at = SETTLED_AT + timedelta(milliseconds=number)
        fresh.append(message(bet, code, at))
        yield fresh[-1]
        if (number + 1) % ONE_IN == 0:
            yield fresh[drawn.randrange(number)]
            older = drawn.randrange(number)
            yield message(bets[older], WIN if codes[older] == LOSE else LOSE, at - EARLIER)


def code_for(bet: Bet, drawn: random.Random) -> int:
    """Draw how a bet ends; only a single can win by half."""
    code = drawn.choice(CODES)
    return WIN if code == HALF_WIN and len(bet.legs) > 1 else code


def multiplier(bet: Bet, code: int) -> Decimal:
    """Return what one unit staked pays back."""
    if code == HALF_WIN:
        return (odds(bet) + 1) / 2
    return {WIN: odds(bet), REFUND: Decimal(1)}.get(code, Decimal(0))


def end_by(bet: Bet, code: int) -> End:
    """Return what a bet comes to by this result."""
    if code == LOSE:
        return LOST
    return End(TicketStatus.SETTLED, WORDS[code], minor_units(bet.stake * multiplier(bet, code)))


def message(bet: Bet, code: int, at: datetime) -> bytes:
    """Return a message as it stands in the provider's description."""
    end, time = end_by(bet, code), f"{at:%Y-%m-%dT%H:%M:%S.%f}3Z"
    return ENCODER.encode(
        {
            "pingId": None,
            "data": {
                "betId": f"{bet.player}:{bet.bet_id}",
                "betSettlement": code,
                "payoutMultiplier": multiplier(bet, code),
                "isCancelled": False,
                "selections": [
                    selection(leg, WIN if code == LOSE and place else code, time)
                    for place, leg in enumerate(bet.legs)
                ],
                "isRejected": False,
                "settlementTime": time,
                "payout": Decimal(end.payout).scaleb(-2),
                "partialRefund": 0,
                "amount": {
                    "currency": "EUR",
                    "value": bet.stake,
                    "precision": 2,
                    "placementExchangeRate": 1,
                    "settlementExchangeRate": 1,
                },
            },
        }
    )


def selection(leg: Leg, code: int, time: str) -> dict[str, Any]:
    """Return how one leg ended."""
    return {
        "event": {
            "id": int(leg.event),
            "name": f"Home {leg.event} - Away {leg.event}",
            "isLive": False,
            "startTime": "2026-06-01T18:00:00Z",
        },
        "market": {"id": int(leg.market), "type": 1, "name": "Match result", "properties": {}},
        "selectionId": int(leg.outcome),
        "competitionId": 1204,
        "countryId": 44,
        "sportId": 1,
        "settlement": {"settlementResult": code, "settlementTime": time, "settlementVersion": 1},
        "price": leg.price,
        "eachWayPrice": None,
        "limitsRatingId": None,
        "limitsFactor": 1,
        "hasLineDeviation": False,
        "isOutright": False,
        "version": 1,
        "deadHeatFactor": None,
        "placeDeadHeatFactor": None,
        "parameters": {},
        "manualPrice": None,
        "alternativePrice": None,
        "type": 1,
        "betBuilderItems": None,
    }
