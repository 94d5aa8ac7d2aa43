"""Money moved by hand: by whom, after which preview, and once."""

import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client

from backoffice.admin.moves import MOVES
from backoffice.models import User
from tests.factories import FundedPlayer, UserFactory
from wallet.models import Account, Transfer

Desk = Callable[[str], Client]

MOVED = {"deposit": "125.00", "withdrawal": "75.00", "adjustment": "125.00"}
STALE = "or your form changed after the preview. Look again, then confirm."


def address(player: FundedPlayer, word: str) -> str:
    """Return where a move is asked for."""
    return f"/admin/wallet/player/{player.player.pk}/{word}/"


def filled(**changes: str) -> dict[str, str]:
    """Return a form that is filled in well, but for `changes`."""
    good = {"currency": "EUR", "amount": "25.00", "reason": "GOODWILL", "note": "He called twice."}
    return good | {"key": str(uuid.uuid4())} | changes


def previewed(client: Client, player: FundedPlayer, word: str, **changes: str) -> dict[str, str]:
    """Look at the preview; return the form that confirms it."""
    form = filled(**changes)
    response = client.post(address(player, word), form)
    assert response.context["preview"], response.context["form"].errors
    return form | {"token": response.context["preview"].token}


def said(client: Client, player: FundedPlayer, word: str, form: dict[str, str]) -> str:
    """Send a form and return the page that comes of it."""
    response = client.post(address(player, word), form, follow=True)
    assert response.status_code == 200
    return unescape(response.content.decode())


