"""The feeds that this installation receives, as its settings say."""

from collections.abc import Callable
from functools import partial

from django.conf import settings

from feeds import applying, gaps
from feeds.connections import Source
from feeds.lsports.api import Account
from feeds.lsports.feed import LsportsFeed
from feeds.lsports.feed import Settings as LsportsSettings
from feeds.lsports.windows import Windows as LsportsWindows
from feeds.odds88.client import paths, tokens
from feeds.odds88.feed import Odds88Feed, Settings
from feeds.odds88.windows import Windows
from feeds.sportradar import feed as uof
from feeds.sportradar.windows import Windows as UofWindows

NEEDS = {"odds88": "ODDS88_FEED_URL", "sportradar": "UOF_AMQP_URL"}
PACKAGES = {"lsports-inplay": "INPLAY", "lsports-prematch": "PREMATCH"}
PLACES = {"INPLAY": "InPlay", "PREMATCH": "PreMatch"}


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


def lsports(feed: str) -> Source:
    """Return a package of LSports TRADE."""
    name = PACKAGES[feed]
    others = [one for one in PLACES if one != name and settings.LSPORTS[one].get("SNAPSHOT_URL")]
    given = settings.LSPORTS[name]
    return LsportsFeed(
        feed,
        LsportsSettings(
            account=lsports_account(name),
            amqp_url=given["AMQP_URL"],
            queue=given["QUEUE"],
            windows=LsportsWindows().divided(settings.LSPORTS_DIVIDE_TIMES_BY),
            others=tuple(lsports_account(one) for one in others),
        ),
        applying.apply,
    )


def lsports_account(name: str) -> Account:
    """Return who we are at LSports in a package."""
    given = settings.LSPORTS[name]
    return Account(
        name=name,
        place=PLACES[name],
        package=given["PACKAGE_ID"],
        user=given["USER"],
        password=given["PASSWORD"],
        api_url=given["API_URL"],
        snapshot_url=given["SNAPSHOT_URL"],
        is_xml=given["FORMAT"] == "xml",
    )


SOURCES: dict[str, Callable[[], Source]] = {
    "odds88": odds88,
    "sportradar": sportradar,
    **{feed: partial(lsports, feed) for feed in PACKAGES},
}


def configured() -> list[str]:
    """Return the feeds whose address is given."""
    packages = [feed for feed, name in PACKAGES.items() if settings.LSPORTS[name]["AMQP_URL"]]
    return [feed for feed, name in NEEDS.items() if getattr(settings, name)] + packages
