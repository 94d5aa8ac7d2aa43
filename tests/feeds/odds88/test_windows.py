"""The feed's windows."""

import pytest

from feeds.odds88.windows import Windows


def test_the_windows_are_those_that_odds88_documents() -> None:
    assert Windows() == Windows(
        proper=300, without=1800, silence=15, token=86400, unresponsive=10, ping=5, quiet=60
    )


def test_all_windows_are_divided_alike() -> None:
    assert Windows().divided(100) == Windows(
        proper=3, without=18, silence=0.15, token=864, unresponsive=0.1, ping=0.05, quiet=0.6
    )


@pytest.mark.parametrize("name", ["proper", "quiet"])
def test_a_window_can_not_be_changed(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Windows(), name, 1)
