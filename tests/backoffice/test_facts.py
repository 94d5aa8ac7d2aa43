"""What providers and our own people say, in words."""

from typing import Any

import pytest

from backoffice.timeline import What
from settlement.models import SportEvent
from settlement.said import ActSaid, MarketContent, OutcomeSaid
from settlement.vocabulary import TicketResult
from tests.backoffice.telling import NAMES, act, market_act, story, titles
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet, legs, selection
from tests.settlement.settling import LOST, VOID, WON


@pytest.mark.parametrize(
    ("kind", "act_said", "words", "title"),
    [
        ("SETTLE", ActSaid(TicketResult.HALF_WIN), {}, "settles the bet as half win"),
        ("AMOUNT", ActSaid(amount=123_450), {}, "settles the bet at 1,234.50 EUR in all"),
        ("AMOUNT", ActSaid(TicketResult.MIXED, amount=5), {},
         "settles the bet at 0.05 EUR in all, as mixed"),
        ("VOID", ActSaid(), {}, "voids the bet"),
        ("REOPEN", ActSaid(), {}, "opens the bet again"),
        ("CANCEL", ActSaid(), {}, "cancels the bet"),
        ("REJECT", ActSaid(), {}, "rejects the bet"),
        ("RELEASE", ActSaid(), {}, "lets the providers' results count again"),
        ("CASH_OUT", ActSaid(stake=500, amount=700), {},
         "cashes out 5.00 EUR of the stake for 7.00 EUR"),
        ("RETRACTION", ActSaid(retracts=(123,)), {}, "takes back act 123"),
        ("RETRACTION", ActSaid(retracts=(123, 124)), {}, "takes back acts 123 and 124"),
        ("LEG", ActSaid(win=VOID), {"position": 2}, "voids leg 2"),
        ("LEG", ActSaid(win=VOID, place=VOID), {"position": 2}, "voids leg 2"),
        ("LEG", ActSaid(win=WON), {"position": 1}, "settles leg 1 as won"),
        ("LEG", ActSaid(win=("1/2", "0")), {"position": 1},
         "settles leg 1 as won in a dead heat, 1/2 of the stake counts"),
        ("LEG", ActSaid(win=LOST, place=WON), {"position": 1},
         "settles leg 1 as lost, its place part as won"),
        ("LEG", ActSaid(place=("1/2", "1/2")), {"position": 1},
         "settles the place part of leg 1 as half won"),
        ("LEG", ActSaid(percent="15", starting_price="4.5"), {"position": 1},
         "takes 15 % off the profit on leg 1 (Rule 4) and gives leg 1 the starting price 4.5"),
    ],
)  # fmt: skip
def test_an_act_is_told_with_who_and_why(
    player: FundedPlayer, kind: str, act_said: ActSaid, words: dict[str, Any], title: str
) -> None:
    accepted(bet(player, *legs(2), kind="double"))

    act(kind, act_said, **words, note="He said so")

    assert titles(What.ACT) == [f"olga {title}: wrong result — “He said so”."]


def test_an_act_on_a_leg_says_which_leg_that_is(player: FundedPlayer) -> None:
    accepted(bet(player, selection(), selection(2, **NAMES), kind="double"))

    act("LEG", ActSaid(win=VOID), position=2)

    (told,) = [one for one in story() if one.what == What.ACT]
    assert told.details == ("Leg 2: Hull v York · Result · Hull.",)
    assert (told.actor, told.reason, told.source) == ("user:olga", "WRONG_RESULT", "operator")


@pytest.mark.parametrize(
    ("kind", "content", "title"),
    [
        ("SETTLEMENT", MarketContent({"X": OutcomeSaid(WON)}), "settles outcome X as won"),
        ("SETTLEMENT", MarketContent({"X": OutcomeSaid()}), "settles outcome X as undecided"),
        ("CANCEL", MarketContent(), "voids market 1"),
        ("CANCEL", MarketContent(end=1795082400000),
         "voids market 1 for bets accepted until 2026-11-19 10:00:00 UTC"),
        ("ROLLBACK", MarketContent({"X": OutcomeSaid()}), "opens again outcome X"),
        ("DEDUCTION", MarketContent(percent="15"),
         "takes 15 % off the profit on market 1 (Rule 4)"),
        ("RETRACTION", MarketContent(retracts=(9,)), "takes back act 9"),
    ],
)  # fmt: skip
def test_an_act_on_a_market_is_told_with_who_and_why(
    player: FundedPlayer, kind: str, content: MarketContent, title: str
) -> None:
    accepted(bet(player))

    market_act(kind, content)

    assert titles(What.ACT) == [f"olga {title}: abandoned."]


def test_an_act_on_an_event_is_told_by_the_events_name(player: FundedPlayer) -> None:
    accepted(bet(player, selection(**NAMES)))

    market_act("CANCEL", market=None, event=SportEvent.objects.get(), batch=17)

    (told,) = [one for one in story() if one.what == What.ACT]
    assert told.title == "olga voids all markets of Hull v York in batch 17: abandoned."
    assert (told.details, told.batch) == (("Leg 1: Hull v York · Result · Hull.",), 17)


def test_an_act_in_the_place_of_another_says_what_it_replaces(player: FundedPlayer) -> None:
    accepted(bet(player))
    first = act("VOID")

    act("SETTLE", ActSaid(TicketResult.WIN, retracts=(first.pk,)))

    *_, last = story()
    assert last.details == (f"In the place of act {first.pk}: olga voids the bet: wrong result.",)
