"""A ticket's timeline tells what LSports said, in sentences."""

import pytest

from backoffice.timeline import What, timeline_of
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.feeds.lsports.trade import WON, X, Y, bring, hear, say, single, told


def titles() -> list[str]:
    """Return what the ticket's timeline says that LSports said."""
    return [one.title for one in timeline_of(Ticket.objects.get()) if one.what is What.SAID]


@pytest.mark.parametrize(
    "words", [{}, {"outcome": "", "outcome_name": "1"}], ids=["by its id", "by its name"]
)
def test_what_is_told_of_a_bet(player: FundedPlayer, words: dict[str, str]) -> None:
    bring(single(player, market_name="1X2", **words))

    hear(say(told(settlement=WON)), say(told(settlement=-1, at=60)))

    assert titles() == [
        "LSports settles bet 1 of 1X2: won.",
        "LSports takes its settlement of bet 1 of 1X2 back (VAR or a mistake): the bet is open "
        "again.",
    ]


@pytest.mark.parametrize(
    ("bet", "title"),
    [
        (
            told(settlement=5, Name="Over", Line="2.25"),
            "LSports settles bet Over 2.25 of market 1: half won.",
        ),
        (
            told(settlement=3, Name="Yes", PlayerName="Ada"),
            "LSports settles bet Ada Yes of market 1: void.",
        ),
        (
            told(settlement=9),
            f"LSports says what has no known meaning: settlement “9” for bet {X}.",
        ),
        (told(Status=2), f"LSports shows bet {X} of market 1 open."),
        (told(Y, settlement=1), "LSports speaks of market 1 and not of what was bet on: 1 lost."),
    ],
)
def test_a_sentence_for_each(player: FundedPlayer, bet: dict[str, object], title: str) -> None:
    bring(single(player))

    hear(say(bet))

    assert titles() == [title]
