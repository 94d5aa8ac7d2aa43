"""HTTP connections that nobody holds up: shaking hands and an answer's head have their time.

A timeout of a socket begins anew with each byte, so that one byte now and then would hold us for
ever. Redirects are not looked at: whoever follows them also reads what comes with them.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


@contextmanager
def cut_after(seconds: float, number: int) -> Iterator[None]:
    """Cut a connection, known by its file's number, when what is done with it takes too long."""
    with socket.socket(fileno=os.dup(number)) as twin:
        late = threading.Event()
        timer = threading.Timer(seconds, cut, [twin, late])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            if late.is_set():
                raise TimeoutError


def cut(connection: socket.socket, late: threading.Event) -> None:
    """End a connection: whoever waits for it waits no longer."""
    late.set()
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Timely:
    """A connection that is made in one timeout, and answered in one."""

    sock: Any
    timeout: Any

    def connect(self) -> None:
        """Connect, with the shaking of hands."""
        with ExitStack() as self.made:
            super().connect()  # type: ignore[misc]

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        self.made.enter_context(cut_after(self.timeout, made.fileno()))
        return made

    def getresponse(self) -> Any:
        """Read an answer's head."""
        with cut_after(self.timeout, self.sock.fileno()):
            return super().getresponse()  # type: ignore[misc]


class TimelyConnection(Timely, HTTPConnection):
    """One without encryption."""


class TimelyEncrypted(Timely, HTTPSConnection):
    """One with it."""


class Connections(HTTPConnectionPool):
    """Connections without encryption."""

    ConnectionCls = TimelyConnection


class EncryptedConnections(HTTPSConnectionPool):
    """Connections with it."""

    ConnectionCls = TimelyEncrypted


POOLS = {"http": Connections, "https": EncryptedConnections}


class Adapter(HTTPAdapter):
    """What makes connections in time, also through a proxy."""

    def init_poolmanager(self, *args: Any, **words: Any) -> None:
        """Make the connections' manager."""
        super().init_poolmanager(*args, **words)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **words: Any) -> Any:
        """Return the manager of a proxy's connections."""
        manager = super().proxy_manager_for(proxy, **words)
        manager.pool_classes_by_scheme = POOLS
        return manager


class Session(requests.Session):
    """A session that goes nowhere else than where it is sent."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Say that an answer sends us nowhere."""
        return None


def session_for(url: str) -> requests.Session:
    """Return a session; on loopback it knows no proxy."""
    session = Session()
    session.trust_env = not is_loopback(url)
    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter())
    return session


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
