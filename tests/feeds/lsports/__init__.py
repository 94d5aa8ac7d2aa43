"""LSports' messages: the samples of its documentation, as published."""

from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "samples" / "lsports"


def sample(name: str) -> bytes:
    """Return a sample's bytes."""
    return (SAMPLES / name).read_bytes()
