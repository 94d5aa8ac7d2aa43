"""A client of the sandbox: one that asks the API, and one that reads a queue of its own."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import requests

from feeds.sportradar.sandbox import Sandbox

TIMEOUT = 10.0
BINDINGS = [
    *(f"*.*.*.{kind}.#" for kind in (
        "bet_settlement", "bet_cancel", "rollback_bet_settlement", "rollback_bet_cancel",
        "cancelbet", "rollback_betsettlement", "rollback_cancelbet",
    )),
    "-.-.-.alive.#", "-.-.-.snapshot_complete.#",
]  # fmt: skip


@dataclass(frozen=True)
class Came:
    """A message that came."""

    tag: int
    key: str
    sent_at: int
    body: bytes

    @property
    def root(self) -> str:
        """What it is."""
        return ElementTree.fromstring(self.body).tag

    @property
    def said(self) -> dict[str, str]:
        """The attributes of its root."""
        return ElementTree.fromstring(self.body).attrib


class Listener:
    """A queue of the sandbox's own."""

    def __init__(self, sandbox: Sandbox, bindings: list[str] | None = None) -> None:
        self.sandbox = sandbox
        answer = requests.post(
            sandbox.queues_url, json={"bindings": bindings or BINDINGS}, timeout=TIMEOUT
        )
        answer.raise_for_status()
        self.name = answer.json()["queue"]
        self.url = f"{sandbox.queues_url}/{self.name}"

    def take(self, most: int = 1000, wait: float = 0) -> list[Came]:
        """Return the next messages."""
        answer = requests.get(f"{self.url}?most={most}&wait={wait}", timeout=TIMEOUT)
        answer.raise_for_status()
        return [came(line) for line in answer.content.splitlines()]

    def next(self, count: int, *, alives: bool = False) -> list[Came]:
        """Return the next messages, without alives as a rule."""
        found: list[Came] = []
        deadline = time.monotonic() + TIMEOUT
        while len(found) < count:
            assert time.monotonic() < deadline, f"Only {len(found)} of {count} came: {found}"
            for one in self.take(most=1, wait=0.5):
                if (one.root == "alive") == alives:
                    found.append(one)
        return found

    def acknowledge(self, tag: int) -> int:
        """Acknowledge everything up to a tag."""
        answer = requests.post(f"{self.url}/ack", json={"tag": tag}, timeout=TIMEOUT)
        count: int = answer.json()["acknowledged"]
        return count

    def depth(self) -> dict[str, int]:
        """Return how much there is."""
        figures: dict[str, int] = requests.get(f"{self.url}/depth", timeout=TIMEOUT).json()
        return figures


def came(line: bytes) -> Came:
    """Return a message from its line."""
    said: dict[str, Any] = json.loads(line)
    body = said["body"].encode() if "body" in said else base64.b64decode(said["base64"])
    return Came(said["tag"], said["key"], said["timestamp_in_ms"], body)


def ask(sandbox: Sandbox, method: str, path: str, **words: Any) -> requests.Response:
    """Ask the API with a good token."""
    return requests.request(
        method,
        sandbox.api_url + path,
        headers={"x-access-token": "sandbox"},
        timeout=TIMEOUT,
        **words,
    )


def recover(sandbox: Sandbox, code: str = "liveodds", **query: int) -> requests.Response:
    """Ask for a recovery."""
    return ask(sandbox, "POST", f"/v1/{code}/recovery/initiate_request", params=query)


def now() -> int:
    """Return now in milliseconds."""
    return time.time_ns() // 10**6
