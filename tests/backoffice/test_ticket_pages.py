"""Tickets at the desk: found by their ids, paged by key, and explained."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backoffice.intake import bring_in
from settlement.models import Selection, Ticket
from tests.factories import FundedPlayer

Desk = Callable[[str], Client]
LIST = "/admin/settlement/ticket/"
HORSES = ["Silver Lantern", "Quiet Thunder", "Copper Kettle", "Brave Abacus"]


def asked(bet_id: str, player: FundedPlayer, **words: Any) -> dict[str, Any]:
    """Return a Lucky 15 of 15 x 1.00 on four horses, in a client's words."""
    legs = [
        {
            "event": f"race-{number}", "market": "win", "outcome": str(number),
            "price": f"{number + 1}.00", "event_name": f"Millbrook 14:{number}0",
            "market_name": "To win", "outcome_name": horse,
        }
        for number, horse in enumerate(HORSES, start=1)
    ]  # fmt: skip
    return {
        "bet_id": bet_id,
        "provider": "manual",
        "player": player.player.external_id,
        "currency": "EUR",
        "stake": "15.00",
        "kind": "lucky15",
        "placed_at": "2026-11-20T10:00:00Z",
        "selections": legs,
    } | words


def place(player: FundedPlayer, *bet_ids: str, **words: Any) -> Ticket:
    """Bring tickets in; return the last."""
    answers = bring_in(tickets=[asked(one, player, **words) for one in bet_ids], actor="test")
    assert [answer.status for answer in answers] == ["created"] * len(bet_ids)
    return Ticket.objects.get(bet_id=bet_ids[-1])


def ended(ticket: Ticket, **factors: str) -> None:
    """Write what settlement would: p1="1/2" is leg 1 in a dead heat, "void" is void."""
    for name, win in factors.items():
        leg = Selection.objects.filter(ticket=ticket, position=int(name[1:]))
        void = "1" if win == "void" else "0"
        result = {"void": "VOID", "0": "LOSE"}.get(win, "WIN")
        leg.update(win_factor="0" if win == "void" else win, void_factor=void, result=result)


def shown(client: Client, address: str) -> str:
    """Return what a page that opens holds."""
    response = client.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def page(ticket: Ticket) -> str:
    """Return the address of a ticket's page."""
    return f"{LIST}{ticket.pk}/change/"


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor"])
def test_who_works_with_tickets_reads_them(player: FundedPlayer, desk: Desk, role: str) -> None:
    ticket = place(player, "T-1")
    client = desk(role)

    assert "T-1" in shown(client, LIST)
    assert "15.00 EUR" in shown(client, page(ticket))


@pytest.mark.parametrize("role", ["Admin", "Platform"])
def test_others_do_not(player: FundedPlayer, desk: Desk, role: str) -> None:
    ticket = place(player, "T-1")

    for address in (LIST, page(ticket)):
        assert desk(role).get(address).status_code in (302, 403) or role == "Platform"


