"""A queue read over AMQP: messages in their order, acknowledged together once they are stored."""

import hashlib
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from amqp.exceptions import AccessRefused, AMQPError, NotAllowed, NotFound
from amqp.sasl import PLAIN
from kombu import Connection

from feeds.connections import Lost, Trouble

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0  # No answer of the broker's may take longer.
MOMENT = 0.001  # What comes at once is taken together,
LONGEST_TAKE = 0.1  # for no longer than this: in a stream that never pauses it has to be stored.
PREFETCH = 3000
LONGEST_MESSAGE = 16 * 2**20
MOST_BYTES = 8 * 2**20  # Taken together, but for the last message.
KEPT_OF_LONG = 4096
PORTS = {"amqp": 5672, "amqps": 5671}


@dataclass(frozen=True, slots=True)
class Where:
    """A broker, and who we are there."""

    host: str
    port: int
    tls: bool
    virtual_host: str
    user: str
    password: str
    heartbeat: float = 60

    @property
    def place(self) -> str:
        """The broker's address, for people."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message as it came; one that is too long is cut, with `size` and `digest` of the whole."""

    tag: int
    raw: bytes
    size: int = 0
    digest: bytes = b""


def where(
    url: str, *, user: str = "", password: str = "", virtual_host: str = "/", heartbeat: float = 60
) -> Where:
    """Return the place that a URL names; what it does not say is taken from the others."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise Trouble(f"“{parts.scheme}://{parts.hostname or ''}” is no address of a broker.")
    path = unquote(parts.path[1:])
    return Where(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        tls=parts.scheme == "amqps",
        virtual_host=path or virtual_host,
        user=unquote(parts.username) if parts.username else user,
        password=unquote(parts.password or "") if parts.username else password,
        heartbeat=heartbeat,
    )


class NotKnown(Trouble):
    """The broker does not take our user and password."""


class MayNot(Trouble):
    """The broker lets us in, and does not let us read."""


class Missing(Lost):
    """The broker has no queue of this name."""


class Consumer:
    """A queue that is read. Only one thread uses it."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.arrived: list[Delivered] = []
        self.bytes = 0
        self.is_drained = False
        self.ticked = time.monotonic()
        with told(where):
            self.connection = connect(where)
        self.queue = ""

    def read(self, queue: str, *, exchange: str = "", bindings: Sequence[str] = ()) -> None:
        """Read a queue that is there; one without a name is made, is ours alone, and ends with us.

        It gets what an exchange sends under these keys.
        """
        with told(self.where):
            self.channel = self.connection.default_channel
            self.queue = queue or self.channel.queue_declare("", exclusive=True).queue
            for key in bindings:
                self.channel.queue_bind(self.queue, exchange, key)
            self.channel.basic_qos(0, PREFETCH, False)
            self.channel.basic_consume(self.queue, callback=self.came)

    def came(self, message: Any) -> None:
        """Take a message that was delivered."""
        body = message.body
        raw = body.encode() if isinstance(body, str) else bytes(body)
        self.bytes += len(raw)
        if len(raw) > LONGEST_MESSAGE:
            digest = hashlib.sha256(raw).digest()
            one = Delivered(message.delivery_tag, raw[:KEPT_OF_LONG], len(raw), digest)
        else:
            one = Delivered(message.delivery_tag, raw)
        self.arrived.append(one)

    def take(self, *, most: int, wait: float) -> list[Delivered]:
        """Return what came, waiting so many seconds for the first."""
        with told(self.where, Lost):
            self.tick()
            if not self.arrived:
                self.drain(wait)
            more, until = bool(self.arrived), time.monotonic() + LONGEST_TAKE
            while more and len(self.arrived) < most and self.bytes < MOST_BYTES:
                if time.monotonic() > until:
                    break
                more = self.drain(MOMENT)
        self.is_drained = not more
        taken, self.arrived = self.arrived, []
        self.bytes = 0
        return taken

    def drain(self, seconds: float) -> bool:
        """Let something come; return whether it did."""
        try:
            self.connection.drain_events(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def tick(self) -> None:
        """Give a sign of life once a second, and see whether the broker gave one."""
        if time.monotonic() - self.ticked > min(1.0, self.where.heartbeat / 4):
            self.ticked = time.monotonic()
            self.connection.heartbeat_check()

    def acknowledge(self, tag: int) -> None:
        """Let the broker forget this message, and all before it."""
        with told(self.where, Lost):
            self.channel.basic_ack(tag, multiple=True)

    def depth(self) -> int:
        """Return how many messages wait in the queue."""
        with told(self.where, Lost):
            return int(self.channel.queue_declare(self.queue, passive=True).message_count)

    def close(self) -> None:
        """Leave; what was not acknowledged stays in a queue that stays."""
        with suppress(AMQPError, OSError):
            self.connection.release()


def connect(where: Where) -> Any:
    """Return a connection; nothing that the broker has to answer takes for ever."""
    connection = Connection(
        hostname=where.host,
        port=where.port,
        virtual_host=where.virtual_host,
        transport="pyamqp",
        # Given as its password, an empty one would be replaced by “guest”.
        transport_options={"authentication": (PLAIN(where.user, where.password),)},
        connect_timeout=CONNECT_SECONDS,
        heartbeat=max(1, round(where.heartbeat)),
        ssl=checked(where.host) if where.tls else False,
    )
    try:
        # Kombu's own `connect` tries twice, two seconds apart: one attempt is one here.
        connection.ensure_connection(max_retries=0, reraise_as_library_errors=False)
        connection.connection.transport.sock.settimeout(ANSWER_SECONDS)
    except BaseException:
        connection.release()
        raise
    return connection


def checked(host: str) -> dict[str, Any]:
    """Return what has the broker's certificate and name looked at."""
    return {"context": {"check_hostname": True}, "server_hostname": host}


@contextmanager
def told(where: Where, kind: type[Trouble] = Trouble) -> Iterator[None]:
    """Say in a sentence what goes wrong with a broker."""
    try:
        yield
    except AccessRefused as error:
        raise refusal(error, where) from None
    except (NotAllowed, NotFound) as error:
        sentence = f"The broker at {where.place} refuses: {words(error)}."
        raise (Missing if isinstance(error, NotFound) else kind)(sentence) from None
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message
        raise kind(f"The certificate of {where.place} is not valid: {why}.") from None
    except ssl.SSLError:
        raise kind(f"The broker at {where.place} does not speak TLS as it should.") from None
    except socket.gaierror:
        raise kind(f"The name {where.host} is not known.") from None
    except TimeoutError:
        raise kind(f"The broker at {where.place} does not answer.") from None
    except ConnectionRefusedError:
        raise kind(f"The broker at {where.place} refuses the connection.") from None
    except (AMQPError, OSError) as error:
        why = words(error) or "nothing was said"
        raise kind(f"The broker at {where.place} ended the connection: {why}.") from None


def refusal(error: AccessRefused, where: Where) -> Trouble:
    """Return that we may not: connect, or read."""
    said = words(error)
    if "login" in said.lower() or "authentication" in said.lower():
        return NotKnown(f"The broker at {where.place} does not take our user and password: {said}.")
    return MayNot(f"The broker at {where.place} does not let us: {said}.")


def words(error: Exception) -> str:
    """Return what a broker said, in one short line."""
    said = getattr(error, "reply_text", "") or str(error)
    return " ".join(str(said).replace("\0", "�").split())[:200].rstrip(".")
