"""The demo's providers: servers of our own on this machine, steered over HTTP."""

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

import msgspec
import requests

SECONDS = 20  # Until one must have started.


@dataclass(frozen=True, slots=True)
class Server(ABC):
    """Where a provider's server is on this machine."""

    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    @abstractmethod
    def words(self) -> list[str]:
        """Its command."""

    def tell(self, path: str, body: object) -> None:
        """Tell it something, once it listens."""
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                self.told(path, msgspec.json.encode(body))
                return
            except requests.ConnectionError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def told(self, path: str, body: bytes) -> None:
        """Tell it something now."""
        answer = requests.post(f"{self.url}/sandbox/{path}", data=body, timeout=10)
        answer.raise_for_status()
