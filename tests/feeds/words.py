"""Messages in a few words: Odds88's in its own format, a market's in one that only tests speak.

`speak` lets the inbox read the latter under Sportradar's name.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from feeds import readers
from settlement.said import (
    TICKS_A_SECOND,
    MarketContent,
    MarketSaid,
    OutcomeSaid,
    Told,
    Unreadable,
    moment_of,
    ticks_of,
)
from settlement.vocabulary import MarketFactKind, Source
from tests.settlement.fold.facts_of import ENDED

FEED = "sportradar-test"
SECOND = TICKS_A_SECOND
START = ticks_of(moment_of(0).replace(year=2026, month=11, day=20, hour=12))
CODES = {"open": 0, "won": 1, "lost": 2, "void": 3}
MULTIPLIERS = {"open": "0", "won": "2.5", "lost": "0", "void": "1"}


class Message(msgspec.Struct, frozen=True):
    """What a message of the test's feed holds."""

    event: str
    facts: tuple[MarketSaid, ...]


DECODER = msgspec.json.Decoder(Message)
ENCODER = msgspec.json.Encoder(decimal_format="number")


def read(raw: bytes, known: readers.Known = readers.ALL_MATTER) -> Told:
    """Return what a message says."""
    try:
        message = DECODER.decode(raw)
    except msgspec.DecodeError as error:
        raise Unreadable(str(error)) from None
    ticks = max((said.ticks for said in message.facts), default=0)
    return Told(subjects=(message.event,), markets=message.facts, ticks=ticks)


def speak() -> None:
    """Let the inbox read the test's feed, until the end of the test."""
    readers.READERS[Source.SPORTRADAR] = read


def message(*facts: MarketSaid) -> bytes:
    """Return a message about the event of its facts."""
    return msgspec.json.encode(Message(facts[0].event, facts))


def settled(
    event: str,
    *,
    market: str = "1",
    specifiers: str = "",
    at: int = 0,
    certainty: int = 1,
    **ended: str,
) -> MarketSaid:
    """Return how outcomes of a market ended, each by its word."""
    outcomes = {ref: OutcomeSaid(ENDED[word]) for ref, word in ended.items()}
    content = MarketContent(outcomes=outcomes)
    return fact(event, content, market=market, specifiers=specifiers, at=at, certainty=certainty)


def fact(
    event: str,
    content: MarketContent,
    *,
    kind: MarketFactKind = MarketFactKind.SETTLEMENT,
    market: str = "1",
    specifiers: str = "",
    at: int = 0,
    certainty: int = 1,
) -> MarketSaid:
    """Return what is said of a market, so many seconds after the tests' noon."""
    ticks = START + at * SECOND
    return MarketSaid(Source.SPORTRADAR, event, market, specifiers, kind, ticks, certainty, content)


def odds88(
    bet_ref: str,
    word: str = "won",
    *,
    at: int = 0,
    stake: int = 1000,
    multiplier: str = "",
    legs: Mapping[str, str] | None = None,
    version: int = 1,
) -> bytes:
    """Return how Odds88 says that a bet ended; a winner of 10.00 EUR gets 25.00.

    `legs` are the words of its outcomes.
    """
    paid = Decimal(multiplier or MULTIPLIERS[word])
    said = {
        "betId": bet_ref,
        "betSettlement": CODES[word],
        "payoutMultiplier": paid,
        "payout": (paid * stake / 100).quantize(Decimal("0.01"), ROUND_HALF_UP),
        "settlementTime": moment_of(START + at * SECOND).isoformat(),
        "amount": {"currency": "EUR", "value": stake, "precision": 2},
        "selections": [
            {
                "selectionId": ref,
                "settlement": {"settlementResult": CODES[ended], "settlementVersion": version},
            }
            for ref, ended in (legs or {"X": word}).items()
        ],
    }
    return ENCODER.encode(said)
