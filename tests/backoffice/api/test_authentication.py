"""Who comes in: by a token that is good, or with the desk's session and its CSRF token."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backoffice import tokens
from backoffice.models import ApiToken, User
from settlement.models import Ticket
from tests.backoffice.api.asking import TICKETS, by_token, get, post, secret_of, ticket
from tests.factories import FundedPlayer, UserFactory

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def punter(db: None) -> FundedPlayer:
    """Player P with 100.00 EUR."""
    return FundedPlayer.create("100.00", external_id="P")


def assert_refused(client: Client, punter: FundedPlayer, detail: str) -> None:
    """Say that a client is not let in, and that nothing changed."""
    response = client.post(TICKETS, data=json.dumps(ticket()), content_type="application/json")

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == 'Bearer realm="settlement"'
    assert response.json()["detail"] == detail
    assert (Ticket.objects.count(), punter.balance) == (0, "100.00")


def test_nobody_is_told_how_to_come_in(punter: FundedPlayer) -> None:
    assert_refused(Client(), punter, "Authentication credentials were not provided.")


@pytest.mark.parametrize(
    ("what", "header"),
    [
        ("no token", "Bearer"),
        ("an empty one", "Bearer "),
        ("another's", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"),
        ("too short", "Bearer sbo_abc"),
        ("too long", f"Bearer sbo_{'a' * 44}"),
        ("odd letters", f"Bearer sbo_{'ü' * 43}"),
        ("a line's end", f"Bearer sbo_{'a' * 43}\n x"),
    ],
)
def test_what_is_no_token_of_ours_lets_nobody_in(
    punter: FundedPlayer, django_assert_num_queries: DjangoAssertNumQueries, what: str, header: str
) -> None:
    client = Client(headers={"Authorization": header})

    with django_assert_num_queries(0):
        response = client.post(TICKETS, data=b"{}", content_type="application/json")

    assert response.status_code == 401
    assert_refused(
        client, punter, "This is not a token of ours: they are written sbo_ and 43 characters."
    )


def test_a_token_that_nobody_made_lets_nobody_in(punter: FundedPlayer) -> None:
    client = Client(headers={"Authorization": f"Bearer sbo_{'a' * 43}"})

    assert_refused(client, punter, "There is no such token.")


def test_another_scheme_is_nobody(punter: FundedPlayer) -> None:
    client = Client(headers={"Authorization": "Basic cGxhdGZvcm06eA=="})

    assert_refused(client, punter, "Authentication credentials were not provided.")


def test_a_revoked_token_lets_nobody_in(api: Client, punter: FundedPlayer) -> None:
    tokens.revoke_token(token=ApiToken.objects.get(), at=timezone.now(), actor="test")

    assert_refused(api, punter, "This token was revoked.")


def test_an_expired_token_lets_nobody_in(platform: User, punter: FundedPlayer) -> None:
    client = Client(headers={"Authorization": f"Bearer {secret_of(platform, days=7)}"})
    made = ApiToken.objects.get().created_at

    with time_machine.travel(made + timedelta(days=7, seconds=-1), tick=False):
        assert get(client, f"{TICKETS}T-1/")[0] == 404
    with time_machine.travel(made + timedelta(days=7), tick=False):
        assert_refused(client, punter, "This token has expired.")


def test_a_token_dies_with_its_user(platform: User, api: Client, punter: FundedPlayer) -> None:
    platform.is_active = False
    platform.save()

    assert_refused(api, punter, "The user of this token is not active.")


def test_a_token_may_what_its_user_may_at_that_moment(
    platform: User, api: Client, punter: FundedPlayer
) -> None:
    assert post(api, ticket("T-1"))[0] == 201

    platform.groups.clear()

    assert post(api, ticket("T-2"))[0] == 403
    assert punter.balance == "90.00"


def test_a_bad_token_is_not_made_good_by_a_session(
    desk: Callable[[str], Client], punter: FundedPlayer
) -> None:
    client = desk("Senior")
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer sbo_{'a' * 43}"

    assert_refused(client, punter, "There is no such token.")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(platform: User, scheme: str) -> None:
    client = Client(headers={"Authorization": f"{scheme} {secret_of(platform)}"})

    assert get(client, f"{TICKETS}T-1/")[0] == 404


def test_the_use_of_a_token_is_noted_once_a_minute(platform: User, api: Client) -> None:
    def used(at: datetime) -> datetime | None:
        with time_machine.travel(at, tick=False):
            get(api, f"{TICKETS}T-1/")
        return ApiToken.objects.get().last_used_at

    assert used(NOON) == NOON
    assert used(NOON + timedelta(seconds=59)) == NOON
    assert used(NOON + timedelta(seconds=60)) == NOON + timedelta(seconds=60)


def test_who_sits_at_the_desk_needs_no_token(
    desk: Callable[[str], Client], punter: FundedPlayer
) -> None:
    assert post(desk("Senior"), ticket())[0] == 201


def test_a_session_without_the_csrf_token_changes_nothing(
    user: Callable[[str], User], punter: FundedPlayer
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user("Senior"), backend="django.contrib.auth.backends.ModelBackend")

    status, problem = post(client, ticket())

    assert (status, problem["code"]) == (403, "permission_denied")
    assert problem["detail"].startswith("CSRF Failed")
    assert (Ticket.objects.count(), punter.balance) == (0, "100.00")


def test_a_token_needs_no_csrf_token(platform: User, punter: FundedPlayer) -> None:
    client = Client(
        enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret_of(platform)}"}
    )

    assert post(client, ticket())[0] == 201


@pytest.mark.parametrize("flag", ["is_active", "is_staff"])
def test_a_session_ends_with_the_place_at_the_desk(
    user: Callable[[str], User], punter: FundedPlayer, flag: str
) -> None:
    somebody = user("Senior")
    client = Client()
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    setattr(somebody, flag, False)
    somebody.save()

    assert_refused(client, punter, "Authentication credentials were not provided.")


def test_a_superusers_token_may_all(punter: FundedPlayer) -> None:
    root = UserFactory.create(username="root", is_superuser=True)

    assert post(by_token(root), ticket())[0] == 201
