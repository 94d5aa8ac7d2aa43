"""Which provider a feed's messages come from, and who reads them."""

from collections.abc import Callable, Container, Iterable, Mapping
from functools import lru_cache

from django.conf import settings

from feeds.lsports import translate as lsports
from feeds.lsports.glance import fixtures_in
from feeds.odds88 import translate as odds88
from feeds.sportradar import glance
from feeds.sportradar import translate as sportradar
from settlement.said import Told, Unreadable
from settlement.vocabulary import Source

# Of these events only markets with these ids matter.
Known = Mapping[str, Container[str]]
Reader = Callable[[bytes, Known], Told]
READERS: dict[Source, Reader] = {
    Source.ODDS88: lambda raw, known: odds88.read(raw),
    Source.SPORTRADAR: sportradar.read,
    Source.LSPORTS: lambda raw, known: lsports.read(
        raw, known, providers=settings.LSPORTS_READ_PROVIDER_MARKETS
    ),
}
EVENTS: dict[Source, Callable[[bytes], Iterable[str]]] = {
    Source.SPORTRADAR: lambda raw: filter(None, [glance.event_in(raw)]),
    Source.LSPORTS: fixtures_in,
}
LEAVES_OUT: dict[Source, Callable[[bytes, Container[str]], bool]] = {
    Source.SPORTRADAR: glance.leaves_out
}
ALL_MATTER: Known = {}
LIVENESS = frozenset({"ping", *sportradar.LIVENESS, *lsports.LIVENESS})


@lru_cache(64)
def provider_of(feed: str) -> Source:
    """Return the provider of a feed: lsports-inplay and lsports-replay are both LSports'."""
    return Source(feed.partition("-")[0].upper())


def read(feed: str, raw: bytes, known: Known = ALL_MATTER) -> Told:
    """Return what a message says; raise `Unreadable` when it can't be read.

    Of an event that is `known` it leaves out the markets that nobody has bet on.
    """
    try:
        reader = READERS[provider_of(feed)]
    except KeyError:
        raise Unreadable(f"Nobody here reads the messages of {feed}.") from None
    return reader(raw, known)


def events_of(feed: str, raw: bytes) -> frozenset[str]:
    """Return the events that a message seems to be about, as far as one look tells."""
    look = EVENTS.get(provider_of(feed))
    return frozenset(look(raw)) if look else frozenset()


def leaves_out(feed: str, raw: bytes, known: Known) -> bool:
    """Whether a message that can be read surely says nothing of what somebody has bet on."""
    look, events = LEAVES_OUT.get(provider_of(feed)), events_of(feed, raw)
    if not events:
        return False
    if look is None:
        return says_nothing(feed, raw, known)
    markets = [known.get(event) for event in events]
    return all(some is not None and look(raw, some) for some in markets)


def says_nothing(feed: str, raw: bytes, known: Known) -> bool:
    """Whether a message that is read says nothing that is written down or asked about."""
    try:
        told = read(feed, raw, known)
    except Unreadable:
        return False
    return not (told.tickets or told.markets or told.reviews)


def is_liveness(feed: str, raw: bytes) -> bool:
    """Whether a message only says that the feed lives: such a one is not stored."""
    try:
        return read(feed, raw).ignored in LIVENESS
    except Unreadable:
        return False
