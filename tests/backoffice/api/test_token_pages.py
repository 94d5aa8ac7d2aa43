"""Tokens at the desk: made for programs and oneself, shown once, revoked after a question."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from backoffice.admin.tokens import USUAL_DAYS
from backoffice.models import ApiToken, User
from tests.backoffice.api.asking import TICKETS, get, secret_of
from tests.factories import UserFactory

Desk = Callable[[str], Client]
LIST = "/admin/backoffice/apitoken/"
NEW = f"{LIST}new/"


def signed_in(user: User) -> Client:
    """Return somebody's browser."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def mia(db: None) -> User:
    """Somebody who may manage tokens."""
    mia = UserFactory.create(username="mia", role="Admin")
    mia.user_permissions.add(Permission.objects.get(codename="manage_tokens"))
    return mia


def filled(holder: User, **changes: object) -> dict[str, object]:
    """Return the form for a token."""
    return {"user": holder.pk, "name": "production", "days": "30"} | changes


def page(client: Client, path: str) -> str:
    """Return what a page that opens holds."""
    response = client.get(path)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_a_token_is_made_and_shown_this_once(mia: User, platform: User) -> None:
    client = signed_in(mia)
    assert f'value="{USUAL_DAYS}"' in page(client, NEW)

    response = client.post(NEW, filled(platform))

    html = response.content.decode()
    found = re.search(r'<code id="secret">(sbo_[\w-]{43})</code>', html)
    assert found
    assert "no-store" in response["Cache-Control"]
    secret = found[1]
    assert get(Client(headers={"Authorization": f"Bearer {secret}"}), f"{TICKETS}T/")[0] == 404
    assert secret not in page(client, LIST)
    assert f"{secret[:10]}…" in page(client, LIST)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.change_message) == (mia, "For platform")
    assert secret not in entry.object_repr


def test_a_token_without_days_is_good_until_it_is_revoked(mia: User, platform: User) -> None:
    signed_in(mia).post(NEW, filled(platform, days=""))

    assert ApiToken.objects.get().expires_at is None


def test_who_manages_tokens_makes_one_for_himself(mia: User) -> None:
    signed_in(mia).post(NEW, filled(mia))

    assert ApiToken.objects.get().user == mia


def test_a_token_of_another_person_takes_a_superuser(mia: User) -> None:
    senior = UserFactory.create(username="senior", role="Senior")
    root = UserFactory.create(username="root", is_superuser=True)

    for other in (senior, root):
        html = unescape(signed_in(mia).post(NEW, filled(other)).content.decode())
        assert "Select a valid choice." in html
        assert not ApiToken.objects.exists()
    signed_in(root).post(NEW, filled(senior))
    assert ApiToken.objects.get().user == senior


@pytest.mark.parametrize(
    ("what", "changes", "told"),
    [
        ("nobody's", {"user": ""}, "This field is required."),
        ("no name", {"name": ""}, "This field is required."),
        ("two lines", {"name": "a\u2028b"}, "A name has 1 to 100 characters that can be printed."),
        ("no day", {"days": "0"}, "greater than or equal to 1"),
        ("eleven years", {"days": "4000"}, "less than or equal to 3650"),
    ],
)
def test_an_odd_form_makes_no_token(
    mia: User, platform: User, what: str, changes: dict[str, str], told: str
) -> None:
    html = unescape(signed_in(mia).post(NEW, filled(platform, **changes)).content.decode())

    assert told in html
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_after_a_question(mia: User, platform: User, api: Client) -> None:
    token = ApiToken.objects.get()
    client, revoke = signed_in(mia), f"{LIST}{token.pk}/revoke/"

    assert "From now on nobody comes in by" in page(client, revoke)
    assert get(api, f"{TICKETS}T/")[0] == 404
    response = client.post(revoke, follow=True)

    assert f"Nobody comes in by test ({token.prefix}…) any more." in response.content.decode()
    assert get(api, f"{TICKETS}T/")[0] == 401
    assert LogEntry.objects.get().change_message == "Revoked"
    again = client.post(revoke, follow=True)
    assert "was revoked before." in again.content.decode()
    assert LogEntry.objects.count() == 1


def test_the_list_says_where_each_token_stands(mia: User, platform: User) -> None:
    client = signed_in(mia)
    secret_of(platform)
    assert "Good" in page(client, LIST)

    ApiToken.objects.update(revoked_at="2026-11-21T00:00Z")

    html = page(client, LIST)
    assert "This token was revoked." in html
    assert "/revoke/" not in html
    assert "New token…" in html


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor", "Platform"])
def test_others_neither_see_nor_make_nor_revoke_tokens(
    desk: Desk, platform: User, api: Client, role: str
) -> None:
    client, token = desk(role), ApiToken.objects.get()
    revoke = f"{LIST}{token.pk}/revoke/"

    for path in (LIST, NEW, revoke, f"{LIST}{token.pk}/change/"):
        assert client.get(path).status_code == 403, path
    for path in (NEW, revoke):
        assert client.post(path, filled(platform)).status_code == 403, path

    assert ApiToken.objects.count() == 1
    assert get(api, f"{TICKETS}T/")[0] == 404


def test_nobody_changes_or_deletes_a_token(mia: User, api: Client) -> None:
    root = UserFactory.create(username="root", is_superuser=True)
    token = ApiToken.objects.get()

    for client in (signed_in(mia), signed_in(root)):
        assert client.post(f"{LIST}add/", {}).status_code == 403
        assert client.post(f"{LIST}{token.pk}/delete/", {"post": "yes"}).status_code == 403
        assert client.get(f"{LIST}{token.pk}/change/").status_code == 302
        assert client.post(f"{LIST}{token.pk}/change/", {"name": "x"}).status_code == 302
        client.post(LIST, {"action": "delete_selected", "_selected_action": [token.pk]})

    assert ApiToken.objects.get().name == "test"


def test_a_token_that_is_not_there_is_404(mia: User) -> None:
    assert signed_in(mia).get(f"{LIST}999/revoke/").status_code == 404


def test_a_form_without_its_csrf_token_makes_nothing(mia: User, platform: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mia, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(NEW, filled(platform)).status_code == 403
    assert not ApiToken.objects.exists()
