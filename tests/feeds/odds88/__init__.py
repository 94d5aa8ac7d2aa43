"""Odds88's settlement feed, with messages of our own in the shape of recorded ones."""

from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "samples" / "odds88"


def sample(name: str) -> bytes:
    """A recorded message."""
    return (SAMPLES / f"{name}.json").read_bytes()


def recorded_feed() -> list[bytes]:
    """What came over one connection, a message a line."""
    return (SAMPLES / "feed.jsonl").read_bytes().splitlines()