def superuser() -> Client:
    """Return a browser of somebody whom no permission stops."""
    client = Client()
    user = UserFactory.create(is_superuser=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("word", ["deposit", "withdrawal", "adjustment"])
@pytest.mark.parametrize("role", ["Senior", "superuser"])
def test_a_senior_and_a_superuser_may_move_money(
    player: FundedPlayer, desk: Desk, role: str, word: str
) -> None:
    client = superuser() if role == "superuser" else desk(role)

    html = said(client, player, word, previewed(client, player, word))

    assert player.balance == MOVED[word]
    assert f"{word.capitalize()} posted. {player.player} now holds {MOVED[word]} EUR." in html
    row = Transfer.objects.latest("id")
    assert row.actor.startswith("user:user-")
    assert (row.kind, row.amount, row.reason) == (word.upper(), 2500, "GOODWILL")
    assert row.note == "He called twice."


@pytest.mark.parametrize("word", ["deposit", "withdrawal", "adjustment"])
@pytest.mark.parametrize("role", ["Support", "Operator", "Ops", "Auditor", "Admin"])
def test_nobody_else_may(player: FundedPlayer, desk: Desk, role: str, word: str) -> None:
    confirmation = previewed(desk("Senior"), player, word)
    client = desk(role)

    for form in (None, filled(), confirmation):
        response = (
            client.post(address(player, word), form) if form else client.get(address(player, word))
        )
        assert response.status_code == 403
        assert "Not for your role" in response.content.decode()

    assert player.balance == "100.00"
    assert Transfer.objects.count() == 1


def test_a_stranger_is_sent_to_the_login(player: FundedPlayer, client: Client) -> None:
    response = client.post(address(player, "deposit"), filled())

    assert response["Location"].startswith("/admin/login/")
    assert player.balance == "100.00"


def test_the_ledger_names_who_did_it(player: FundedPlayer, user: Callable[[str], User]) -> None:
    ann, client = user("Senior"), Client()
    client.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")

    client.post(address(player, "deposit"), previewed(client, player, "deposit"))

    assert Transfer.objects.latest("id").actor == f"user:{ann.username}"


def test_even_the_longest_user_name_can_act(player: FundedPlayer) -> None:
    client = Client()
    user = UserFactory.create(username="n" * 150, is_superuser=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    said(client, player, "deposit", previewed(client, player, "deposit"))

    assert player.balance == "125.00"


@pytest.mark.parametrize(
    ("word", "amount", "change", "after"),
    [
        ("deposit", "25", "+25.00", "125.00"),
        ("withdrawal", "25.5", "−25.50", "74.50"),
        ("adjustment", "-25.00", "−25.00", "75.00"),
        ("adjustment", "1234567.89", "+1,234,567.89", "1,234,667.89"),
    ],
)
def test_a_preview_shows_before_and_after_and_posts_nothing(
    player: FundedPlayer, desk: Desk, word: str, amount: str, change: str, after: str
) -> None:
    html = said(desk("Senior"), player, word, filled(amount=amount))

    for shown in ("100.00 EUR", f"{change} EUR", f"{after} EUR", "He called twice."):
        assert shown in html
    assert player.balance == "100.00"
    assert Transfer.objects.count() == 1


def test_a_preview_warns_of_a_balance_below_zero(player: FundedPlayer, desk: Desk) -> None:
    html = said(desk("Senior"), player, "adjustment", filled(amount="-100.01"))

    assert f"▼ This leaves {player.player} below zero." in html


def test_a_first_preview_opens_no_account(player: FundedPlayer, desk: Desk) -> None:
    form = previewed(desk("Senior"), player, "deposit", currency="BTC", amount="0.00000001")
    assert not Account.objects.filter(currency_id="BTC").exists()

    html = said(desk("Senior"), player, "deposit", form)

    assert f"{player.player} now holds 0.00000001 BTC." in html


@pytest.mark.parametrize(
    ("what", "word", "amount", "after"),
    [
        ("a deposit", "deposit", "25.00", "125.00"),
        ("a withdrawal", "withdrawal", "25.00", "75.00"),
        ("a withdrawal of all there is", "withdrawal", "100.00", "0.00"),
        ("an adjustment", "adjustment", "-25.00", "75.00"),
    ],
)
def test_what_is_confirmed_twice_is_posted_once(
    player: FundedPlayer, desk: Desk, what: str, word: str, amount: str, after: str
) -> None:
    client = desk("Senior")
    confirmation = previewed(client, player, word, amount=amount)
    said(client, player, word, confirmation)

    html = said(client, player, word, confirmation)

    assert player.balance == after
    assert Transfer.objects.count() == 2
    assert "posted (it had been posted before: nothing moved twice)." in html


def test_two_clicks_at_the_same_moment_post_once(own_database: str) -> None:
    player, client = FundedPlayer.create("100.00"), superuser()
    confirmation = previewed(client, player, "deposit")

    def click(_: int) -> str:
        try:
            return said(client, player, "deposit", confirmation)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        pages = list(threads.map(click, range(4)))

    assert player.balance == "125.00"
    assert Transfer.objects.count() == 2
    assert all("now holds 125.00 EUR" in html for html in pages)


def test_a_preview_that_time_has_overtaken_is_shown_anew(player: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")
    confirmation = previewed(client, player, "deposit")
    player.post("5.00")

    response = client.post(address(player, "deposit"), confirmation)

    assert f"The balance of {player.player} {STALE}" in unescape(response.content.decode())
    again = response.context["preview"]
    assert (again.before, again.after, player.balance) == ("105.00", "130.00", "105.00")
    said(client, player, "deposit", confirmation | {"token": again.token})
    assert player.balance == "130.00"


@pytest.mark.parametrize(
    "tampering",
    [
        {"amount": "2500.00"},
        {"reason": "OTHER"},
        {"note": "Something else."},
        {"currency": "USD"},
        {"key": "7b0e3b6e-55d5-4a3e-9d5a-0d3f8f0f6f0a"},
    ],
    ids=lambda tampering: next(iter(tampering)),
)
def test_what_was_not_previewed_is_not_posted(
    player: FundedPlayer, desk: Desk, tampering: dict[str, str]
) -> None:
    client = desk("Senior")

    html = said(client, player, "deposit", previewed(client, player, "deposit") | tampering)

    assert STALE in html
    assert player.balance == "100.00"
    assert (Transfer.objects.count(), Account.objects.filter(currency_id="USD").count()) == (1, 0)


def test_a_preview_counts_for_its_player_and_its_move_alone(
    player: FundedPlayer, desk: Desk
) -> None:
    client, other = desk("Senior"), FundedPlayer.create("100.00")
    confirmation = previewed(client, player, "deposit")

    for somebody, word in ((other, "deposit"), (player, "adjustment")):
        assert STALE in said(client, somebody, word, confirmation)

    assert (player.balance, other.balance) == ("100.00", "100.00")


def test_an_old_or_a_forged_token_posts_nothing(player: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")
    confirmation = previewed(client, player, "deposit")
    sentence = "This preview is too old. Look again, then confirm."

    assert sentence in said(client, player, "deposit", confirmation | {"token": "forged"})
    with time_machine.travel("2126-01-01", tick=False):
        late = desk("Senior")
        assert sentence in said(late, player, "deposit", confirmation)

    assert player.balance == "100.00"


REQUIRED = "This field is required."


@pytest.mark.parametrize(
    ("what", "word", "changes", "sentence"),
    [
        ("no reason", "deposit", {"reason": ""}, REQUIRED),
        ("an unknown reason", "deposit", {"reason": "WHIM"}, "WHIM is not one of the available"),
        ("no note", "deposit", {"note": ""}, REQUIRED),
        ("a blank note", "adjustment", {"note": " \n "}, REQUIRED),
        ("a novel", "deposit", {"note": "n" * 501}, "at most 500 characters (it has 501)."),
        ("a zero byte", "deposit", {"note": "a\0b"}, "Null characters are not allowed."),
        ("no amount", "deposit", {"amount": ""}, REQUIRED),
        ("zero", "deposit", {"amount": "0.00"}, "The amount is zero: there is nothing to move."),
        ("a sign", "deposit", {"amount": "-5"}, "Type the amount without a sign."),
        ("a sign to pay out", "withdrawal", {"amount": "-5"}, "Type the amount without a sign."),
        ("a third place", "deposit", {"amount": "0.001"}, "more decimal places than EUR holds (2)"),
        ("half a yen", "deposit", {"amount": "0.5", "currency": "JPY"}, "than JPY holds (0)."),
        ("text", "deposit", {"amount": "ten"}, "“ten” is not a number."),
        ("thousands apart", "deposit", {"amount": "1,000"}, "“1,000” is not a number."),
        ("not a number", "deposit", {"amount": "NaN"}, "“NaN” is not a number."),
        ("far too much", "deposit", {"amount": "1e30"}, "The amount is too large for EUR."),
        (
            "too much with what he has",
            "deposit",
            {"amount": "92233720368547758.07"},
            "would be more than the ledger can hold.",
        ),
        ("an unknown currency", "deposit", {"currency": "XQQ"}, "XQQ is not one of the available"),
        ("more than he has", "withdrawal", {"amount": "100.01"}, "too little for 100.01 EUR."),
        ("what he never had", "withdrawal", {"currency": "USD"}, "holds 0.00 USD: too little for"),
        ("a form key of another make", "deposit", {"key": "1"}, "This form is incomplete."),
    ],
)
def test_a_move_that_cannot_be_is_refused_with_a_sentence(
    player: FundedPlayer, desk: Desk, what: str, word: str, changes: dict[str, str], sentence: str
) -> None:
    html = said(desk("Senior"), player, word, filled(**changes))

    assert sentence in html
    assert 'role="alert"' in html
    assert "look, then confirm" not in html
    assert player.balance == "100.00"
    assert (Transfer.objects.count(), Account.objects.filter(balance__isnull=False).count()) == (
        1,
        1,
    )


@pytest.mark.parametrize("word", ["deposit", "withdrawal"])
def test_a_player_blocked_after_the_preview_is_left_alone(
    player: FundedPlayer, desk: Desk, word: str
) -> None:
    client = desk("Senior")
    confirmation = previewed(client, player, word)
    player.player.status = "BLOCKED"
    player.player.save()

    for form in (filled(), confirmation):
        html = said(client, player, word, form)
        assert f"{player.player} is blocked: no {word} is possible." in html

    assert player.balance == "100.00"


def test_a_blocked_players_balance_can_be_corrected(player: FundedPlayer, desk: Desk) -> None:
    player.player.status = "BLOCKED"
    player.player.save()
    client = desk("Senior")

    said(client, player, "adjustment", previewed(client, player, "adjustment"))

    assert player.balance == "125.00"


def test_the_example_in_the_help_text_works(player: FundedPlayer, desk: Desk) -> None:
    found = re.search(r"(\S+) takes", MOVES["adjustment"].help)
    assert found

    html = said(desk("Senior"), player, "adjustment", filled(amount=found[1]))

    assert "95.00 EUR" in html


def test_whoever_looks_again_finds_his_form_as_he_left_it(player: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")

    html = said(client, player, "deposit", previewed(client, player, "deposit") | {"edit": "1"})

    assert "He called twice." in html
    assert 'value="25.00"' in html
    assert "look, then confirm" not in html
    assert player.balance == "100.00"
