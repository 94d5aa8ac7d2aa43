"""Sandboxes without a broker: heartbeats are rare, unless a test wants them."""

from collections.abc import Iterator

import pytest

from feeds.lsports.sandbox import Sandbox
from feeds.lsports.windows import Windows
from tests.feeds.lsports.sandbox.clients import Reader

SHORT = Windows(request=0, snapshot=0)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that may be asked as often as one likes."""
    with Sandbox(windows=SHORT) as running:
        yield running


@pytest.fixture
def reader(sandbox: Sandbox) -> Reader:
    """Somebody who reads the queue of the in-play package."""
    return Reader(sandbox)
