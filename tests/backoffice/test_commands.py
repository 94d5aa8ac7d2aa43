"""What is typed on the server: the books looked at, people added, the schema moved."""

import io
import json
import re

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from backoffice.models import User
from backoffice.owner import as_owner
from tests import databases
from tests.factories import FundedPlayer, PlayerFactory
from wallet.models import Currency, Player, Transfer

TAMPERED = (
    "ALTER TABLE wallet_account DISABLE TRIGGER USER",
    "UPDATE wallet_account SET balance = 10001 WHERE player_id IS NOT NULL",
)


def run(*words: str) -> tuple[int, str]:
    """Run a command; return its exit code and what it printed."""
    said = io.StringIO()
    try:
        call_command(*words, stdout=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


@pytest.fixture
def quick_passwords(settings: Settings) -> None:
    """A hash that takes no time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def signs_in(name: str, password: str) -> bool:
    """Say whether the login page lets somebody in."""
    response = Client().post("/admin/login/", {"username": name, "password": password})
    return response.status_code == 302


def test_sound_books_are_told_truth_by_truth(player: FundedPlayer) -> None:
    code, said = run("reconcile")

    assert code == 0
    assert "✓ 1  players and house balance in each currency\n" in said
    assert "✓ 7  no gap in any account's transfers\n" in said
    assert "✗" not in said


def test_sound_books_are_told_to_programs(player: FundedPlayer) -> None:
    code, said = run("reconcile", "--json")

    assert code == 0
    assert json.loads(said.splitlines()[0]) == {
        "truth": 1,
        "name": "players and house balance in each currency",
        "count": 0,
        "rows": [],
    }


def test_a_tampered_balance_is_named(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    databases.as_owner(*TAMPERED)

    code, said = run("reconcile")

    assert code == 1
    assert "✗ 1  players and house balance in each currency: 1 row" in said
    assert "    currency EUR, players 100.01, difference 0.01\n" in said
    assert (
        f"    account {player.account.pk}, player {player.player}, currency EUR, "
        "cached 10001, derived 10000\n"
    ) in said


def test_a_tampered_balance_is_named_to_programs_row_by_row(own_database: str) -> None:
    for _ in range(3):
        FundedPlayer.create("100.00")
    databases.as_owner(*TAMPERED)

    code, said = run("reconcile", "--json", "--rows", "2")

    found = {finding["truth"]: finding for finding in map(json.loads, said.splitlines())}
    assert code == 1
    assert (found[2]["count"], len(found[2]["rows"])) == (3, 2)
    assert found[2]["rows"][0]["derived"] == "10000"


def test_text_says_how_many_rows_it_left_out(own_database: str) -> None:
    for _ in range(3):
        FundedPlayer.create("100.00")
    databases.as_owner(*TAMPERED)

    assert "    and 1 more\n" in run("reconcile", "--rows", "2")[1]


def test_somebody_new_gets_a_role_and_a_password_that_works(
    db: None, quick_passwords: None
) -> None:
    _, said = run("add_user", "eva", "--role", "Support")

    head, password = said.strip().split(" Password: ")
    assert head == "eva has the role Support."
    assert signs_in("eva", password)
    assert list(User.objects.get(username="eva").groups.values_list("name", flat=True)) == [
        "Support"
    ]


def test_a_given_password_is_not_shown_again(
    db: None, quick_passwords: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long word of mine\n"))

    _, said = run("add_user", "eva", "--role", "Admin", "--password-stdin")

    assert said == "eva has the role Admin.\n"
    assert signs_in("eva", "a long word of mine")


@pytest.mark.parametrize(
    ("what", "name", "role", "password", "sentence"),
    [
        ("an unknown role", "eva", "Boss", "", "argument --role: invalid choice: 'Boss'"),
        ("a name that is taken", "ann", "Ops", "", "There is a user “ann” already."),
        ("the same name in capitals", "ANN", "Ops", "", "There is a user “ann” already."),
        ("a name with blanks", "e v a", "Ops", "", "Enter a valid username."),
        ("a weak password", "eva", "Ops", "tiny\n", "This password is too short."),
        ("digits alone", "eva", "Ops", "830174650193\n", "This password is entirely numeric."),
        ("an empty password", "eva", "Ops", "\n", "password"),
    ],
)
def test_nobody_is_added_who_should_not_be(
    db: None,
    quick_passwords: None,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    name: str,
    role: str,
    password: str,
    sentence: str,
) -> None:
    User.objects.create_user("ann")
    monkeypatch.setattr("sys.stdin", io.StringIO(password))
    words = ["--password-stdin"] if password else []

    with pytest.raises(CommandError, match=re.compile(sentence, re.IGNORECASE)):
        call_command("add_user", name, "--role", role, *words)

    assert list(User.objects.values_list("username", flat=True)) == ["ann"]


@pytest.mark.own_database
def test_a_demo_is_seeded_once_and_without_further_words_where_people_develop(
    own_database: str, quick_passwords: None, settings: Settings
) -> None:
    _, first = run("seed_demo", "--yes-this-is-a-demo")
    transfers = Transfer.objects.exclude(kind__in=["STAKE", "SETTLEMENT"]).count()
    moved = Transfer.objects.count()
    User.objects.get(username="senior").groups.set([Group.objects.get(name="Ops")])

    settings.DEBUG = True
    _, second = run("seed_demo")

    seeded = f"Seeded 240 players with {transfers} transfers.\nBrought in 3,000 tickets.\n"
    assert first.startswith(seeded)
    assert first.removeprefix(seeded).startswith("Replayed a day of ")
    assert second == (
        "The demo's players are there already.\nThe demo's tickets are there already.\n"
        "The demo's day was replayed already.\n"
        "The demo's people have acted already.\n"
    )
    assert (Player.objects.count(), User.objects.count()) == (240, 6)
    assert Transfer.objects.count() == moved
    assert User.objects.get(username="senior").groups.get().name == "Ops"
    assert run("reconcile")[0] == 0
    assert signs_in("auditor", "desk-demo-only")


def test_a_demo_keeps_away_from_real_players(db: None) -> None:
    PlayerFactory.create(external_id="P-REAL")

    with pytest.raises(CommandError, match="players that the demo did not make"):
        call_command("seed_demo", "--yes-this-is-a-demo")

    assert (Player.objects.count(), User.objects.count()) == (1, 0)


def test_a_demo_keeps_away_from_an_empty_production(db: None) -> None:
    with pytest.raises(CommandError, match=r"DEBUG is off.* Nothing was changed"):
        call_command("seed_demo")

    assert (Player.objects.count(), User.objects.count()) == (0, 0)


def test_the_doctor_finds_a_healthy_installation(db: None) -> None:
    code, said = run("doctor")

    assert code == 0
    for sound in ("database", "cache", "migrations", "broker", "tables that nobody may rewrite"):
        assert f"✓ {sound}\n" in said
    assert "! workers: no Celery worker answers.\n" in said


@pytest.mark.parametrize(
    "right",
    [
        "UPDATE ON wallet_transfer",
        "UPDATE (note) ON wallet_transfer",
        "TRUNCATE ON wallet_transfer",
        "INSERT ON wallet_housecheckpoint",
        "DELETE ON django_admin_log",
        "UPDATE ON wallet_account",
        "UPDATE ON wallet_currency",
    ],
)
def test_the_doctor_finds_a_right_too_many(
    own_database: str, settings: Settings, right: str
) -> None:
    databases.as_owner(f"GRANT {right} TO backoffice_app")
    settings.DATABASE_OWNER_URL = settings.DATABASE_URL  # A web worker is told of no other.

    code, said = run("doctor")

    found = f"{right.split()[0]} {right.split()[-1]}"
    assert code == 1
    assert f"✗ tables that nobody may rewrite: the application's role may {found}.\n" in said
    assert "✓ the application's own database role\n" in said


def test_the_doctor_knows_the_owner_when_he_is_connected(own_database: str) -> None:
    with as_owner(connection, databases.owner_url(own_database)):
        code, said = run("doctor")

    assert code == 0
    assert (
        "! the application's own database role: backoffice_owner may act as the "
        "tables' owner; only triggers guard the books.\n"
    ) in said
    assert "tables that nobody may rewrite" not in said


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        (
            "ODDS88_API_URL",
            "https://api.example.com",
            "ODDS88_CLIENT_ID and ODDS88_PASSWORD are missing: look-ups need all three.",
        ),
        (
            "ODDS88_PATHS",
            {"bet": "/x"},
            "ODDS88_PATHS names “bet”, which is none of feed, login, status, settlement, cancel, "
            "cash_out, reject_reasons.",
        ),
        (
            "ODDS88_PATHS",
            {"status": "/{who}"},
            "ODDS88_PATHS: “/{who}” may hold {player} and {request}, and no other brace.",
        ),
        ("ODDS88_PLAYER_ID", "[a-", "ODDS88_PLAYER_ID is no pattern: unterminated character set"),
    ],
)
def test_the_doctor_finds_settings_of_odds88_that_do_not_fit(
    db: None, settings: Settings, name: str, value: object, complaint: str
) -> None:
    setattr(settings, name, value)

    code, said = run("doctor")

    assert code == 1
    assert f"✗ Odds88's endpoints: {complaint}" in said


def test_the_doctor_finds_that_the_cache_is_dead(db: None, settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/valkey.sock",
        }
    }

    code, said = run("doctor")

    assert code == 1
    assert "✗ cache: " in said


@pytest.fixture
def odds88_is_set_up(settings: Settings) -> None:
    """All that Odds88's feed needs."""
    settings.ODDS88_FEED_URL = "wss://feed.example"
    settings.ODDS88_API_URL = "https://api.example"
    settings.ODDS88_CLIENT_ID = settings.ODDS88_PASSWORD = "x"


def test_the_doctor_looks_at_a_feed_that_is_set_up(db: None, odds88_is_set_up: None) -> None:
    code, said = run("doctor")

    assert code == 0
    assert "✓ Odds88's feed\n✓ Odds88's time windows\n" in said
    assert "! a worker for the feeds: no Celery worker listens on queue feeds.\n" in said


def test_the_doctor_keeps_a_sandbox_out_of_production(
    db: None, odds88_is_set_up: None, settings: Settings
) -> None:
    settings.DEBUG, settings.ODDS88_DIVIDE_TIMES_BY = False, 60

    code, said = run("doctor")

    assert code == 1
    assert "✗ Odds88's time windows: ODDS88_DIVIDE_TIMES_BY is not 1" in said


def test_the_doctor_finds_an_address_that_gives_our_token_away(
    db: None, odds88_is_set_up: None, settings: Settings
) -> None:
    settings.ODDS88_FEED_URL = "ws://feed.example"

    code, said = run("doctor")

    assert code == 1
    assert "✗ Odds88's feed: ODDS88_FEED_URL must begin with wss://" in said


def current_user() -> str:
    """Return who the application is to the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def owner_of(table: str) -> str:
    """Return whose a table is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableowner FROM pg_tables WHERE tablename = %s", [table])
        return str(cursor.fetchone()[0])


def test_the_schema_can_be_taken_back_and_comes_again_as_the_owners(own_database: str) -> None:
    FundedPlayer.create("100.00")

    call_command("migrate", "wallet", "zero", verbosity=0)
    assert not [name for name in connection.introspection.table_names() if "wallet" in name]
    call_command("migrate", verbosity=0)

    assert Currency.objects.get(pk="BTC").precision == 8
    assert FundedPlayer.create("100.00").balance == "100.00"
    assert run("reconcile")[0] == 0
    assert owner_of("wallet_transfer") == "backoffice_owner"
    assert current_user() == "backoffice_app"
    assert run("doctor")[0] == 0


def test_the_application_is_restricted_again_after_a_migration_that_failed(
    own_database: str,
) -> None:
    with pytest.raises(CommandError, match="nonsense"):
        call_command("migrate", "wallet", "nonsense", verbosity=0)

    assert current_user() == "backoffice_app"
