"""The spans of time that Sportradar's feed keeps to, in seconds."""

from dataclasses import astuple, dataclass, replace

SHORTEST_HEARTBEAT = 5


@dataclass(frozen=True, slots=True)
class Windows:
    """Every span in one place; only a sandbox and its tests make them shorter."""

    alive: float = 10  # Between two signs of life of a producer.
    silence: float = 20  # After this long without one the producer is down.
    lag: float = 20  # A producer whose messages come so late is down.
    between: float = 30  # At least so much between two requests to recover a producer.
    stalled: float = 300  # A recovery that brought nothing for so long is asked for again.
    longest: float = 1200  # A recovery that has run for so long is asked for again.
    heartbeat: float = 60  # Of the AMQP connection.
    dead: float = 180  # After this long without a byte a connection is taken for dead.
    minute: float = 60  # The unit of rate limits, recovery windows, and of an event's 30 days.

    def divided(self, by: float) -> "Windows":
        """Return the same windows, so many times shorter.

        A heartbeat of less than a few seconds would end connections of whoever is merely busy.
        """
        shorter = Windows(*(span / by for span in astuple(self)))
        least = min(SHORTEST_HEARTBEAT, self.heartbeat)
        return replace(shorter, heartbeat=max(shorter.heartbeat, least))
