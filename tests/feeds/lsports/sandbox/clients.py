"""A client of the sandbox: one that asks the API, and one that reads a queue."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

import requests

from feeds.lsports.sandbox import Sandbox

TIMEOUT = 10.0
SIGNS = (31, 32)


@dataclass(frozen=True)
class Came:
    """A message that came."""

    tag: int
    body: bytes

    @property
    def said(self) -> Any:
        """What it says, in JSON."""
        return json.loads(self.body)

    @property
    def kind(self) -> int:
        """Its type, when it is as plain as can be."""
        return int(self.said["Header"]["Type"])


class Reader:
    """Somebody who reads a package's queue in the sandbox's own process."""

    def __init__(self, sandbox: Sandbox, queue: str = "_430_", name: str = "one") -> None:
        self.sandbox = sandbox
        self.name = name
        self.url = f"{sandbox.queues_url}/{queue}"

    def ask(self, most: int = 1000, wait: float = 0) -> requests.Response:
        """Ask for the next messages."""
        words: dict[str, Any] = {"most": most, "wait": wait, "reader": self.name}
        return requests.get(self.url, params=words, timeout=TIMEOUT)

    def take(self, most: int = 1000, wait: float = 0) -> list[Came]:
        """Return the next messages."""
        answer = self.ask(most, wait)
        answer.raise_for_status()
        return [came(line) for line in answer.content.splitlines()]

    def until(self, kind: int, count: int = 1) -> list[Came]:
        """Return messages of a type, once there are so many."""
        found: list[Came] = []
        deadline = time.monotonic() + TIMEOUT
        while len(found) < count:
            assert time.monotonic() < deadline, f"Only {len(found)} of {count} came: {found}"
            found += [one for one in self.take(wait=0.5) if one.kind == kind]
        return found

    def told(self) -> list[Came]:
        """Return what waits, without signs of life."""
        return [one for one in self.take() if one.kind not in SIGNS]

    def acknowledge(self, tag: int) -> int:
        """Acknowledge everything up to a tag."""
        url = f"{self.url}/ack"
        words = {"reader": self.name}
        answer = requests.post(url, params=words, json={"tag": tag}, timeout=TIMEOUT)
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
    return Came(said["tag"], body)


def ask(sandbox: Sandbox, path: str, package: str = "inplay", **words: object) -> requests.Response:
    """Ask the API with a package's credentials."""
    known = sandbox.vendor.package(package).settings
    said = {"packageId": known.id, "userName": known.user, "password": known.password} | words
    return requests.post(sandbox.api_url + path, json=said, timeout=TIMEOUT)


def status(sandbox: Sandbox, package: str = "inplay") -> Any:
    """Return how a package stands."""
    return ask(sandbox, "/Package/GetDistributionStatus", package).json()["Body"]


def start(sandbox: Sandbox, package: str = "inplay") -> requests.Response:
    """Start a package's distribution."""
    return ask(sandbox, "/Distribution/Start", package)


def snapshot(
    sandbox: Sandbox, what: str = "InPlay/GetFixtureMarkets", **words: object
) -> requests.Response:
    """Ask for a snapshot."""
    return ask(sandbox, f"/{what}", what.split("/")[0].lower(), **words)
