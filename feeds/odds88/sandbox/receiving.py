"""A connection that receives the feed: recovery, then what is live, pings and faults between."""

import select
import socket
import time
from collections.abc import Sequence
from itertools import count

import msgspec

from feeds.odds88.sandbox.faults import (
    Close,
    Drip,
    Drop,
    DropMidMessage,
    Garbage,
    GzipBomb,
    HalfOpen,
    InvalidUtf8,
    OnStream,
    Oversize,
    Silence,
)
from feeds.odds88.sandbox.framing import Framing
from feeds.odds88.sandbox.vendor import Vendor
from feeds.odds88.sandbox.wire import READABLE, Gone, Reset, Unresponsive, Wire

MOST_AT_ONCE = 500
FOREVER = float("inf")
NOT_TEXT = b'{"pingId":null,"data":{"betId":"\xff\xfe\xc3"}}'
PING_NUMBERS = count(1)


class Receiving:
    """One stream, in a thread of its own."""

    def __init__(self, vendor: Vendor, wire: Wire, framing: Framing, since: float) -> None:
        self.vendor = vendor
        self.wire = wire
        self.framing = framing
        self.since = since
        self.recovery: Sequence[int] = ()
        self.recovered = 0
        self.first_live = self.live = 0
        self.paused_until = 0.0
        self.half_open = False
        self.silent_until = 0.0
        self.next_ping = 0.0
        self.probes: dict[bytes, float] = {}
        self.echoes: dict[str, float] = {}
        self.ears, self.bell = socket.socketpair()
        for end in (self.ears, self.bell):
            end.setblocking(False)

    def is_leaving(self) -> bool:
        return self.wire.cut.is_set() or self.can_read(0)

    def reached(self) -> int:
        if self.recovered < len(self.recovery):
            return self.sent
        return len(self.recovery) + self.vendor.store.end() - self.first_live

    @property
    def sent(self) -> int:
        """How many messages went out."""
        return self.recovered + self.live - self.first_live

    def wake(self) -> None:
        try:
            self.bell.send(b"!")
        except OSError:
            return  # It rings already, or nobody is there to hear it.

    def run(self) -> None:
        """Send until the connection ends; say how by raising `Gone`."""
        store = self.vendor.store
        store.listen(self.wake)
        try:
            self.wire.send(self.framing.opening())
            while not self.framing.refused:
                self.step()
        finally:
            store.deafen(self.wake)

    def plan(self) -> None:
        """Decide once, before all else, what is recovery; what is pushed from now on is live."""
        options, store = self.vendor.options, self.vendor.store
        end = store.end()
        self.recovery = store.since(self.since, end, options.order, options.seed)
        self.first_live = self.live = end
        self.next_ping = time.monotonic() + self.vendor.windows.ping

    def step(self) -> None:
        """Do what is due, then wait for what comes next."""
        if not self.half_open:
            self.meet_faults()
            self.send_messages()
            self.ping()
        self.listen(self.until_next())

    def meet_faults(self) -> None:
        """Let happen what is due on this connection."""
        faults = self.vendor.faults
        while (found := faults.next_on_stream()) and found[0] <= self.sent:
            fault = found[1]
            if isinstance(fault, DropMidMessage) and not self.next_indexes(1):
                return
            faults.happened_on_stream(found)
            self.happen(fault)

    def happen(self, fault: OnStream) -> None:
        """Let one fault happen."""
        match fault:
            case Drop(reset=reset):
                raise Reset if reset else Gone
            case DropMidMessage():
                message = self.framing.messages(self.texts(self.next_indexes(1)))
                self.wire.send(message[: len(message) // 2])
                raise Gone
            case Close(code=code, reason=reason):
                self.wire.send(self.framing.ending(code, reason))
                raise Gone
            case Garbage(text=text):
                self.wire.send(self.framing.messages([text.encode()]))
            case InvalidUtf8():
                self.wire.send(self.framing.messages([NOT_TEXT]))
            case Oversize(size=size, fragments=fragments):
                for piece in self.framing.huge(size, fragments):
                    self.wire.send(piece)
            case GzipBomb(size=size):
                for piece in self.framing.bomb(size):
                    self.wire.send(piece)
            case Drip():
                self.wire.drip = fault
            case HalfOpen():
                self.half_open = True
            case Silence(seconds=seconds):
                self.silent_until = FOREVER if seconds is None else time.monotonic() + seconds

    def send_messages(self) -> None:
        """Send what is there, up to the next fault and not too much at once."""
        indexes = self.next_indexes(self.allowed())
        if not indexes:
            return
        self.wire.send(self.framing.messages(self.texts(indexes)))
        self.vendor.counts.add("messages_sent", len(indexes))
        if self.recovered < len(self.recovery):
            self.recovered += len(indexes)
            self.paused_until = time.monotonic() + self.vendor.options.pause
        else:
            self.live += len(indexes)

    def allowed(self) -> int:
        """Return how many messages may go out before a fault is due."""
        found = self.vendor.faults.next_on_stream()
        return min(MOST_AT_ONCE, found[0] - self.sent) if found else MOST_AT_ONCE

    def next_indexes(self, most: int) -> Sequence[int]:
        """Return which messages come next."""
        if self.recovered < len(self.recovery):
            if time.monotonic() < self.paused_until:
                return ()
            most = min(most, self.vendor.options.chunk)
            return self.recovery[self.recovered : self.recovered + max(most, 0)]
        return range(self.live, min(self.live + max(most, 0), self.vendor.store.end()))

    def texts(self, indexes: Sequence[int]) -> list[bytes]:
        """Return messages as they are sent."""
        stored = self.vendor.store.texts
        if self.vendor.options.bare:
            return [stored[index] for index in indexes]
        return [b'{"pingId":null,"data":%b}' % stored[index] for index in indexes]

    def ping(self) -> None:
        """Give a sign of life when it is time, and see whether the client gives its own."""
        now = time.monotonic()
        self.refuse_unresponsive(now)
        if now < max(self.next_ping, self.silent_until):
            return
        self.next_ping = now + self.vendor.windows.ping
        name = f"{next(PING_NUMBERS):08x}"
        text = msgspec.json.encode({"pingId": name, "data": None})
        self.wire.send(self.framing.messages([text]))
        self.vendor.counts.add("pings_sent")
        if probe := self.framing.probe(name.encode()):
            self.wire.send(probe)
            self.probes[name.encode()] = now
            if self.vendor.options.echo:
                self.echoes[name] = now

    def refuse_unresponsive(self, now: float) -> None:
        """End a connection whose client has not answered for too long."""
        patience = self.vendor.windows.unresponsive
        if self.probes and now - min(self.probes.values()) > patience:
            raise Unresponsive
        if self.echoes and now - min(self.echoes.values()) > patience:
            self.vendor.counts.add("dropped_without_echo")
            raise Gone

    def until_next(self) -> float | None:
        """Return how long nothing needs to be done."""
        if self.half_open:
            return None
        now = time.monotonic()
        if self.next_indexes(self.allowed()):
            return 0
        moments = [max(self.next_ping, self.silent_until)]
        moments += [at + self.vendor.windows.unresponsive for at in self.waited_for()]
        if self.recovered < len(self.recovery):
            moments.append(self.paused_until)
        left = min(moments) - now
        return None if left == FOREVER else max(left, 0)

    def waited_for(self) -> list[float]:
        """Return when the oldest unanswered ping and the oldest without its echo were sent."""
        return [min(sent.values()) for sent in (self.probes, self.echoes) if sent]

    def listen(self, seconds: float | None) -> None:
        """Wait for the client's words, new messages, or the time."""
        if not self.can_read(seconds):
            return
        data = self.wire.receive()
        if self.half_open:
            return
        answer = self.framing.hear(data)
        if answer:
            self.wire.send(answer)
        for name in self.framing.pongs():
            self.answered(name)
        for word in self.framing.words():
            self.echoed(word)
        if self.framing.closed:
            raise Gone

    def can_read(self, seconds: float | None) -> bool:
        """Wait until the client said something; return early when there is something to send."""
        poll = select.poll()
        poll.register(self.wire.sock, READABLE)
        if seconds != 0:
            poll.register(self.ears, select.POLLIN)
        found = {fd for fd, _ in poll.poll(None if seconds is None else seconds * 1000 + 1)}
        if self.ears.fileno() in found:
            self.ears.recv(4096)
        return self.wire.sock.fileno() in found

    def answered(self, name: bytes) -> None:
        """Note a pong: it answers all pings up to its own."""
        if name in self.probes:
            sent = self.probes[name]
            self.probes = {one: at for one, at in self.probes.items() if at > sent}

    def echoed(self, word: bytes) -> None:
        """Note that the client sent a pingId back."""
        for name in [one for one in self.echoes if one.encode() in word]:
            del self.echoes[name]
            self.vendor.counts.add("echoes")

    def close(self) -> None:
        """Let go of what the stream holds beside its connection."""
        self.ears.close()
        self.bell.close()


def since_of(revision: int, now: float, reach: float, *, only_live: bool) -> float:
    """Return from which moment on a recovery goes."""
    if revision == 0 and only_live:
        return FOREVER
    return max(float(revision), now - reach)
