"""What tests of the desk's acts begin with, and what all of the desk's share."""

import pytest

from backoffice.management.commands import doctor
from tests.factories import FundedPlayer
from tests.settlement.acting import no_limits
from tests.settlement.asked import accepted, bet


@pytest.fixture(autouse=True)
def nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs here: the doctor need not wait for one that answers late."""
    monkeypatch.setattr(doctor, "LONGEST_ANSWER", 0.05)


@pytest.fixture
def single(player: FundedPlayer) -> FundedPlayer:
    """Somebody with a single of 10.00 at 2.50, and operators without limits."""
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    return player
