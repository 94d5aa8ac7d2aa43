"""Which provider a feed's messages come from, and who reads them."""

from collections.abc import Callable

from feeds.odds88 import translate as odds88
from feeds.sportradar import translate as sportradar
from settlement.said import Told, Unreadable
from settlement.vocabulary import Source

Reader = Callable[[bytes], Told]
READERS: dict[Source, Reader] = {Source.ODDS88: odds88.read, Source.SPORTRADAR: sportradar.read}
REPLAY = "-replay"
LIVENESS = frozenset({"ping", *sportradar.LIVENESS})


def provider_of(feed: str) -> Source:
    """Return the provider of a feed: lsports-inplay and lsports-replay are both LSports'."""
    return Source(feed.partition("-")[0].upper())


def read(feed: str, raw: bytes) -> Told:
    """Return what a message says; raise `Unreadable` when it can't be read."""
    try:
        return READERS[provider_of(feed)](raw)
    except KeyError:
        raise Unreadable(f"Nobody here reads the messages of {feed}.") from None


def is_liveness(feed: str, raw: bytes) -> bool:
    """Whether a message only says that the feed lives: such a one is not stored."""
    try:
        return read(feed, raw).ignored in LIVENESS
    except Unreadable:
        return False
