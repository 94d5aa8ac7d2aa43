"""How other consumers of LSports' feeds lose settlements: one test for each."""

import json

import pytest

from settlement.models import MarketFact
from tests.factories import FundedPlayer
from tests.feeds.lsports.trade import (
    LAYOUTS,
    LOST,
    TAKEN_BACK,
    WON,
    X,
    Y,
    asked,
    bring,
    event,
    hear,
    market,
    nested,
    payout,
    plain,
    quoted,
    say,
    single,
    told,
)
from tests.feeds.test_inbox import states

OPEN = ("OPEN", "NONE", "0.00")
WIN = ("SETTLED", "WIN", "25.00")


def test_an_outright_in_a_season_in_a_league_is_not_empty(player: FundedPlayer) -> None:
    bring(single(player))

    hear(nested(event(market(told(settlement=WON)))))

    assert payout() == WIN


def test_a_message_that_nobody_can_read_is_kept(player: FundedPlayer) -> None:
    bring(single(player))

    hear(plain(say(told(settlement=WON))) + b"}")

    assert (payout(), states()) == (OPEN, ["QUARANTINED"])


@pytest.mark.parametrize("kind", ["35", " 35 ", "35.0"])
def test_a_type_in_quotes_is_known(player: FundedPlayer, kind: str) -> None:
    bring(single(player))
    said = say(told(settlement=WON))
    said["Header"]["Type"] = kind

    hear(said)

    assert payout() == WIN


@pytest.mark.parametrize("broken", [{"Id": X}, None, 7, "x", [], {"Id": {}, "Status": 3}])
def test_one_bad_bet_does_not_drop_the_message(player: FundedPlayer, broken: object) -> None:
    bring(single(player, outcome=Y))

    hear(say(broken, told(Y, settlement=WON)))

    assert payout() == WIN


def test_an_unknown_code_does_not_drop_the_message(player: FundedPlayer) -> None:
    bring(single(player), single(player, "Y", outcome=Y))

    hear(say(told(settlement=99), told(Y, settlement=WON)))

    assert (payout(), payout("Y"), asked()) == (OPEN, WIN, ["UNKNOWN_RESULT"])


def test_ids_do_not_pass_through_a_float(player: FundedPlayer) -> None:
    near = str(int(X) - 1)
    assert float(near) == float(X)
    bring(single(player), single(player, "near", outcome=near))

    hear(say(told(settlement=WON), told(near, settlement=LOST)))

    assert (payout(), payout("near")) == (WIN, ("SETTLED", "LOSE", "0.00"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_xml_is_read_too(player: FundedPlayer, layout: type) -> None:
    bring(single(player, outcome="100000000000000000000000001"))

    hear(layout(say(told("100000000000000000000000001", settlement=WON))))

    assert payout() == WIN


def test_a_snapshot_that_repeats_a_state_is_no_news(player: FundedPlayer) -> None:
    bring(single(player))
    said = say(told(settlement=WON))
    again = json.loads(plain(said)) | {"Header": {"Type": 36, "MsgGuid": "other"}}

    hear(said, quoted(said), again)

    assert MarketFact.objects.count() == 1


def test_minus_one_is_not_a_refund(player: FundedPlayer) -> None:
    bring(single(player))

    hear(say(told(settlement=WON)), say(told(settlement=TAKEN_BACK, at=60)))

    assert payout() == OPEN


def test_one_is_a_loser_here(player: FundedPlayer) -> None:
    bring(single(player))

    hear(say(told(settlement=1)))

    assert payout() == ("SETTLED", "LOSE", "0.00")
