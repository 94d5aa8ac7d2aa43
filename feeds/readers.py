"""Which provider a feed's messages come from, and who reads them."""

from collections.abc import Callable, Container, Mapping

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
}
EVENTS: dict[Source, Callable[[bytes], str]] = {Source.SPORTRADAR: glance.event_in}
LEAVES_OUT: dict[Source, Callable[[bytes, Container[str]], bool]] = {
    Source.SPORTRADAR: glance.leaves_out
}
ALL_MATTER: Known = {}
LIVENESS = frozenset({"ping", *sportradar.LIVENESS})


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


def event_of(feed: str, raw: bytes) -> str:
    """Return the event that a message seems to be about; nothing when one look does not tell."""
    look = EVENTS.get(provider_of(feed))
    return look(raw) if look else ""


def leaves_out(feed: str, raw: bytes, known: Known) -> bool:
    """Whether a message that can be read surely says nothing of what somebody has bet on."""
    look, markets = LEAVES_OUT.get(provider_of(feed)), known.get(event_of(feed, raw))
    return look is not None and markets is not None and look(raw, markets)


def is_liveness(feed: str, raw: bytes) -> bool:
    """Whether a message only says that the feed lives: such a one is not stored."""
    try:
        return read(feed, raw).ignored in LIVENESS
    except Unreadable:
        return False
