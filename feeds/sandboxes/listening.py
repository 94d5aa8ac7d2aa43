"""A sandbox's HTTP server: it can be closed with all its connections, and opened again."""

import contextlib
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog

from feeds.sandboxes.http import LeftUnanswered, Request, Response, request_of

HOST = "127.0.0.1"
LONGEST_BODY = 64 * 2**20
LOOK_EVERY = 0.05
Answering = Callable[[Request], Response]

log = structlog.get_logger(__name__)


class Listener(ThreadingHTTPServer):
    """A listening socket, and the connections that came of it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answering: Answering, clock: Callable[[], float]) -> None:
        self.answering = answering
        self.clock = clock
        self.lock = threading.Lock()
        self.open: dict[Any, threading.Thread | None] = {}
        super().__init__((HOST, port), Handler)
        self.thread = threading.Thread(
            target=self.serve_forever, args=(LOOK_EVERY,), name="sandbox-accept", daemon=True
        )
        self.thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection in its thread."""
        with self.lock:
            self.open[request] = threading.current_thread()
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        super().shutdown_request(request)
        with self.lock:
            self.open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients who hang up."""

    def end(self) -> None:
        """Close everything, and wait for it; not from a connection of its own."""
        self.shutdown()
        self.server_close()
        with self.lock:
            found = dict(self.open)
        for sock in found:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in found.values():
            if thread is not None:
                thread.join(5)
        self.thread.join(5)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, has it answered, writes the answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 2**16  # Head and body go out in one piece.
    server: Listener

    def serve(self) -> None:
        """Answer one request."""
        size = int(self.headers.get("Content-Length") or 0)
        if size > LONGEST_BODY:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            self.close_connection = True
            return
        body = self.rfile.read(size)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = request_of(self.command, self.path, headers, body)
        try:
            self.write(self.server.answering(asked))
            self.wfile.flush()
        except (LeftUnanswered, OSError):
            self.close_connection = True
        except Exception:
            log.exception("A request of the sandbox failed")
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_DELETE = serve  # noqa: N815 - the library's names

    def write(self, response: Response) -> None:
        """Write an answer."""
        self.send_response(response.status)
        self.send_header("Content-Type", response.kind)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body[: len(response.body) - response.missing])
        self.close_connection |= bool(response.missing)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the server's own time."""
        return super().date_time_string(self.server.clock() if timestamp is None else timestamp)

    def version_string(self) -> str:
        """Return our name."""
        return "sandbox"

    def log_message(self, *what: object) -> None:
        """Log nothing: counts tell it."""
