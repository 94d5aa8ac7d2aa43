"""What the tests of Sportradar's messages share."""

from collections.abc import Iterator

import pytest

from feeds import readers
from feeds.sportradar import translate
from settlement import reading
from settlement.vocabulary import Source


@pytest.fixture(autouse=True)
def as_it_is(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read as the product reads, whatever other tests put there; forget a test's own rules."""
    monkeypatch.setitem(readers.READERS, Source.SPORTRADAR, translate.read)
    yield
    reading.RULES_READ.clear()
