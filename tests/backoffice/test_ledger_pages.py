"""The ledger, the books and the currencies: read by those who may, rewritten by nobody."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.db.models import Model
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backoffice.models import User
from tests.factories import FundedPlayer, UserFactory
from wallet.models import Account, Currency, Player, Transfer
from wallet.vocabulary import TransferKind

Desk = Callable[[str], Client]

LEDGER, BOOKS = "/admin/wallet/transfer/", "/admin/wallet/account/"
READERS = ["Support", "Operator", "Senior", "Ops", "Auditor"]


def shown(client: Client, address: str) -> str:
    """Return what a page that opens holds."""
    response = client.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def detail(player: FundedPlayer) -> str:
    """Return the address of the page on a player's first transfer."""
    return f"{LEDGER}{player.account.transfers.earliest('id').pk}/change/"


@pytest.fixture
def superuser(db: None) -> Client:
    """A browser of somebody whom no permission stops."""
    client = Client()
    user = UserFactory.create(is_superuser=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("role", READERS)
def test_who_works_with_money_reads_the_ledger(player: FundedPlayer, desk: Desk, role: str) -> None:
    client = desk(role)

    assert "+100.00" in shown(client, LEDGER)
    assert "house HOUSE_CASH EUR" in shown(client, detail(player))
    assert "✓ balanced" in shown(client, BOOKS)
    assert "+100.00" in shown(client, "/admin/")


def test_the_role_admin_reads_no_ledger(player: FundedPlayer, desk: Desk) -> None:
    client = desk("Admin")

    for address in (LEDGER, detail(player), BOOKS, f"{BOOKS}{player.account.pk}/change/"):
        response = client.get(address)
        assert response.status_code == 403
        assert "100.00" not in response.content.decode()
    assert "100.00" not in shown(client, "/admin/")


@pytest.mark.parametrize("address", [LEDGER, BOOKS, "/admin/wallet/currency/", "/admin/"])
def test_a_stranger_is_sent_to_the_login(db: None, client: Client, address: str) -> None:
    assert client.get(address)["Location"] == f"/admin/login/?next={address}"


@pytest.mark.parametrize(
    ("what", "query", "keys"),
    [
        ("everything, the newest first", "", ["yen", "stake", "bonus"]),
        ("a kind", "kind__exact=STAKE", ["stake"]),
        ("a currency", "currency=JPY", ["yen"]),
        ("a player's exact id", "q=LP-1", ["stake", "bonus"]),
        ("a transfer's exact key", "q=bonus", ["bonus"]),
        ("the beginning of a key", "q=bon", []),
        ("from a moment on", "created_at_from_0=2126-01-01&created_at_from_1=00:00:00", []),
    ],
)
@pytest.mark.filterwarnings("ignore:.*received a naive datetime")
def test_the_ledger_can_be_narrowed(
    db: None, desk: Desk, what: str, query: str, keys: list[str]
) -> None:
    player = FundedPlayer.create(external_id="LP-1")
    player.post("9.00", key="bonus")
    player.post("-5.00", key="stake", kind=TransferKind.STAKE)
    FundedPlayer.create(currency="JPY").post("1500", key="yen")

    response = desk("Auditor").get(f"{LEDGER}?{query}")

    assert [row.key for row in response.context["cl"].result_list] == keys


@pytest.mark.parametrize(
    "query",
    [
        "kind__exact=GIFT",
        "currency=XQQ",
        "created_at_from_0=soon&created_at_from_1=later",
        "created_at_to_0=2026-02-30",
        "p=99",
        "o=17",
        "nonsense=1",
    ],
)
def test_a_ledger_asked_for_nonsense_does_not_break(
    player: FundedPlayer, desk: Desk, query: str
) -> None:
    assert desk("Auditor").get(f"{LEDGER}?{query}", follow=True).status_code == 200


@pytest.mark.parametrize(
    ("model", "query"),
    [
        ("wallet/transfer", "xact=1"),
        ("wallet/transfer", "xact=1&e=1"),
        ("wallet/transfer", "note__regex=("),
        ("wallet/transfer", "kind__regex=("),
        ("wallet/transfer", "created_at__year=99999999999"),
        ("wallet/transfer", "id=abc"),
        ("wallet/transfer", "e=1"),
        ("wallet/player", "created_at__year=99999999999"),
        ("wallet/player", "name__regex=("),
        ("wallet/currency", "code__regex=("),
        ("backoffice/user", "username__regex=("),
        ("backoffice/user", "date_joined__year=999999999"),
        ("backoffice/user", "groups__id__exact=abc"),
        ("auth/group", "name__regex=("),
        ("admin/logentry", "object_repr__regex=("),
        ("admin/logentry", "user__id__exact=99999999999999999999"),
    ],
)
def test_a_list_answers_no_question_but_its_filters(
    player: FundedPlayer, superuser: Client, model: str, query: str
) -> None:
    response = superuser.get(f"/admin/{model}/?{query}")

    assert response.status_code == 200 or response["Location"] == f"/admin/{model}/?e=1"
    assert superuser.get(f"/admin/{model}/?e=1").status_code == 200


def test_a_list_is_not_narrowed_by_what_it_does_not_offer(player: FundedPlayer, desk: Desk) -> None:
    response = desk("Auditor").get(f"{LEDGER}?note=nothing", follow=True)

    assert response.redirect_chain == [(f"{LEDGER}?e=1", 302)]
    assert [row.player for row in response.context["cl"].result_list] == [player.player]


def test_the_ledger_asks_no_more_for_many_transfers_than_for_one(
    db: None, desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        FundedPlayer.create("5.00")
    client = desk("Auditor")

    with django_assert_max_num_queries(8):
        assert shown(client, LEDGER).count("+5.00") == 12
    with django_assert_max_num_queries(15):
        assert shown(client, "/admin/").count("+5.00") == 10


def test_a_transfer_shows_both_sides_and_who_and_why(player: FundedPlayer, desk: Desk) -> None:
    posted = player.post(
        "-30.00", kind=TransferKind.STAKE, key="s-1", reference_kind="TICKET", reference_id="T-7",
        note="by phone",
    )  # fmt: skip

    html = shown(desk("Auditor"), f"{LEDGER}{posted.transfer_id}/change/")

    name = player.player.external_id
    for said in ("s-1", "−30.00", "70.00", "TICKET T-7", "BET_SETTLED", "by phone", "test",
                 f"{name} PLAYER_CASH EUR", "house HOUSE_STAKES EUR"):  # fmt: skip
        assert said in html


@pytest.mark.parametrize("number", ["999999", "abc", "99999999999999999999"])
def test_an_unknown_transfer_is_told_as_such(db: None, desk: Desk, number: str) -> None:
    response = desk("Auditor").get(f"{LEDGER}{number}/change/", follow=True)

    assert response.status_code == 200
    assert "doesn’t exist. Perhaps it was deleted?" in unescape(response.content.decode())


def test_the_books_show_both_sides_of_each_currency(player: FundedPlayer, desk: Desk) -> None:
    player.post("-30.00", kind=TransferKind.STAKE)
    FundedPlayer.create("1500", currency="JPY")

    rows = desk("Ops").get(BOOKS).context["rows"]

    assert rows == [
        {
            "currency": "EUR",
            "players": "70.00",
            "house": ["30.00", "0.00", "0.00", "−100.00"],
            "difference": "0.00",
            "balanced": True,
        },
        {
            "currency": "JPY",
            "players": "1,500",
            "house": ["0", "0", "0", "−1,500"],
            "difference": "0",
            "balanced": True,
        },
    ]


def test_empty_books_say_so(db: None, desk: Desk) -> None:
    client = desk("Support")

    assert "No account has been opened yet." in shown(client, BOOKS)
    assert "No money has moved yet." in shown(client, "/admin/")


def pages(player: FundedPlayer) -> list[str]:
    """Return every address under which the admin would change what must stay."""
    transfer = player.account.transfers.earliest("id").pk
    house = Account.objects.filter(player=None).earliest("id").pk
    rows = [
        ("transfer", transfer), ("account", player.account.pk), ("account", house),
        ("player", player.player.pk), ("currency", "EUR"),
    ]  # fmt: skip
    added = [f"/admin/wallet/{model}/add/" for model in ("transfer", "account", "player")]
    return added + [
        f"/admin/wallet/{model}/{pk}/{act}/" for model, pk in rows for act in ("change", "delete")
    ]


def everything() -> list[list[tuple[Any, ...]]]:
    """Return all that money is made of."""
    return [list(model.objects.order_by("pk").values_list())
            for model in (Transfer, Account, Player, Currency)]  # fmt: skip


def test_not_even_a_superuser_rewrites_the_books(player: FundedPlayer, superuser: Client) -> None:
    before = everything()
    words = {
        "amount": "1", "balance": "999999", "version": "9", "kind": "DEPOSIT", "note": "gone",
        "precision": "8", "code": "EUR", "status": "CLOSED", "external_id": "X", "name": "X",
        "post": "yes", "_save": "Save", "key": "k", "actor": "nobody", "currency": "EUR",
    }  # fmt: skip

    statuses = {page: superuser.post(page, words).status_code for page in pages(player)}

    done = {page: status for page, status in statuses.items() if status != 403}
    assert done.pop(f"/admin/wallet/player/{player.player.pk}/change/") == 200
    assert set(done.values()) == {302}
    assert all("/wallet/account/" in page for page in done)
    assert everything() == before


def test_a_superuser_is_offered_no_such_page(player: FundedPlayer, superuser: Client) -> None:
    refused = [page for page in pages(player) if not page.endswith("/change/")]

    assert {superuser.get(page).status_code for page in refused} == {403}
    for page in set(pages(player)) - set(refused):
        response = superuser.get(page, follow=True)
        assert 'name="_save"' not in response.content.decode()


@pytest.mark.parametrize("model", [Transfer, Account, Player, Currency])
def test_no_list_offers_an_action(
    player: FundedPlayer, superuser: Client, model: type[Model]
) -> None:
    before = everything()
    chosen = list(model._default_manager.values_list("pk", flat=True))

    superuser.post(
        f"/admin/wallet/{model._meta.model_name}/",
        {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
    )

    assert everything() == before


def test_an_admin_may_add_a_currency(desk: Desk) -> None:
    response = desk("Admin").post("/admin/wallet/currency/add/", {"code": "XTS", "precision": "3"})

    assert response.status_code == 302
    assert Currency.objects.get(pk="XTS").precision == 3


@pytest.mark.parametrize(
    ("what", "code", "precision", "sentence"),
    [
        ("one that is there", "EUR", "8", "Currency with this Code already exists."),
        ("one in small letters", "xts", "2", "upper case"),
        ("one with nine places", "XTS", "9", "0 to 8"),
        ("one with less than none", "XTS", "-1", "greater than or equal to 0"),
    ],
)
def test_a_currency_that_cannot_be_is_refused(
    desk: Desk, what: str, code: str, precision: str, sentence: str
) -> None:
    client, before = desk("Admin"), everything()

    response = client.post("/admin/wallet/currency/add/", {"code": code, "precision": precision})

    assert sentence in " ".join(
        error for errors in response.context["errors"] for error in errors
    ).replace("_", " ")
    assert everything() == before


def test_the_admins_own_log_cannot_be_rewritten(superuser: Client) -> None:
    user = User.objects.get(is_superuser=True)
    entry = LogEntry.objects.create(user=user, action_flag=ADDITION, object_repr="ann")
    page = f"/admin/admin/logentry/{entry.pk}"

    posts = [superuser.post(f"{page}/change/", {"object_repr": "x"}),
             superuser.post(f"{page}/delete/", {"post": "yes"}),
             superuser.post("/admin/admin/logentry/add/", {"object_repr": "x"})]  # fmt: skip

    assert [response.status_code for response in posts] == [403, 403, 403]
    assert list(LogEntry.objects.values_list("object_repr", flat=True)) == ["ann"]
    assert "ann" in shown(superuser, "/admin/admin/logentry/")
