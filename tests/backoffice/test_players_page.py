"""Players: who sees them, how one is found, and what his page shows of his money."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.backoffice.past import date_back, signed_in
from tests.factories import FundedPlayer, PlayerFactory
from wallet.vocabulary import TransferKind

Desk = Callable[[str], Client]

LIST = "/admin/wallet/player/"


def page(player: FundedPlayer, query: str = "") -> str:
    """Return the address of a player's page."""
    return f"/admin/wallet/player/{player.player.pk}/change/?{query}"


def shown(client: Client, address: str) -> str:
    """Return what a page that opens holds."""
    response = client.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.fixture
def three_days(own_database: str) -> FundedPlayer:
    """A player with a deposit in the last second of each of three days."""
    player = FundedPlayer.create()
    for day, amount in (("01", "10.00"), ("02", "20.00"), ("03", "40.00")):
        player.post(amount, key=day, kind=TransferKind.DEPOSIT)
    date_back({day: f"2026-03-{day} 23:59:59.999999" for day in ("01", "02", "03")})
    return player


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor"])
def test_who_works_with_players_sees_them(player: FundedPlayer, desk: Desk, role: str) -> None:
    client = desk(role)

    assert "100.00 EUR" in shown(client, LIST)
    assert "+100.00" in shown(client, page(player))


def test_the_role_admin_sees_no_players_money(player: FundedPlayer, desk: Desk) -> None:
    client = desk("Admin")

    for address in (LIST, page(player)):
        response = client.get(address)
        assert response.status_code == 403
        assert "Not for your role" in response.content.decode()
        assert "100.00" not in response.content.decode()


def test_a_stranger_is_sent_to_the_login(player: FundedPlayer, client: Client) -> None:
    for address in (LIST, page(player)):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/?next=/admin/wallet/player/")


@pytest.mark.parametrize(
    ("what", "asked", "found"),
    [
        ("the exact id", "TW-10", ["TW-10"]),
        ("the beginning of an id", "TW-1", ["TW-1"]),
        ("the beginning of a name", "bru", ["TW-10"]),
        ("the end of a name", "Brandt", []),
        ("an id that nobody has", "TW-9", []),
        ("a sign for any text", "%", []),
    ],
)
def test_a_player_is_found_by_his_exact_id(
    db: None, desk: Desk, what: str, asked: str, found: list[str]
) -> None:
    PlayerFactory.create(external_id="TW-1")
    PlayerFactory.create(external_id="TW-10", name="Bruno Brandt")

    response = desk("Support").get(LIST, {"q": asked})

    assert [player.external_id for player in response.context["cl"].result_list] == found


@pytest.mark.parametrize("number", ["999999", "99999999999999999999", "0", "abc", "-1"])
def test_an_unknown_player_is_not_found(db: None, desk: Desk, number: str) -> None:
    response = desk("Support").get(f"/admin/wallet/player/{number}/change/")

    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.parametrize("query", ["status__exact=GONE", "nonsense=1", "p=77", "o=99"])
def test_a_list_asked_for_nonsense_does_not_break(
    player: FundedPlayer, desk: Desk, query: str
) -> None:
    response = desk("Support").get(f"{LIST}?{query}", follow=True)

    assert response.status_code == 200


@pytest.mark.parametrize("query", ["q=%00", "status__exact=%00", "currency=a%00b"])
def test_an_address_that_no_database_can_hold_is_refused(
    player: FundedPlayer, desk: Desk, query: str
) -> None:
    response = desk("Support").get(f"{LIST}?{query}")

    assert response.status_code == 400
    assert response.content.decode() == "The address holds a character with the code 0."


