"""What people call the feeds. Pure."""

REPLAY = "-replay"
NAMES = {
    "odds88": "Odds88",
    "sportradar": "Sportradar",
    "lsports": "LSports",
    "lsports-inplay": "LSports in-play",
    "lsports-prematch": "LSports pre-match",
}


def name_of(feed: str) -> str:
    """Return what people call a feed; one that nobody named bears its own name."""
    provider = feed.removesuffix(REPLAY)
    if provider != feed and provider in NAMES:
        return f"{NAMES[provider]} (replayed)"
    return NAMES.get(feed, feed)
