"""The quote page: a bet is priced by hand, and nothing is stored."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from settlement.models import Ticket
from tests.backoffice.test_ticket_pages import ended, place
from tests.factories import FundedPlayer

Desk = Callable[[str], Client]
QUOTE = "/admin/quote/"
WHOLE = {"kind": "double", "stake": "10", "currency": "EUR", "legs-TOTAL_FORMS": "6"}
LEGS = {
    "legs-0-price": "2.5", "legs-0-result": "win", "legs-0-name": "Arsenal",
    "legs-1-price": "11/6", "legs-1-result": "half_win",
}  # fmt: skip


def answer(client: Client, **given: str) -> str:
    """Return the page's answer to a bet."""
    response = client.get(QUOTE, WHOLE | LEGS | given)
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor"])
def test_who_talks_to_players_may_price_a_bet(desk: Desk, role: str) -> None:
    # 10 x 2.5 x (11/6 + 1) / 2 = 35.4166…
    assert 'Returns <span class="figure">35.42 EUR</span>' in answer(desk(role))


def test_the_role_admin_may_not(desk: Desk) -> None:
    assert desk("Admin").get(QUOTE).status_code == 403


def test_a_stranger_is_sent_to_the_login(client: Client, db: None) -> None:
    assert client.get(QUOTE).headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"legs-0-price": "abc"}, "legs[1].price: “abc” is not a number"),
        ({"legs-0-price": "0.5"}, "legs[1].price: decimal odds of 0.5 are below 1."),
        ({"kind": "treble"}, "A treble has 3 legs, not 2."),
        ({"kind": "system", "folds": "2"}, "is not a kind of bet; a system is written"),
        ({"stake": "0"}, "The stake must be above zero."),
        ({"stake": "-1"}, "stake: “-1” is not a number"),
        ({"legs-0-dead_heat": "1/0"}, "divides by zero"),
        ({"legs-0-rule4": "101"}, "a deduction is 0 to 100 percent"),
        ({"each_way": "on"}, "a half result says nothing about the place part"),
    ],
)
def test_what_can_not_be_priced_says_why(desk: Desk, given: dict[str, str], said: str) -> None:
    assert said in answer(desk("Support"), **given)


@pytest.mark.parametrize(
    "given",
    [{"kind": "nope"}, {"currency": "QQQ"}, {"rules": "99"}, {"legs-TOTAL_FORMS": "9999"},
     {"legs-TOTAL_FORMS": "-1"}, {"legs-0-result": "won"}, {"more": "1"}],
)  # fmt: skip
def test_odd_input_is_no_error(desk: Desk, given: dict[str, str]) -> None:
    assert "<h2>Legs</h2>" in answer(desk("Support"), **given)


def test_an_open_leg_leaves_it_undecided(desk: Desk) -> None:
    assert "Not decided yet" in answer(desk("Support"), **{"legs-1-result": ""})


def test_a_ticket_is_taken_over_with_its_legs(player: FundedPlayer, desk: Desk) -> None:
    ended(place(player, "T-1"), p1="1", p2="void", p3="1/2", p4="0")

    response = desk("Support").get(QUOTE, {"ticket": "T-1"})

    form, legs = response.context["form"], response.context["legs"]
    assert form.initial["kind"] == "lucky15"
    assert form.initial["stake"] == "1"
    assert [leg.initial["result"] for leg in legs.forms] == ["win", "void", "win", "lose"]
    assert legs.forms[2].initial["dead_heat"] == "1/2"
    assert Ticket.objects.count() == 1


def test_several_withdrawn_runners_add_up(desk: Desk) -> None:
    found = answer(desk("Support"), **{"legs-0-rule4": "10+15 %"})

    assert "Rule 4 takes 25 % off the profit: 2.125" in found
