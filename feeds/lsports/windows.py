"""The spans of time that LSports' feeds keep to, in seconds."""

from dataclasses import astuple, dataclass, replace

SHORTEST_CONNECTION = 5


@dataclass(frozen=True, slots=True)
class Windows:
    """Every span in one place; only a sandbox and its tests make them shorter."""

    heartbeat: float = 5  # Between two heartbeats of a package.
    silence: float = 12  # After this long without one the package is stale.
    keep_alive: float = 30  # Between two lists of the fixtures that are followed.
    snapshot: float = 15  # At least so much between two snapshots of everything.
    request: float = 1  # At least so much between any two requests.
    horizon: float = 86_400  # Fixtures that ended longer ago are in no snapshot.
    reconcile: float = 900  # So often a snapshot is asked for though nothing seems to lack.
    forbidden: float = 30  # After a start the broker may refuse us for so long.
    missing: float = 900  # A fixture that ended has its settlements after so long, or they lack.
    connection: float = 60  # The heartbeat of the AMQP connection.
    dead: float = 180  # After this long without a byte a connection is taken for dead.

    def divided(self, by: float) -> "Windows":
        """Return the same windows, so many times shorter.

        A heartbeat of less than a few seconds would end connections of whoever is merely busy.
        """
        shorter = Windows(*(span / by for span in astuple(self)))
        least = min(SHORTEST_CONNECTION, self.connection)
        return replace(shorter, connection=max(shorter.connection, least))
