"""What tests of feeds share."""

from collections.abc import Iterator

import pytest

from feeds.odds88.sandbox.server import Sandbox
from tests.feeds.asking import odds88


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Odds88's server, named by our settings."""
    with odds88() as found:
        yield found
