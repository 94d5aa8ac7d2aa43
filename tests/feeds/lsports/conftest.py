"""What the tests of LSports' messages share."""

from collections.abc import Iterator

import pytest

from settlement import reading


@pytest.fixture(autouse=True)
def own_rules() -> Iterator[None]:
    """Forget a test's own rules."""
    yield
    reading.RULES_READ.clear()
