"""A sandbox whose windows are short, and a client for each transport."""

from collections.abc import Iterator

import pytest

from feeds.odds88.sandbox import Sandbox
from feeds.odds88.windows import Windows
from tests.feeds.odds88.sandbox.clients import Client

SHORT = Windows(
    proper=300, without=1800, silence=1, token=86400, unresponsive=0.5, ping=0.1, quiet=1
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that pings ten times a second."""
    with Sandbox(windows=SHORT) as running:
        yield running


@pytest.fixture(params=["http", "websocket"])
def client(request: pytest.FixtureRequest, sandbox: Sandbox) -> Client:
    """Somebody with a token, on each transport."""
    return Client(sandbox, request.param)
