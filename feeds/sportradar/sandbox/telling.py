"""What a producer says, made from a few words."""

from collections.abc import Iterable, Mapping, Sequence

from feeds.sportradar.sandbox import bodies
from feeds.sportradar.sandbox.bodies import Market, Outcome
from feeds.sportradar.sandbox.producer import Entry as Told
from feeds.sportradar.sandbox.vendor import Vendor

__all__ = ["Told", "cancel", "markets_of", "publish", "rollback", "rollback_cancel", "settle"]

Markets = Market | Sequence[Market] | str | int
Outcomes = Mapping[str, str | int] | Iterable[Outcome] | Iterable[str]


def markets_of(
    given: Markets, outcomes: Outcomes = (), specifiers: str | None = None
) -> tuple[Market, ...]:
    """Return markets: whole ones as they are, or the one whose number is given."""
    if isinstance(given, Market):
        return (given,)
    if isinstance(given, str | int):
        return (Market(str(given), specifiers=specifiers, outcomes=outcomes_of(outcomes)),)
    return tuple(given)


def outcomes_of(given: Outcomes) -> tuple[Outcome, ...]:
    """Return outcomes: by their ids and results, by their ids alone, or as they are."""
    if isinstance(given, Mapping):
        return tuple(Outcome(str(one), str(result)) for one, result in given.items())
    return tuple(one if isinstance(one, Outcome) else Outcome(one) for one in given)


def settle(
    vendor: Vendor,
    event: str,
    markets: Sequence[Market],
    *,
    product: int,
    certainty: int | None,
    timestamp: int | None = None,
) -> Told:
    """Say how markets ended."""
    return vendor.producer(product).say(
        lambda now: bodies.settlement(
            product=product, event=event, timestamp=now, markets=markets, certainty=certainty
        ),
        timestamp=timestamp,
    )


def rollback(
    vendor: Vendor,
    event: str,
    markets: Sequence[Market],
    *,
    product: int,
    timestamp: int | None = None,
) -> Told:
    """Take settlements back."""
    return vendor.producer(product).say(
        lambda now: bodies.rollback(product=product, event=event, timestamp=now, markets=markets),
        timestamp=timestamp,
    )


def cancel(
    vendor: Vendor,
    event: str,
    markets: Sequence[Market],
    *,
    product: int,
    start: int | None = None,
    end: int | None = None,
    superceded_by: str | None = None,
    timestamp: int | None = None,
) -> Told:
    """Cancel the bets of a time, or all."""
    return vendor.producer(product).say(
        lambda now: bodies.cancel(
            product=product, event=event, timestamp=now, markets=markets, start=start, end=end,
            superceded_by=superceded_by,
        ),
        timestamp=timestamp,
    )  # fmt: skip


def rollback_cancel(
    vendor: Vendor,
    event: str,
    markets: Sequence[Market],
    *,
    product: int,
    start: int | None = None,
    end: int | None = None,
    timestamp: int | None = None,
) -> Told:
    """Take the cancel of a time back, or all."""
    return vendor.producer(product).say(
        lambda now: bodies.rollback_cancel(
            product=product, event=event, timestamp=now, markets=markets, start=start, end=end
        ),
        timestamp=timestamp,
    )


def publish(
    vendor: Vendor, body: bytes, *, product: int, sport: str = "1", key: str | None = None
) -> Told:
    """Say something as it is."""
    return vendor.producer(product).say(lambda now: body, sport=sport, key=key)
