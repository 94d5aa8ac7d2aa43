"""Acts by hand for longer than a test run allows: `make campaign NAME=acts`."""

import pytest

from tests.settlement.acts.conftest import olga_and_sam_are_known
from tests.settlement.acts.test_acts_among_facts import (
    _answers_never_grow_old,
    _limits,
    play_and_undo,
)

__all__ = ["_answers_never_grow_old", "_limits", "olga_and_sam_are_known"]
HISTORIES = 400


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_the_same_acts_in_another_order_end_alike_and_undone_leave_nothing(seed: int) -> None:
    play_and_undo(seed)
