"""Why a provider's word changes nothing is told beside it; what changes something has no remark."""

from datetime import UTC, datetime

import pytest

from backoffice.heard import CANCELLED, OLDER, SURER
from backoffice.timeline import What
from settlement.said import Ended, MarketSaid, ticks_of
from tests.backoffice.telling import NAMES, details
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet, selection
from tests.settlement.settling import LOST, WON, said, tell

NOON = ticks_of(datetime(2026, 11, 20, 12, tzinfo=UTC))
ACCEPTED_MS = 1795168800000  # 10:00 on that day.


@pytest.fixture
def player(own_database: str) -> FundedPlayer:
    """Player P, who bets on X."""
    found = FundedPlayer.create("100.00", external_id="P")
    accepted(bet(found, selection(**NAMES), bet_id="T-1", provider="sportradar"))
    return found


def ends(how: Ended = WON, at: int = 0, certainty: int = 1) -> MarketSaid:
    """Say how X ended, so many ticks after noon."""
    return said(ticks=NOON + at, outcomes={"X": how}, certainty=certainty)


UNDECIDED = None
OUTSIDE = "This bet was accepted at 2026-11-20 10:00:00 UTC, outside that time: it changes nothing."


def window(kind: str, at: int, start: int) -> MarketSaid:
    """Cancel the bets accepted since then, or take that back."""
    return said(kind, NOON + at, start=start)


@pytest.mark.parametrize(
    ("name", "facts", "remark"),
    [
        ("live after confirmed", [ends(certainty=2), ends(LOST, 1)], SURER),
        ("live again", [ends(), ends(LOST, 1)], ""),
        ("confirmed after live", [ends(), ends(LOST, 1, 2)], ""),
        ("confirmed, older than live", [ends(LOST, 1), ends(WON, 0, 2)], ""),
        ("live, older than live", [ends(LOST, 1), ends()], OLDER),
        ("confirmed, older than confirmed", [ends(LOST, 1, 2), ends(WON, 0, 2)], OLDER),
        ("live after an undecided that is confirmed", [ends(UNDECIDED, 0, 2), ends(WON, 1)], ""),
        ("taken back before it came", [said("ROLLBACK", NOON), ends()], OLDER),
        ("told after it was taken back",
         [ends(certainty=2), said("ROLLBACK", NOON + 1), ends(LOST, 2)], ""),
        ("cancelled for this bet's time", [window("CANCEL", 0, ACCEPTED_MS)], ""),
        ("cancelled for other bets' time", [window("CANCEL", 0, ACCEPTED_MS + 1)], OUTSIDE),
        ("a result after a cancel", [window("CANCEL", 0, ACCEPTED_MS), ends(WON, 1)], CANCELLED),
        ("a result after others' cancel", [window("CANCEL", 0, ACCEPTED_MS + 1), ends(WON, 1)], ""),
        ("a result after a cancel that people decide about",
         [said("CANCEL", NOON, void_reason=15), ends(WON, 1)], ""),
        ("a result after a cancel that was taken back",
         [window("CANCEL", 0, ACCEPTED_MS), window("CANCEL_ROLLBACK", 1, ACCEPTED_MS),
          ends(WON, 2)], ""),
    ],
)  # fmt: skip
def test_what_changes_nothing_says_why(
    player: FundedPlayer, name: str, facts: list[MarketSaid], remark: str
) -> None:
    for fact in facts:
        tell(fact)

    told = details(What.SAID)[-1]
    assert [one for one in told if one in (SURER, OLDER, CANCELLED, OUTSIDE)] == [
        one for one in [remark] if one
    ], name
