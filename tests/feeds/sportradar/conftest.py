"""What the tests of Sportradar's messages share."""

from collections.abc import Iterator

import pytest

from settlement import reading


@pytest.fixture(autouse=True)
def rules_as_they_are() -> Iterator[None]:
    """Forget other rules that a test settled by."""
    yield
    reading.RULES_READ.clear()
