"""A TCP proxy: what stands behind it can be cut off, and let in again."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit

HOST = "127.0.0.1"


class Proxy:
    """Passes bytes both ways on the loopback."""

    def __init__(self, url: str) -> None:
        self.parts = urlsplit(url)
        self.pairs: list[socket.socket] = []
        self.port = 0
        self.open()

    @property
    def url(self) -> str:
        """Where it is, with the account of what is behind it."""
        return f"amqp://{self.parts.username}:{self.parts.password}@{HOST}:{self.port}//"

    def open(self) -> None:
        """Take connections."""
        self.server = socket.create_server((HOST, self.port))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.server,), daemon=True).start()

    def accept(self, server: socket.socket) -> None:
        """Pass connections on until it is closed."""
        with contextlib.suppress(OSError):
            while True:
                self.begin(server.accept()[0])

    def begin(self, near: socket.socket) -> None:
        """Pass one connection on, or end it when nobody is there."""
        try:
            far = socket.create_connection((self.parts.hostname, self.parts.port))
        except OSError:
            near.close()
            return
        self.pairs += [near, far]
        for ends in ((near, far), (far, near)):
            threading.Thread(target=pump, args=ends, daemon=True).start()

    def cut(self) -> None:
        """End all connections."""
        pairs, self.pairs = self.pairs, []
        for sock in pairs:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take no connections any more, and end those that there are."""
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.cut()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Pass bytes one way until either end is closed."""
    with contextlib.suppress(OSError), source, target:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