def test_the_list_asks_no_more_for_many_players_than_for_one(
    db: None, desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        FundedPlayer.create("5.00")
    client = desk("Support")

    with django_assert_max_num_queries(8):
        assert shown(client, LIST).count("5.00 EUR") == 12


def test_a_page_asks_no_more_for_many_transfers_than_for_one(
    player: FundedPlayer, desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        player.post("5.00")
    client = desk("Senior")

    with django_assert_max_num_queries(8):
        assert shown(client, page(player)).count("+5.00") == 12


def test_the_page_shows_balances_and_how_they_came_about(player: FundedPlayer, desk: Desk) -> None:
    player.post("-130.50", kind=TransferKind.SETTLEMENT, note="<b>late</b> result")

    html = desk("Support").get(page(player)).content.decode()

    assert "−30.50" in html
    assert "▼ below zero" in html
    assert "&lt;b&gt;late&lt;/b&gt; result" in html
    assert "Bet settled" in html


def test_a_player_without_an_account_has_a_page(db: None, desk: Desk) -> None:
    player = PlayerFactory.create(external_id="NEW", name="")

    html = shown(desk("Support"), f"/admin/wallet/player/{player.pk}/change/?kind=GIFT")

    assert "This player has no account yet; his first transfer opens one." in html


def test_a_statement_is_read_page_by_page(player: FundedPlayer, desk: Desk) -> None:
    for _ in range(59):
        player.post("1.00")
    client = desk("Support")

    newest = client.get(page(player)).context["statement"]
    older = client.get(page(player, newest.older)).context["statement"]

    assert newest.older == "currency=EUR&before=11"
    assert [line.sequence for line in newest.lines] == list(range(60, 10, -1))
    assert [line.sequence for line in older.lines] == list(range(10, 0, -1))
    assert older.older == ""


def test_older_pages_keep_the_filter(player: FundedPlayer, desk: Desk) -> None:
    for _ in range(51):
        player.post("1.00")

    chosen = desk("Support").get(page(player, "kind=SETTLEMENT&before=")).context["statement"]

    assert chosen.older == "kind=SETTLEMENT&currency=EUR&before=3"


@pytest.mark.parametrize(
    ("what", "query", "numbers", "balance_at_end"),
    [
        ("everything", "", [3, 2, 1], ""),
        ("one day", "since=2026-03-02&until=2026-03-02", [2], "30.00 EUR"),
        ("from a day on", "since=2026-03-02", [3, 2], ""),
        ("to a day", "until=2026-03-02", [2, 1], "30.00 EUR"),
        ("a day before all", "until=2026-02-28", [], "0.00 EUR"),
        ("a kind that was not", "kind=WITHDRAWAL", [], ""),
        ("a kind", "kind=DEPOSIT&before=3", [2, 1], ""),
    ],
)
def test_a_statement_is_narrowed_by_day_and_kind(
    three_days: FundedPlayer,
    what: str,
    query: str,
    numbers: list[int],
    balance_at_end: str,
) -> None:
    chosen = signed_in("Support").get(page(three_days, query)).context["statement"]

    assert [line.sequence for line in chosen.lines] == numbers
    assert chosen.balance_at_end == balance_at_end


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("kind=GIFT", "Kind: Select a valid choice. GIFT is not one of the available choices."),
        ("currency=USD", "Select a valid choice. USD is not one of the available choices."),
        ("since=2026-02-30", "Enter a valid date."),
        ("until=soon", "Enter a valid date."),
        ("before=first", "Enter a whole number."),
        ("before=99999999999999999999999", "+100.00"),
        ("before=-1", "No transfer fits this choice."),
        ("until=9999-12-31", "+100.00"),
        ("since=0001-01-01", "+100.00"),
    ],
)
def test_a_filter_that_makes_no_sense_is_answered_with_a_sentence(
    player: FundedPlayer, desk: Desk, query: str, sentence: str
) -> None:
    assert sentence in shown(desk("Support"), page(player, query))


@pytest.mark.parametrize(
    ("role", "links"),
    [
        ("Support", (False, False)),
        ("Operator", (False, False)),
        ("Ops", (False, False)),
        ("Auditor", (False, True)),
        ("Senior", (True, True)),
    ],
)
def test_each_sees_only_the_buttons_that_work_for_him(
    player: FundedPlayer, desk: Desk, role: str, links: tuple[bool, bool]
) -> None:
    html = shown(desk(role), page(player))

    moves = all(f"/{word}/?currency=EUR" in html for word in ("deposit", "withdrawal"))
    assert (moves, "statement.csv" in html) == links
    assert links[0] == ("adjustment" in html)
