"""The feeds that this installation receives, as its settings say."""

from collections.abc import Callable

from django.conf import settings

from feeds import gaps
from feeds.connections import Source
from feeds.odds88.client import paths, tokens
from feeds.odds88.feed import Odds88Feed, Settings
from feeds.odds88.windows import Windows
from feeds.sportradar import feed as uof
from feeds.sportradar.windows import Windows as UofWindows

NEEDS = {"odds88": "ODDS88_FEED_URL", "sportradar": "UOF_AMQP_URL"}


def odds88() -> Source:
    """Return Odds88's settlement feed."""
    return Odds88Feed(
        Settings(
            feed_address(settings.ODDS88_FEED_URL, paths()["feed"]),
            Windows().divided(settings.ODDS88_DIVIDE_TIMES_BY),
            settings.ODDS88_ECHO_PINGS,
        ),
        tokens,
        on_gap=gaps.cover,
    )


def feed_address(url: str, path: str) -> str:
    """Return the feed's whole address: a bare host gets the path that Odds88 documents."""
    return url if url.split("://", 1)[-1].rstrip("/").count("/") else url.rstrip("/") + path


def sportradar() -> Source:
    """Return Sportradar's Unified Odds Feed."""
    return uof.SportradarFeed(
        uof.Settings(
            amqp_url=settings.UOF_AMQP_URL,
            api_url=settings.UOF_API_URL,
            token=settings.UOF_TOKEN,
            windows=UofWindows().divided(settings.UOF_DIVIDE_TIMES_BY),
            node=settings.UOF_NODE_ID,
            per_producer=settings.UOF_LIMITS_PER_PRODUCER,
        )
    )


SOURCES: dict[str, Callable[[], Source]] = {"odds88": odds88, "sportradar": sportradar}


def configured() -> list[str]:
    """Return the feeds whose address is given."""
    return [feed for feed, name in NEEDS.items() if getattr(settings, name)]
