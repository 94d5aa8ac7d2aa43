"""What is wrong with how Odds88 is set up here, a sentence for each."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from feeds.odds88.client import NEEDED
from feeds.odds88.http import is_loopback

OPEN = {"http": "https", "ws": "wss"}
SECURE = frozenset(OPEN.values())
FEED, API = "ODDS88_FEED_URL", "ODDS88_API_URL"


def complaints() -> Iterator[str]:
    """Yield what keeps Odds88's feed from being received, or from being safe."""
    if not settings.ODDS88_FEED_URL:
        return
    for name in NEEDED:
        if not getattr(settings, name):
            yield f"{name} is missing: without it there is no token for the feed."
    yield from of_address(FEED, settings.ODDS88_FEED_URL, {*OPEN, *SECURE})
    if settings.ODDS88_API_URL:
        yield from of_address(API, settings.ODDS88_API_URL, {"http", "https"})
    if settings.ODDS88_DIVIDE_TIMES_BY != 1 and not settings.DEBUG:
        yield (
            "ODDS88_DIVIDE_TIMES_BY is not 1: Odds88's limits would be broken. It is for a "
            "sandbox alone."
        )


def of_address(name: str, url: str, known: set[str]) -> Iterator[str]:
    """Yield what is wrong with an address."""
    parts = urlsplit(url)
    if parts.scheme not in known:
        yield f"{name} begins with none of {', '.join(f'{one}://' for one in sorted(known))}."
    elif not parts.hostname:
        yield f"{name} names no host."
    elif parts.scheme in OPEN and not is_loopback(url):
        yield (
            f"{name} is not encrypted: our token would be readable on the way to "
            f"{parts.hostname}. Use {OPEN[parts.scheme]}://."
        )
