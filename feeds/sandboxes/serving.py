"""A sandbox's life: it listens, does what is due, and ends."""

import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import Self

import structlog

from feeds.sandboxes.http import Request, Response
from feeds.sandboxes.listening import HOST, Listener
from feeds.sandboxes.publishing import Closed

LOOK_EVERY = 0.05

log = structlog.get_logger(__name__)


class Serving(ABC):
    """Servers in threads of this process; their HTTP is on the loopback only."""

    def __init__(self, port: int, pause: float = LOOK_EVERY) -> None:
        self.port = port
        self.pause = min(LOOK_EVERY, pause)
        self.lock = threading.Lock()
        self.listener: Listener | None = None
        self.listen_at: float | None = None
        self.closing = False
        self.stopped = threading.Event()
        self.ticker = threading.Thread(target=self.tick, name="sandbox-ticker", daemon=True)

    def __enter__(self) -> Self:
        self.listen()
        self.ticker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @abstractmethod
    def answer(self, request: Request) -> Response:
        """Answer a request of anybody."""

    @abstractmethod
    def tend(self) -> None:
        """Do what is due."""

    @abstractmethod
    def now(self) -> int:
        """Return the server's time in milliseconds."""

    @abstractmethod
    def end(self) -> None:
        """End what else there is; the socket is closed afterwards."""

    @property
    def api_url(self) -> str:
        """Where the API is."""
        return f"http://{HOST}:{self.port}"

    def tick(self) -> None:
        """Do what is due until the end."""
        while not self.stopped.wait(self.pause):
            try:
                self.open_or_close()
                self.tend()
            except Closed:
                return
            except Exception:
                log.exception("The sandbox's ticker failed")

    def listen(self) -> None:
        """Take connections from now on."""
        with self.lock:
            if self.listener is None and not self.stopped.is_set():
                self.listener = Listener(self.port, self.answer, lambda: self.now() / 1000)
                self.port = self.listener.server_port

    def listen_soon(self) -> None:
        """Take connections again, from the next look on."""
        self.listen_at = 0

    def refuse(self, seconds: float | None) -> None:
        """Take no connections from the next look on, for a while or until told otherwise."""
        self.closing = True
        self.listen_at = None if seconds is None else time.monotonic() + seconds

    def open_or_close(self) -> None:
        """Do what was asked of the listening socket."""
        if self.closing:
            self.closing = False
            self.hang_up()
        if self.listen_at is not None and self.listen_at <= time.monotonic():
            self.listen_at = None
            self.listen()

    def hang_up(self) -> None:
        """Close the socket and all its connections."""
        with self.lock:
            listener, self.listener = self.listener, None
        if listener:
            listener.end()

    def stop(self) -> None:
        """End all of it."""
        self.stopped.set()
        self.end()
        with suppress(RuntimeError):
            self.ticker.join(10)
        self.hang_up()
