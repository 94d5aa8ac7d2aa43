"""The spans of time that Odds88's feed keeps to, in seconds."""

from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Windows:
    """Every span in one place; only a sandbox and its tests make them shorter."""

    proper: float = 300  # Five connects with a proper revision.
    without: float = 1800  # Five connects without a revision, or with too small a one.
    silence: float = 15  # After this long without a byte a connection is taken for dead.
    token: float = 86400  # What a token lives.
    unresponsive: float = 10  # A reader that takes nothing for this long is dropped.
    ping: float = 5  # Between two signs of life.
    quiet: float = 60  # After this long without a message a recovery is over.

    def divided(self, by: float) -> "Windows":
        """Return the same windows, so many times shorter."""
        return Windows(*(span / by for span in astuple(self)))