def test_nobody_changes_a_ticket_at_the_desk(player: FundedPlayer, admin_client: Client) -> None:
    ticket = place(player, "T-1")

    answers = [
        admin_client.post(f"{LIST}add/", {"bet_id": "T-2"}),
        admin_client.post(page(ticket), {"bet_id": "T-3", "stake": "1"}),
        admin_client.post(f"{LIST}{ticket.pk}/delete/", {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 200, 403]
    assert list(Ticket.objects.values_list("bet_id", "stake")) == [("T-1", 1500)]


@pytest.mark.parametrize("asked_for", ["T-2", "  T-2 ", "P-X", "T-2, T-9", "nothing\nT-2"])
def test_a_ticket_is_found_by_any_of_its_ids(desk: Desk, asked_for: str) -> None:
    place(FundedPlayer.create("100.00"), "T-1")
    place(FundedPlayer.create("100.00", external_id="P-X"), "T-2")

    found = desk("Support").get(LIST, {"q": asked_for}).content.decode()

    assert "T-2<" in found
    assert "T-1<" not in found


def test_a_part_of_an_id_finds_nothing(player: FundedPlayer, desk: Desk) -> None:
    place(player, "T-12")

    assert "T-12<" not in shown(desk("Support"), f"{LIST}?q=T-1")


def test_the_list_goes_on_by_key_and_comes_back(desk: Desk) -> None:
    rich = FundedPlayer.create("5000.00")
    place(rich, *[f"T-{number:03d}" for number in range(120)])
    client = desk("Support")

    first = client.get(LIST).context["cl"]
    second = client.get(LIST + first.older).context["cl"]
    third = client.get(LIST + second.older).context["cl"]
    back = client.get(LIST + third.newer).context["cl"]

    assert [one.bet_id for one in first.result_list][::49] == ["T-119", "T-070"]
    assert [one.bet_id for one in second.result_list][::49] == ["T-069", "T-020"]
    assert [one.bet_id for one in third.result_list][::19] == ["T-019", "T-000"]
    assert (first.newer, third.older) == ("", "")
    assert [one.bet_id for one in back.result_list] == [one.bet_id for one in second.result_list]
    assert first.count_words == "120 tickets"


@pytest.mark.parametrize(
    "odd", ["older=x", "older=-1", "newer=99999999999999999999", "older=1&newer=2", "p=3", "o=1",
            "status__exact=NOPE", "player__name__regex=(", "all="],
)  # fmt: skip
def test_an_odd_address_is_no_error(player: FundedPlayer, desk: Desk, odd: str) -> None:
    place(player, "T-1")

    assert desk("Support").get(f"{LIST}?{odd}", follow=True).status_code in (200, 400)


def test_the_list_costs_the_same_queries_for_any_number(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    place(FundedPlayer.create("5000.00"), *[f"T-{number}" for number in range(60)])
    client = desk("Support")

    with django_assert_max_num_queries(9):
        client.get(LIST)


def test_an_open_ticket_says_what_it_waits_for(player: FundedPlayer, desk: Desk) -> None:
    ticket = place(player, "T-1")
    ended(ticket, p1="1", p3="0")

    found = shown(desk("Support"), page(ticket))

    # (1 + 2)(1 + 3)(1 + 0)(1 + 5) - 1 lines of 1.00
    assert "Open: waiting for legs 2, 4. It can still return 71.00 EUR." in found
    assert "Not decided yet: the open legs matter." in found


def test_a_lucky_15_with_a_void_and_a_dead_heat_is_explained(
    player: FundedPlayer, desk: Desk
) -> None:
    ticket = place(player, "T-1")
    ended(ticket, p1="1", p2="void", p3="1/2", p4="0")

    found = shown(desk("Support"), page(ticket))

    assert "every leg that matters is decided" in found
    assert (
        "Lucky 15: 15 lines of 1.00, 15.00 staked.\n"
        "1. Millbrook 14:10 · To win · Silver Lantern: won at 2 → × 2.\n"
        "2. Millbrook 14:20 · To win · Quiet Thunder: void → × 1.\n"
        "3. Millbrook 14:30 · To win · Copper Kettle: won at 4; "
        "dead heat, 1/2 of the stake counts → × 2.\n"
        "4. Millbrook 14:40 · To win · Brave Abacus: lost → × 0.\n"
        "4 singles: 3 pay 1.00 × 5 = 5.00.\n"
        "6 doubles: 3 pay 1.00 × 8 = 8.00.\n"
        "4 trebles: 1 pays 1.00 × 4 = 4.00.\n"
        "1 fourfold: none pays.\n"
        "Lines together: 17.00.\n"
        "Returns 17.00 EUR.</pre>" in found
    )


def test_what_is_not_computed_says_so(player: FundedPlayer, desk: Desk) -> None:
    ticket = place(player, "T-1", kind="exotic")

    found = shown(desk("Support"), page(ticket))

    assert "settled by the provider's payout or by amount, not computed" in found


def test_names_are_shown_and_never_run(player: FundedPlayer, desk: Desk) -> None:
    bad = asked("T-<b>1", player, kind="single", stake="1.00")
    bad["selections"] = [bad["selections"][0] | {"event_name": "<script>alert(1)</script>"}]
    assert bring_in(tickets=[bad], actor="test")[0].status == "created"

    found = desk("Support").get(page(Ticket.objects.get())).content.decode()

    assert "<script>alert(1)" not in found
    assert "&lt;script&gt;alert(1)" in found
    assert "<b>1" not in found


@pytest.mark.parametrize("key", ["0", "999999", "x", "99999999999999999999", "1/2"])
def test_a_ticket_that_is_not_there_is_not_found(
    player: FundedPlayer, desk: Desk, key: str
) -> None:
    place(player, "T-1")

    assert desk("Support").get(f"{LIST}{key}/change/").status_code == 404


def test_a_players_page_leads_to_his_tickets(player: FundedPlayer, desk: Desk) -> None:
    place(player, "T/1 #a")

    found = shown(desk("Support"), f"/admin/wallet/player/{player.player.pk}/change/")

    assert f'href="{LIST}?q={player.player.external_id}">Tickets' in found
    assert f'href="{LIST}?q=T/1%20%23a">T/1 #a</a>' in found
