"""What LSports says of the benchmark's fixtures: ten markets of three bets a message, or more."""

from functools import lru_cache

from backoffice.bench.queued.stock import Offer
from backoffice.bench.queued.telling import Telling, Winners
from feeds.lsports.sandbox.bodies import LOST, SETTLED, SETTLEMENT, WON, Bet, Event, Market, Message
from feeds.lsports.sandbox.options import Layout
from feeds.lsports.sandbox.trees import body_of, market_of
from feeds.lsports.sandbox.writing import JSON, Header, guid_of, moment, written

SAID_AT = 1_780_344_000_000  # In June 2026: after all the tickets.
MARKETS, MANY_MARKETS = 10, 100
NAMES = {"110603421124605698": "1", "110603421224605698": "X", "110603421324605698": "2"}
PLAYER = "Pierre-Emerick Aubameyang (Olympique Lyon)"
LAYOUT = Layout()
NEVER = moment(0).encode()
OFFER = Offer(
    provider="LSPORTS",
    event="5%s",
    hot_event="49999999",
    markets=MARKETS,
    first_market=100,
    specifiers="",
    outcomes=tuple(NAMES),
)


def about(event: str, winners: Winners, number: int) -> bytes:
    """Return a message that says who won, by the markets' places."""
    return told(event, b",".join([market(place, winner) for place, winner in winners]), number)


def much_about(event: str, winners: Winners, number: int) -> bytes:
    """Return the same with the names of players."""
    return told(
        event, b",".join([market(place, winner, PLAYER) for place, winner in winners]), number
    )


def told(event: str, markets: bytes, number: int) -> bytes:
    """Return a message about markets, all of them changed when it is made."""
    made_at = SAID_AT + number
    header = Header(SETTLEMENT, guid_of(int(event) << 64 | number), made_at)
    body = body_of(Message(SETTLEMENT, (Event(event, ()),)), LAYOUT)
    empty = written(header, body, LAYOUT)
    return empty.replace(b"[]", b"[%s]" % markets).replace(NEVER, moment(made_at).encode())


@lru_cache(1000)
def market(place: int, winner: str, player: str | None = None) -> bytes:
    """Return how a market ended, as it stands in its message."""
    name = "Under/Over Including Overtime"
    bets = tuple([bet(place, ref, ref == winner, player) for ref in NAMES])
    return JSON.encode(market_of(Market(OFFER.market_ref(place), name, bets), LAYOUT))


def bet(place: int, ref: str, has_won: bool, player: str | None) -> Bet:
    """Return a bet that is settled."""
    return Bet(
        ref,
        NAMES[ref],
        SETTLED,
        WON if has_won else LOST,
        line=f"{place}.5",
        price="1.91",
        participant=52_325_600,
        player=player,
    )


TELLING = Telling(OFFER, about, MARKETS, stranger="6%s", story="70000001")
BIG = Telling(OFFER, much_about, MANY_MARKETS, stranger="6%s", story="70000001")
