"""Tokens are made on the server or at the desk, shown once, and kept nowhere."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backoffice import tokens
from backoffice.models import ApiToken, User
from tests.backoffice.api.asking import TICKETS, get
from tests.factories import UserFactory

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def add_token(*words: str) -> tuple[str, str]:
    """Call the command; return what it printed and what it said beside it."""
    out, err = io.StringIO(), io.StringIO()
    call_command("add_token", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def everything_stored() -> str:
    """Return what the database holds where a secret could be."""
    tables = ("backoffice_apitoken", "backoffice_user", "django_admin_log", "django_session")
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT t::text, encode(t::text::bytea, 'escape') FROM {table} t")
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_the_command_prints_the_token_alone_and_it_lets_in(platform: User) -> None:
    printed, said = add_token("platform", "--name", "production")

    secret = printed.removesuffix("\n")
    assert tokens.SECRET.fullmatch(secret)
    assert said == (
        "This token does what platform may do, for ever. Keep it: it is not shown again.\n"
    )
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert get(client, f"{TICKETS}T-1/")[0] == 404


def test_a_token_may_have_an_end(platform: User) -> None:
    _, said = add_token("platform", "--name", "trial", "--days", "30")

    token = ApiToken.objects.get()
    assert token.expires_at == token.created_at + timedelta(days=30)
    assert f"until {token.expires_at:%Y-%m-%d %H:%M} UTC" in said


@pytest.mark.parametrize(
    ("what", "words", "told"),
    [
        ("nobody's", ["nobody", "--name", "x"], "There is no user “nobody”."),
        ("who left", ["gone", "--name", "x"], "gone is not active."),
        ("no name", ["platform", "--name", " "], "A name has 1 to 100 characters"),
        ("a long name", ["platform", "--name", "x" * 101], "A name has 1 to 100 characters"),
        ("two lines", ["platform", "--name", "a\nb"], "A name has 1 to 100 characters"),
        ("no day", ["platform", "--name", "x", "--days", "0"], "A token lives 1 to 3650 days."),
        ("too long", ["platform", "--name", "x", "--days", "3651"], "A token lives 1 to 3650"),
        ("longer", ["platform", "--name", "x", "--days", "9" * 12], "days are too many."),
    ],
)
def test_no_odd_token_is_made(platform: User, what: str, words: list[str], told: str) -> None:
    UserFactory.create(username="gone", is_active=False)

    with pytest.raises(CommandError, match=told):
        add_token(*words)

    assert not ApiToken.objects.exists()


def test_the_secret_is_neither_stored_nor_logged(
    platform: User, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    token, secret = tokens.make_token(user=platform, name="x", life=None, at=NOON, actor="test")
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    get(client, f"{TICKETS}T-1/")
    tokens.revoke_token(token=token, at=NOON, actor="test")
    get(client, f"{TICKETS}T-1/")

    logged = caplog.text + capfd.readouterr().err
    assert f"'token_id': {token.pk}" in logged
    for place in (logged, everything_stored()):
        assert secret[tokens.SHOWN :] not in place
    assert token.prefix == secret[:10]


def test_every_token_is_another(platform: User) -> None:
    secrets = {
        tokens.make_token(user=platform, name="x", life=None, at=NOON, actor="test")[1]
        for _ in range(20)
    }

    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {47}


def test_a_token_is_revoked_once(platform: User) -> None:
    token, _ = tokens.make_token(user=platform, name="x", life=None, at=NOON, actor="test")
    later = NOON + timedelta(hours=1)

    assert tokens.revoke_token(token=token, at=NOON, actor="test")
    assert not tokens.revoke_token(token=token, at=later, actor="test")

    token.refresh_from_db()
    assert token.revoked_at == NOON


def test_a_use_within_the_minute_writes_nothing(
    platform: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, secret = tokens.make_token(user=platform, name="x", life=None, at=NOON, actor="test")

    with django_assert_num_queries(2):
        before = tokens.token_of(secret=secret, at=NOON)
    with django_assert_num_queries(1):
        tokens.token_of(secret=secret, at=NOON + timedelta(seconds=59))
    tokens.note_use(before, NOON + timedelta(seconds=30))  # Read before the use was noted.

    assert ApiToken.objects.get().last_used_at == NOON


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("api_token_is_stored_as_a_digest", {"digest": b"sbo_" + b"a" * 43}),
        ("api_token_has_a_name", {"name": ""}),
        ("api_token_lives_before_it_expires", {"expires_at": NOON}),
        ("api_token_is_known_once", {"digest": b"1" * 32}),
    ],
)
def test_the_database_refuses_what_no_token_is(
    platform: User, rule: str, words: dict[str, object]
) -> None:
    good = {"user": platform, "name": "x", "prefix": "sbo_123456", "created_at": NOON}
    ApiToken.objects.create(digest=b"1" * 32, **good)

    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        ApiToken.objects.create(**good | {"digest": b"2" * 32} | words)


def test_who_may_be_given_a_token_by_whom(platform: User) -> None:
    ann = UserFactory.create(username="ann")
    root = UserFactory.create(username="root", is_superuser=True)
    UserFactory.create(username="gone", is_staff=False, is_active=False)
    UserFactory.create(username="superprogram", is_staff=False, is_superuser=True)

    def names(maker: User) -> list[str]:
        return [user.username for user in tokens.users_for(maker)]

    assert names(ann) == ["ann", "platform"]
    assert names(root) == ["ann", "platform", "root", "superprogram"]
