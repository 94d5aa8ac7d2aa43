"""What a provider's messages come through: a broker's queue, or that of a sandbox without one."""

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Protocol
from uuid import uuid4

import msgspec
import requests

from feeds.amqp import Delivered, MayNot, Missing
from feeds.connections import Lost, Trouble

ANSWER_SECONDS = 10.0


class Pipe(Protocol):
    """Where messages come from. Only one thread uses it.

    It `is_drained` when what was taken last was all there was.
    """

    is_drained: bool

    def take(self, *, most: int, wait: float) -> Sequence[Delivered]:
        """Return what came, waiting so many seconds for the first; raise `Lost` at the end."""
        ...

    def acknowledge(self, tag: int) -> None:
        """Let this message be forgotten, and all before it."""
        ...

    def depth(self) -> int:
        """Return how many messages wait."""
        ...

    def close(self) -> None:
        """Leave."""
        ...


class FromSandbox:
    """A queue of a sandbox that has no broker, read over HTTP.

    One without a name is made as `asked`, is ours alone, and ends with us.
    """

    def __init__(
        self, url: str, *, queue: str = "", asked: Mapping[str, Any] | None = None
    ) -> None:
        self.url, self.session = url.rstrip("/"), requests.Session()
        self.session.trust_env = False
        self.reader, self.is_ours = uuid4().hex, not queue
        if self.is_ours:
            made = self.ask("POST", "/sandbox/queues", Trouble, asked)
            queue = msgspec.json.decode(made)["queue"]
        self.queue = f"/sandbox/queues/{queue}"
        self.arrived: list[Delivered] = []
        self.is_drained = False

    def look(self) -> None:
        """See that the queue is there, and that we may read it."""
        self.arrived = self.asked(1, 0, Trouble)

    def ask(self, method: str, path: str, kind: type[Trouble] = Lost, body: Any = None) -> bytes:
        """Return an answer."""
        data = None if body is None else msgspec.json.encode(body)
        try:
            with self.session.request(
                method, self.url + path, data=data, timeout=ANSWER_SECONDS, allow_redirects=False
            ) as response:
                if response.status_code == HTTPStatus.FORBIDDEN:
                    raise MayNot(f"The sandbox lets nobody read: {response.text[:200]}")
                if response.status_code == HTTPStatus.NOT_FOUND:
                    raise Missing(f"The sandbox has no such queue: {response.text[:200]}")
                response.raise_for_status()
                return response.content
        except requests.RequestException as error:
            raise kind(f"The sandbox does not answer: {type(error).__name__}.") from None

    def take(self, *, most: int, wait: float) -> list[Delivered]:
        """Return what came."""
        first, self.arrived = self.arrived, []
        taken = first or self.asked(most, wait, Lost)
        self.is_drained = not first and len(taken) < most
        return taken

    def asked(self, most: int, wait: float, kind: type[Trouble]) -> list[Delivered]:
        """Return what the sandbox has."""
        path = f"{self.queue}?most={most}&wait={wait}&reader={self.reader}"
        told = [msgspec.json.decode(line) for line in self.ask("GET", path, kind).splitlines()]
        return [Delivered(one["tag"], body_of(one)) for one in told]

    def acknowledge(self, tag: int) -> None:
        """Let this message be forgotten, and all before it."""
        self.ask("POST", f"{self.queue}/ack?reader={self.reader}", body={"tag": tag})

    def depth(self) -> int:
        """Return how many messages wait."""
        return int(msgspec.json.decode(self.ask("GET", f"{self.queue}/depth"))["depth"])

    def close(self) -> None:
        """Leave; a queue of ours goes with us."""
        if self.is_ours:
            with suppress(Trouble):
                self.ask("DELETE", self.queue)
        self.session.close()


def body_of(told: dict[str, Any]) -> bytes:
    """Return a message's bytes."""
    if "base64" in told:
        return base64.b64decode(told["base64"])
    return str(told["body"]).encode()
