"""What Sportradar says of the benchmark's events: fifty markets of two outcomes a message."""

from backoffice.bench.queued.stock import Offer
from backoffice.bench.queued.telling import Telling, Winners
from feeds.sportradar.sandbox import bodies
from feeds.sportradar.sandbox.bodies import Market, Outcome

SAID_AT = 1_780_344_000_000  # In June 2026: after all the tickets.
PRODUCT, CONFIRMED = 1, 2
OVER, UNDER = "12", "13"
OFFER = Offer(
    provider="SPORTRADAR",
    event="sr:match:5%s",
    hot_event="sr:match:49999999",
    markets=50,
    first_market=100,
    specifiers="hcp=0:1|total=%s.5",
    outcomes=(OVER, UNDER),
)


def about(event: str, winners: Winners, number: int) -> bytes:
    """Return a message that says who won, by the markets' places."""
    markets = [market(place, winner) for place, winner in winners]
    return bodies.settlement(
        product=PRODUCT,
        event=event,
        timestamp=SAID_AT + number,
        markets=markets,
        certainty=CONFIRMED,
    )


def market(place: int, winner: str) -> Market:
    """Return how a market ended."""
    outcomes = tuple(
        Outcome(ref, str(int(ref == winner)), void_factor="0.0") for ref in (OVER, UNDER)
    )
    return Market(OFFER.market_ref(place), OFFER.specifiers_at(place), outcomes)


TELLING = Telling(OFFER, about, OFFER.markets, stranger="sr:match:6%s", story="sr:match:70000001")
