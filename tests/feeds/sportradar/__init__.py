"""Sportradar's messages: our own samples of their shape."""

from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "samples" / "sportradar"


def sample(name: str) -> bytes:
    """Return a sample's bytes."""
    return (SAMPLES / name).read_bytes()
