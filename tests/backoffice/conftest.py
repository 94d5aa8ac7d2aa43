"""What tests of the desk's acts begin with."""

import pytest

from tests.factories import FundedPlayer
from tests.settlement.acting import no_limits
from tests.settlement.asked import accepted, bet


@pytest.fixture
def single(player: FundedPlayer) -> FundedPlayer:
    """Somebody with a single of 10.00 at 2.50, and operators without limits."""
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    return player
