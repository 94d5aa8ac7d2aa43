"""What a package says, made from a few words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from feeds.lsports.sandbox.bodies import (
    FIXTURE,
    LIVESCORE,
    MARKET,
    OPEN,
    SETTLED,
    TAKEN_BACK,
    Bet,
    Event,
    Market,
    Message,
)
from feeds.lsports.sandbox.package import Package
from feeds.lsports.sandbox.vendor import Vendor

BOTH = "both"
Bets = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Told:
    """What was said: by which packages, when its bets were said to change, and the bytes."""

    packages: tuple[str, ...]
    updated: int
    bodies: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """What the first of the packages said."""
        return self.bodies[0]


def packages_of(vendor: Vendor, package: str) -> list[Package]:
    """Return one package, or both."""
    names = list(vendor.packages) if package == BOTH else [package]
    return [vendor.package(name) for name in names]


def say(vendor: Vendor, package: str, fixture: str, market: Market, *, at: int | None,
        kind: int | None = None) -> Told:  # fmt: skip
    """Say something of a market; what else is known of its bets is told with it."""
    found = packages_of(vendor, package)
    known = [one.shelf.held(fixture, kind or one.shelf.kind_of(fixture)) for one in found]
    later = max(vendor.now(), *(one.updated + 1 for one in known))
    moment = later if at is None else at
    bodies = []
    for one, held in zip(found, known, strict=True):
        bets = tuple(whole(held.bet(market.id, bet.id), bet, moment) for bet in market.bets or ())
        named = replace(market, bets=bets, name=market.name or held.names.get(market.id, ""))
        event = Event(fixture, (named,))
        bodies.append(one.say(Message(kind or held.kind, (event,), held.competition)))
    return Told(tuple(one.name for one in found), moment, tuple(bodies))


def whole(known: Bet, said: Bet, moment: int) -> Bet:
    """Return a bet as it was known, but for what is said of it now."""
    changes = {"status": said.status, "settlement": said.settlement, "wrong": said.wrong}
    described = {
        name: getattr(said, name)
        for name in ("name", "line", "base_line", "participant", "player")
        if getattr(said, name)
    }
    return replace(known, **changes, **described, updated=said.updated or moment)


def settle(vendor: Vendor, fixture: str, market: str | int, bets: Bets, *, package: str,
           at: int | None = None, kind: int | None = None) -> Told:  # fmt: skip
    """Say how bets of a market ended."""
    settled = tuple(Bet(str(bet), status=SETTLED, settlement=code) for bet, code in bets.items())
    return say(vendor, package, str(fixture), Market(str(market), bets=settled), at=at, kind=kind)


def take_back(vendor: Vendor, fixture: str, market: str | int, bets: Sequence[str], *,
              package: str, status: int = SETTLED, at: int | None = None,
              kind: int | None = None) -> Told:  # fmt: skip
    """Take the settlements of bets back."""
    undone = tuple(Bet(str(bet), status=status, settlement=TAKEN_BACK) for bet in bets)
    return say(vendor, package, str(fixture), Market(str(market), bets=undone), at=at, kind=kind)


def reopen(vendor: Vendor, fixture: str, market: str | int, bets: Sequence[str], *,
           package: str, status: int = OPEN, at: int | None = None,
           kind: int | None = None) -> Told:  # fmt: skip
    """Show bets as open, or suspended, whatever they were."""
    opened = tuple(Bet(str(bet), status=status) for bet in bets)
    return say(vendor, package, str(fixture), Market(str(market), bets=opened), at=at, kind=kind)


def offer(vendor: Vendor, fixture: str, markets: Sequence[Market], *, package: str,
          kind: int) -> None:  # fmt: skip
    """Know a fixture from now on, with its bets open, and follow it; nothing is said."""
    for one in packages_of(vendor, package):
        one.shelf.held(fixture, kind)
        dated = tuple(replace(market, bets=at_first(market, vendor.now())) for market in markets)
        one.shelf.take_in(Message(MARKET, (Event(fixture, dated),)), vendor.now())
        one.active[fixture] = None


def at_first(market: Market, now: int) -> tuple[Bet, ...]:
    """Return a market's bets as they are at first."""
    return tuple(replace(bet, updated=bet.updated or now) for bet in market.bets or ())


def status(vendor: Vendor, fixture: str, status: int, *, package: str,
           livescore: bool = False) -> Told:  # fmt: skip
    """Say how a fixture stands: finished (3), cancelled (4), abandoned (7) …"""
    found = packages_of(vendor, package)
    event = Event(str(fixture), None, status)
    message = Message(LIVESCORE if livescore else FIXTURE, (event,))
    bodies = tuple(one.say(message) for one in found)
    return Told(tuple(one.name for one in found), vendor.now(), bodies)


def publish(vendor: Vendor, body: bytes, *, package: str) -> Told:
    """Say something as it is; the snapshots know nothing of it."""
    found = packages_of(vendor, package)
    bodies = tuple(one.tell(body) for one in found)
    return Told(tuple(one.name for one in found), vendor.now(), bodies)


def forget(vendor: Vendor, fixture: str, *, package: str) -> None:
    """Follow a fixture no more, without a word."""
    for one in packages_of(vendor, package):
        one.active.pop(str(fixture), None)
