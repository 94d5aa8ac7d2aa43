"""A socket, written no faster than its reader takes."""

import contextlib
import select
import socket
import struct
import threading
import time
from dataclasses import replace

from feeds.odds88.sandbox.counts import Counts
from feeds.odds88.sandbox.faults import Drip
from feeds.odds88.sandbox.http import HEAD_END, BadRequest, Request, request_of

LONGEST_HEAD = 2**16
LONGEST_BODY = 2**29
PIECE = 2**16
SEND_BUFFER = 2**18
LINGER = 0.5
AT_ONCE = struct.pack("ii", 1, 0)
READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


class Gone(Exception):
    """The other side is no longer there."""


class Reset(Gone):
    """The connection is to end by an RST."""


class Unresponsive(Reset):
    """The other side took nothing, or answered nothing, for too long."""


class Wire:
    """One connection."""

    def __init__(self, sock: socket.socket, counts: Counts, patience: float) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.sock = sock
        self.counts = counts
        self.patience = patience
        self.unread = b""
        self.drip: Drip | None = None
        self.cut = threading.Event()

    def send(self, data: bytes) -> None:
        """Send everything, as fast as it is taken."""
        if self.drip is None:
            self.send_at_once(data)
            return
        for start in range(0, len(data), self.drip.size):
            self.send_at_once(data[start : start + self.drip.size])
            if self.cut.wait(self.drip.pause):
                raise Gone

    def send_at_once(self, data: bytes) -> None:
        """Send everything; refuse a reader that takes nothing for too long."""
        left = memoryview(data)
        while left:
            if not self.ready(select.POLLOUT, self.patience):
                raise Unresponsive
            try:
                taken = self.sock.send(left)
            except BlockingIOError:
                continue
            except OSError:
                raise Gone from None
            self.counts.add("bytes_sent", taken)
            left = left[taken:]

    def ready(self, event: int, seconds: float | None) -> bool:
        """Wait until the socket can be read or written."""
        if self.cut.is_set():
            raise Gone
        poll = select.poll()
        poll.register(self.sock, event)
        return bool(poll.poll(None if seconds is None else seconds * 1000))

    def receive(self) -> bytes:
        """Return what has come, waiting for something if need be."""
        self.ready(select.POLLIN, None)
        try:
            data = self.sock.recv(PIECE)
        except BlockingIOError:
            return self.receive()
        except OSError:
            raise Gone from None
        if not data:
            raise Gone
        return data

    def request(self) -> Request:
        """Return the next request."""
        while HEAD_END not in self.unread:
            if len(self.unread) > LONGEST_HEAD:
                raise BadRequest("Its head is too long.")
            self.unread += self.receive()
        head, _, self.unread = self.unread.partition(HEAD_END)
        request = request_of(head + HEAD_END)
        return replace(request, body=self.body(request))

    def body(self, request: Request) -> bytes:
        """Return a request's body."""
        if "transfer-encoding" in request.headers:
            raise BadRequest("A body must say its length.")
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            raise BadRequest("Its body's length is none, or too great.")
        parts, missing = [self.unread], int(length) - len(self.unread)
        while missing > 0:
            parts.append(self.receive())
            missing -= len(parts[-1])
        whole = b"".join(parts)
        self.unread = whole[int(length) :]
        return whole[: int(length)]

    def cut_off(self) -> None:
        """End the connection from another thread."""
        self.cut.set()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def close(self, *, reset: bool = False) -> None:
        """Close the connection: by an RST if asked, else so that all that was sent arrives."""
        with contextlib.suppress(OSError, Gone):
            if reset:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            else:
                self.sock.shutdown(socket.SHUT_WR)
                self.drain(time.monotonic() + LINGER)
        self.sock.close()

    def drain(self, until: float) -> None:
        """Read until the other side has closed too: what is left unread would cause an RST."""
        while (left := until - time.monotonic()) > 0 and self.ready(select.POLLIN, left):
            if not self.sock.recv(PIECE):
                return
