"""An open settlement feed: a thread reads the connection, whoever stores takes what is there."""

import threading
from collections import deque
from urllib.parse import urlsplit

from feeds.connections import Arrival, Lost
from feeds.odds88.glance import glance
from feeds.odds88.http_pipe import HttpPipe
from feeds.odds88.opening import ALIVE, Where
from feeds.odds88.socket_pipe import SocketPipe

MOST_HELD = 16 * 2**20  # bytes
EACH = 256  # bytes that anything held takes besides its own, also a sign of life
JOIN_SECONDS = 2.0


def open_pipe(where: Where) -> HttpPipe | SocketPipe:
    """Connect as the address says: lines for http(s), a WebSocket for ws(s)."""
    secure = urlsplit(where.url).scheme in ("ws", "wss")
    return SocketPipe(where) if secure else HttpPipe(where)


class Stream:
    """What a connection brings, in its order, until it ends. Memory is bounded: a slow taker makes
    the other side wait."""

    def __init__(self, where: Where, *, echo: bool) -> None:
        self.echo = echo
        self.pipe = open_pipe(where)
        self.held: deque[Arrival] = deque()
        self.bytes = 0
        self.why = ""
        self.closing = False
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.run, name="odds88-reader", daemon=True)
        self.reader.start()

    def run(self) -> None:
        """Read until the connection ends."""
        why = "The connection ended."
        try:
            for some in self.pipe.read():
                if not self.hold(some):
                    break
        except Lost as lost:
            why = str(lost)
        except Exception as error:
            why = f"Our own program failed on the connection: {type(error).__name__}: {error}"
        finally:
            with self.changed:
                self.why = why
                self.changed.notify_all()

    def hold(self, some: list[Arrival]) -> bool:
        """Keep what came until it is taken; wait while too much is held."""
        with self.changed:
            self.changed.wait_for(lambda: self.bytes < MOST_HELD or self.closing)
            self.held.extend(some)
            self.bytes += sum(weight(one) for one in some)
            self.changed.notify_all()
            return not self.closing

    def take(self, *, most: int, wait: float) -> list[Arrival]:
        """Return what came; `Lost` when there is nothing left of a connection that is over."""
        with self.changed:
            self.changed.wait_for(lambda: self.held or self.why, wait)
            if not self.held and self.why:
                raise Lost(self.why)
            taken = [self.held.popleft() for _ in range(min(most, len(self.held)))]
            self.bytes -= sum(weight(one) for one in taken)
            self.changed.notify_all()
        return [self.seen(one) for one in taken]

    def seen(self, one: Arrival) -> Arrival:
        """Return what came with its time; a ping and an empty line are only signs of life."""
        if one.is_cut:
            return one
        if not one.raw.strip():
            return ALIVE
        is_ping, ticks = glance(one.raw)
        if not is_ping:
            return Arrival(one.raw, ticks=ticks, size=one.size)
        if self.echo:
            self.pipe.answer(one.raw.decode(errors="replace"))
        return ALIVE

    def close(self) -> None:
        """Leave; what was not taken comes again with the next connection."""
        with self.changed:
            self.closing = True
            self.changed.notify_all()
        self.pipe.cut()
        self.reader.join(JOIN_SECONDS)
        self.pipe.close()


def weight(one: Arrival) -> int:
    """Return how much memory holding something takes."""
    return len(one.raw) + EACH
