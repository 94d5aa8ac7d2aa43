"""The sandbox as a whole: a listening socket, a thread a connection, and Python's way to steer."""

import contextlib
import socket
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType

import structlog

from feeds.odds88.sandbox import control, feed, lookups
from feeds.odds88.sandbox.bodies import ENCODER, Bet, Ending, Json
from feeds.odds88.sandbox.counts import Figures
from feeds.odds88.sandbox.faults import Fault
from feeds.odds88.sandbox.faulty import delay
from feeds.odds88.sandbox.http import BadRequest, Request, Response, problem
from feeds.odds88.sandbox.options import Options
from feeds.odds88.sandbox.vendor import Vendor
from feeds.odds88.sandbox.wire import Gone, Reset, Wire
from feeds.odds88.windows import Windows

HOST = "127.0.0.1"
BACKLOG = 128
AT_ONCE = 5_000

log = structlog.get_logger(__name__)


class Sandbox:
    """Odds88's server in threads of this process. It listens on the loopback only."""

    def __init__(
        self, *, windows: Windows | None = None, options: Options | None = None, port: int = 0
    ) -> None:
        self.vendor = Vendor(windows or Windows(), options or Options())
        self.vendor.restart = self.restart
        self.port = port
        self.lock = threading.Lock()
        self.wires: dict[Wire, threading.Thread] = {}
        self.listener: socket.socket | None = None
        self.stopped = False

    def __enter__(self) -> "Sandbox":
        self.listen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """Where the look-ups are."""
        return f"http://{HOST}:{self.port}"

    @property
    def http_url(self) -> str:
        """Where the feed is, as lines."""
        return f"http://{HOST}:{self.port}{feed.PATH}"

    @property
    def ws_url(self) -> str:
        """Where the feed is, as a WebSocket."""
        return f"ws://{HOST}:{self.port}{feed.PATH}"

    @property
    def counts(self) -> Figures:
        """What was seen and done."""
        return self.vendor.counts.figures()

    @property
    def options(self) -> Options:
        """How it behaves; to be replaced while it runs."""
        return self.vendor.options

    @options.setter
    def options(self, options: Options) -> None:
        self.vendor.options = options

    def push(self, *messages: Json | bytes) -> None:
        """Push settled bets to the feed, with or without an envelope."""
        self.vendor.push(
            [one if isinstance(one, bytes) else ENCODER.encode(one) for one in messages]
        )

    def load(self, file: Path) -> int:
        """Push a file of messages, one a line; return how many."""
        count = 0
        with file.open("rb") as lines:
            for batch in batches(lines):
                self.vendor.push(batch)
                count += len(batch)
        return count

    def bet(self, bet: Bet) -> Bet:
        """Know a bet from now on."""
        self.vendor.register(bet)
        return bet

    def settle(self, bet_id: str, ending: Ending, *, at: datetime | None = None) -> Json:
        """Say on the feed how a registered bet ended; return the message."""
        return self.vendor.settle(bet_id, ending, at=at)

    def settle_unheard(self, bet_id: str, ending: Ending) -> Json:
        """Settle a registered bet so that only a look-up tells of it."""
        return self.vendor.settle_unheard(bet_id, ending)

    def fault(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.vendor.fault(fault)

    def clear_faults(self) -> None:
        """Forget what has not gone wrong yet."""
        self.vendor.faults.clear()

    def listen(self) -> None:
        """Take connections from now on."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self.port))
        listener.listen(BACKLOG)
        self.port = listener.getsockname()[1]
        self.listener = listener
        threading.Thread(
            target=self.accept, args=(listener,), name="sandbox-accept", daemon=True
        ).start()

    def accept(self, listener: socket.socket) -> None:
        """Give each connection a thread until the listener is closed."""
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self.begin(sock)

    def begin(self, sock: socket.socket) -> None:
        """Serve a connection in a thread."""
        wire = Wire(sock, self.vendor.counts, self.vendor.windows.unresponsive)
        thread = threading.Thread(
            target=self.serve, args=(wire,), name="sandbox-connection", daemon=True
        )
        with self.lock:
            if self.listener is None:
                wire.close(reset=True)
                return
            self.wires[wire] = thread
        thread.start()

    def serve(self, wire: Wire) -> None:
        """Answer requests until the connection ends."""
        reset = False
        try:
            while self.answer(wire):
                pass
        except BadRequest as error:
            with contextlib.suppress(Gone):
                wire.send(problem(400, str(error)).written())
        except Gone as gone:
            reset = isinstance(gone, Reset)
        except Exception:
            log.exception("A connection of the sandbox failed")
        finally:
            wire.close(reset=reset)
            with self.lock:
                self.wires.pop(wire, None)

    def answer(self, wire: Wire) -> bool:
        """Answer one request; say whether there may be another."""
        request = wire.request()
        response = self.response(wire, request)
        if response is None:
            return False
        wire.send(response.written())
        return request.keeps_alive

    def response(self, wire: Wire, request: Request) -> Response | None:
        """Return the answer to a request; nothing when it became a stream that is over."""
        if request.path.startswith(control.ROOT):
            return control.serve(self.vendor, request)
        delay(self.vendor, wire, request.path)
        if request.path == feed.PATH:
            if request.method != "GET":
                return problem(405, "The method is not allowed here.")
            return feed.serve(self.vendor, wire, request)
        return lookups.serve(self.vendor, request)

    def restart(self, seconds: float) -> None:
        """Close every socket, and listen again after a while. The caller's own is spared."""
        self.hang_up()
        self.vendor.later.do(seconds, self.listen_again)

    def listen_again(self) -> None:
        """Take connections again."""
        if not self.stopped:
            self.listen()

    def hang_up(self) -> None:
        """Close the listener and every connection but that of the thread that asks."""
        with self.lock:
            listener, self.listener = self.listener, None
            ends = {
                wire: thread
                for wire, thread in self.wires.items()
                if thread is not threading.current_thread()
            }
        if listener:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for wire in ends:
            wire.cut_off()
        for thread in ends.values():
            thread.join(5)

    def stop(self) -> None:
        """End all of it."""
        self.stopped = True
        self.vendor.later.stop()
        self.hang_up()


def batches(lines: Iterable[bytes]) -> Iterable[list[bytes]]:
    """Yield the lines that hold something, many at a time."""
    batch: list[bytes] = []
    for line in lines:
        if line.strip():
            batch.append(line)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
