"""What a provider's messages come through: a broker's queue, or that of a sandbox without one."""

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import msgspec
import requests

from feeds.amqp import Delivered
from feeds.connections import Lost, Trouble

ANSWER_SECONDS = 10.0


class Pipe(Protocol):
    """Where messages come from. Only one thread uses it."""

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
    """A queue of a sandbox that has no broker, read over HTTP; `asked` says which."""

    def __init__(self, url: str, asked: Mapping[str, Any]) -> None:
        self.url, self.session = url.rstrip("/"), requests.Session()
        self.session.trust_env = False
        made = self.ask("POST", "/sandbox/queues", Trouble, asked)
        self.queue = f"/sandbox/queues/{msgspec.json.decode(made)['queue']}"

    def ask(self, method: str, path: str, kind: type[Trouble] = Lost, body: Any = None) -> bytes:
        """Return an answer."""
        data = None if body is None else msgspec.json.encode(body)
        try:
            with self.session.request(
                method, self.url + path, data=data, timeout=ANSWER_SECONDS, allow_redirects=False
            ) as response:
                response.raise_for_status()
                return response.content
        except requests.RequestException as error:
            raise kind(f"The sandbox does not answer: {type(error).__name__}.") from None

    def take(self, *, most: int, wait: float) -> list[Delivered]:
        """Return what came."""
        lines = self.ask("GET", f"{self.queue}?most={most}&wait={wait}").splitlines()
        told = [msgspec.json.decode(line) for line in lines]
        return [Delivered(one["tag"], body_of(one)) for one in told]

    def acknowledge(self, tag: int) -> None:
        """Let this message be forgotten, and all before it."""
        self.ask("POST", f"{self.queue}/ack", body={"tag": tag})

    def depth(self) -> int:
        """Return how many messages wait."""
        return int(msgspec.json.decode(self.ask("GET", f"{self.queue}/depth"))["depth"])

    def close(self) -> None:
        """Leave."""
        with suppress(Lost):
            self.ask("DELETE", self.queue)
        self.session.close()


def body_of(told: dict[str, Any]) -> bytes:
    """Return a message's bytes."""
    if "base64" in told:
        return base64.b64decode(told["base64"])
    return str(told["body"]).encode()
