"""Every settlement code in every layout, from a message's bytes to the player's balance."""

from collections.abc import Callable

import pytest

from tests.factories import FundedPlayer
from tests.feeds.lsports.trade import (
    HALF_LOST,
    HALF_WON,
    LAYOUTS,
    LOST,
    REFUND,
    WON,
    Y,
    asked,
    bring,
    event,
    flat,
    hear,
    market,
    message,
    nested,
    payout,
    plain,
    single,
    snapshot,
    sound,
    told,
)
from tests.settlement.asked import Json

STANDS = {
    LOST: (("SETTLED", "LOSE", "0.00"), "90.00"),
    WON: (("SETTLED", "WIN", "25.00"), "115.00"),
    REFUND: (("SETTLED", "REFUND", "10.00"), "100.00"),
    HALF_LOST: (("SETTLED", "HALF_LOSE", "5.00"), "95.00"),
    HALF_WON: (("SETTLED", "HALF_WIN", "17.50"), "107.50"),
}


@pytest.mark.parametrize("code", STANDS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("nesting", "kind"), [(message, 35), (nested, 42), (flat, 42), (message, 42), (nested, 43),
                          (flat, 43), (message, 43)],
)  # fmt: skip
def test_a_code_reaches_the_balance(
    player: FundedPlayer,
    nesting: Callable[..., Json],
    kind: int,
    layout: Callable[[Json], bytes],
    code: int,
) -> None:
    bring(single(player))

    hear(layout(nesting(event(market(told(settlement=code), told(Y))), kind=kind)))

    assert (payout(), player.balance) == STANDS[code]
    assert asked() == []


@pytest.mark.parametrize("code", STANDS)
def test_a_snapshot_settles_too(player: FundedPlayer, code: int) -> None:
    bring(single(player))

    hear(plain(snapshot(event(market(told(settlement=code), told(Y))))))

    assert (payout(), player.balance) == STANDS[code]
    assert sound()
