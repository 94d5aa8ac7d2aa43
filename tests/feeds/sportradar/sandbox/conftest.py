"""A sandbox whose alives come quickly, while its limits are the real ones."""

from collections.abc import Iterator

import pytest

from feeds.sportradar.sandbox import Sandbox
from feeds.sportradar.windows import Windows
from tests.feeds.sportradar.sandbox.clients import Listener

SHORT = Windows(alive=0.1, dead=30)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox without a broker."""
    with Sandbox(windows=SHORT) as running:
        yield running


@pytest.fixture
def listener(sandbox: Sandbox) -> Listener:
    """Somebody who listens from the start."""
    return Listener(sandbox)
