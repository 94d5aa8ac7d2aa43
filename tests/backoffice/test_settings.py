"""Production says all that it lacks at once, and has nothing to complain of when it has it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backoffice import environment

COMPLETE = {
    "SECRET_KEY": "k8Zr3nVw0qLx7TbYc5JdHf2GmPs9AuEo1RiQvXzN6WgKtBaUyC",
    "AUDIT_KEY": "p2YcR7tLm4XwZ9sQe6KuNb1JhVf8GdAoWiT5xBzSgMk3CvEjUy",
    "ALLOWED_HOSTS": "desk.example.org",
    "DATABASE_URL": "postgresql://app:secret@db.example.org/desk",
    "REDIS_URL": "redis://cache.example.org:6379/0",
}


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in production's settings, with nothing but `variables` in the environment."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DEBUG": "0"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [["check"], ["migrate"], ["runserver", "--noreload"]])
def test_production_without_settings_says_all_that_is_missing(command: list[str]) -> None:
    done = run("manage.py", *command)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "manage.py: DEBUG=0 can't start with these settings:\n"
        "  - SECRET_KEY is missing: 50 characters or more that nobody else knows.\n"
        "  - AUDIT_KEY is missing: another 50 characters or more, which sign the audit's seals.\n"
        "  - ALLOWED_HOSTS is missing: the host names of the desk, separated by commas.\n"
        "  - DATABASE_URL is missing: postgresql://USER:PASSWORD@HOST/DATABASE, "
        "the restricted role's.\n"
        "  - REDIS_URL is missing: redis://HOST:6379/0, for the cache and Celery's wake-ups.\n"
        "See .env.example.\n"
    )


def test_a_complete_production_has_no_complaint() -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **COMPLETE)

    assert done.returncode == 0
    assert "System check identified no issues (0 silenced)." in done.stdout
    assert done.stderr == ""


def test_what_a_complaint_refers_to_exists() -> None:
    assert (settings.BASE_DIR / ".env.example").exists()


@pytest.mark.parametrize(
    ("what", "changes", "complaints"),
    [
        ("all is there", {}, []),
        ("an empty host list", {"ALLOWED_HOSTS": ""},
         ["ALLOWED_HOSTS is missing: the host names of the desk, separated by commas."]),
        ("a short key", {"SECRET_KEY": "abcdefghij" * 4},
         ["SECRET_KEY is too weak: use 50 characters or more that nobody else knows."]),
        ("a dull key", {"SECRET_KEY": "abcd" * 20},
         ["SECRET_KEY is too weak: use 50 characters or more that nobody else knows."]),
        ("a short key for the audit", {"AUDIT_KEY": "abcdefghij" * 4},
         ["AUDIT_KEY is too weak: use another 50 characters or more, "
          "which sign the audit's seals."]),
        ("one key for both", {"AUDIT_KEY": COMPLETE["SECRET_KEY"]},
         ["AUDIT_KEY is the SECRET_KEY: use a key that is kept for the seals alone."]),
        ("SQLite", {"DATABASE_URL": "sqlite:///db.sqlite3"},
         ["DATABASE_URL must begin with postgresql://: no other database will do."]),
        ("MySQL for the owner", {"DATABASE_OWNER_URL": "mysql://o@h/d"},
         ["DATABASE_OWNER_URL must begin with postgresql://: no other database will do."]),
        ("an owner", {"DATABASE_OWNER_URL": "postgres://o@h/d"}, []),
        ("two at once", {"SECRET_KEY": "x", "REDIS_URL": ""},
         ["REDIS_URL is missing: redis://HOST:6379/0, for the cache and Celery's wake-ups.",
          "SECRET_KEY is too weak: use 50 characters or more that nobody else knows."]),
    ],
)  # fmt: skip
def test_each_setting_is_looked_at(
    what: str, changes: dict[str, str], complaints: list[str]
) -> None:
    assert environment.complaints(COMPLETE | changes) == complaints


def test_development_needs_no_settings_and_distrusts_an_odd_debug() -> None:
    assert run("manage.py", "check", DEBUG="1").returncode == 0
    assert run("manage.py", "check", DEBUG="maybe").returncode == 1


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("redis://cache:6379/0", "redis://cache:6379/0"),
        ("rediss://:word@cache:6380/1", "rediss://:word@cache:6380/1"),
        ("unix:///run/valkey.sock?db=0", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("", ""),
    ],
)
def test_celery_spells_a_socket_in_its_own_way(redis_url: str, broker_url: str) -> None:
    assert environment.broker_url(redis_url) == broker_url


WHO_ASKS = """
import django; django.setup()
from axes.helpers import get_client_ip_address
from django.test import RequestFactory
proxied = {"HTTP_X_FORWARDED_FOR": "198.51.100.7, 203.0.113.9", "REMOTE_ADDR": "10.0.0.1"}
print(get_client_ip_address(RequestFactory().get("/", **proxied)))
"""


@pytest.mark.parametrize(
    ("what", "variables", "address"),
    [
        ("alone, nobody is believed", {}, "10.0.0.1"),
        ("behind a proxy, what it saw itself", {"BEHIND_PROXY": "1"}, "203.0.113.9"),
    ],
)
def test_a_login_is_counted_for_the_address_it_came_from(
    what: str, variables: dict[str, str], address: str
) -> None:
    names = {"DJANGO_SETTINGS_MODULE": "backoffice.settings"}

    done = run("-c", WHO_ASKS, **COMPLETE, **names, **variables)

    assert done.stdout.strip() == address, done.stderr


@pytest.mark.parametrize(
    ("url", "client_id", "password", "complaint"),
    [
        ("", "", "", ""),
        ("https://api.example.com/odds88", "we", "secret", ""),
        ("http://127.0.0.1:8088", "we", "secret", ""),
        ("http://[::1]:8088", "we", "secret", ""),
        (
            "https://api.example.com",
            "",
            "",
            "ODDS88_CLIENT_ID and ODDS88_PASSWORD are missing: look-ups need all three.",
        ),
        ("", "we", "secret", "ODDS88_API_URL is missing: look-ups need all three."),
        (
            "http://api.example.com",
            "we",
            "secret",
            "ODDS88_API_URL must begin with https://: http:// sends the password in the clear.",
        ),
        (
            "https://we:secret@api.example.com",
            "we",
            "secret",
            "ODDS88_API_URL must hold nothing but scheme, host and path: no password, no query.",
        ),
        (
            "https://api.example.com?x=1",
            "we",
            "secret",
            "ODDS88_API_URL must hold nothing but scheme, host and path: no password, no query.",
        ),
        (
            "api.example.com",
            "we",
            "secret",
            "ODDS88_API_URL must begin with https:// and name a host.",
        ),
        (
            "ftp://api.example.com",
            "we",
            "secret",
            "ODDS88_API_URL must begin with https:// and name a host.",
        ),
    ],
)
def test_the_settings_of_odds88_fit_together(
    url: str, client_id: str, password: str, complaint: str
) -> None:
    assert environment.of_odds88(url, client_id, password) == complaint


@pytest.mark.parametrize(
    ("url", "api_url", "complaint"),
    [
        ("", "", ""),
        ("https://feed.example.com", "https://api.example.com", ""),
        ("wss://feed.example.com/v4", "https://api.example.com", ""),
        ("http://127.0.0.1:8088", "http://127.0.0.1:8088", ""),
        (
            "https://feed.example.com",
            "",
            "ODDS88_API_URL, ODDS88_CLIENT_ID and ODDS88_PASSWORD are missing: the feed is opened "
            "with a token, which they bring.",
        ),
        (
            "http://feed.example.com",
            "https://api.example.com",
            "ODDS88_FEED_URL must begin with https://: http:// sends our token in the clear.",
        ),
        (
            "ws://feed.example.com",
            "https://api.example.com",
            "ODDS88_FEED_URL must begin with wss://: ws:// sends our token in the clear.",
        ),
        (
            "amqp://feed.example.com",
            "https://api.example.com",
            "ODDS88_FEED_URL must begin with https:// or wss://, and name a host.",
        ),
    ],
)
def test_the_address_of_odds88s_feed_is_one(url: str, api_url: str, complaint: str) -> None:
    assert environment.of_odds88_feed(url, api_url) == complaint


@pytest.mark.parametrize(
    ("name", "amqp", "api"),
    [
        ("", "", ""),
        ("production", "amqps://mq.betradar.com", "https://api.betradar.com"),
        ("integration", "amqps://stgmq.betradar.com", "https://stgapi.betradar.com"),
        ("replay", "amqps://replaymq.betradar.com", "https://stgapi.betradar.com"),
        ("global-production", "amqps://global.mq.betradar.com", "https://global.api.betradar.com"),
    ],
)
def test_an_environment_of_sportradars_names_both_addresses(name: str, amqp: str, api: str) -> None:
    assert (environment.uof_url("amqp", name), environment.uof_url("api", name)) == (amqp, api)


@pytest.mark.parametrize("name", ["staging", "global-", "european-production"])
def test_an_environment_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="UOF_ENVIRONMENT must be one of production, "):
        environment.uof_url("amqp", name)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, ""),
        ({"UOF_ENVIRONMENT": "production"}, "UOF_TOKEN is missing"),
        ({"UOF_ENVIRONMENT": "production", "UOF_TOKEN": "t"}, ""),
        ({"UOF_AMQP_URL": "amqps://a", "UOF_TOKEN": "t"}, "UOF_API_URL is missing"),
        (
            {"UOF_AMQP_URL": "amqp://a", "UOF_API_URL": "https://a", "UOF_TOKEN": "t"},
            "UOF_AMQP_URL must begin with amqps://",
        ),
        (
            {"UOF_AMQP_URL": "amqp://127.0.0.1", "UOF_API_URL": "http://a", "UOF_TOKEN": "t"},
            "UOF_API_URL must begin with https://",
        ),
        (
            {"UOF_AMQP_URL": "amqp://127.0.0.1", "UOF_API_URL": "http://[::1]", "UOF_TOKEN": "t"},
            "",
        ),
    ],
)
def test_what_is_wrong_with_sportradars_settings_is_told(
    given: dict[str, str], complaint: str
) -> None:
    assert environment.of_uof(given).startswith(complaint)
    assert bool(environment.of_uof(given)) == bool(complaint)


OURS = {"PACKAGE_ID": "430", "USER": "us", "PASSWORD": "secret"}


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, ""),
        ({"FORMAT": "json", "QUEUE": "__"}, ""),
        (OURS, ""),
        ({"PACKAGE_ID": "430", "PASSWORD": "secret"}, "LSPORTS_INPLAY_USER is missing"),
        ({"AMQP_URL": "amqps://a"}, "LSPORTS_INPLAY_PACKAGE_ID is missing"),
        (OURS | {"FORMAT": "yaml"}, "LSPORTS_INPLAY_FORMAT must be json or xml."),
        (OURS | {"AMQP_URL": "amqp://a"}, "LSPORTS_INPLAY_AMQP_URL must begin with amqps://"),
        (OURS | {"API_URL": "http://a"}, "LSPORTS_INPLAY_API_URL must begin with https://"),
        (OURS | {"SNAPSHOT_URL": "http://a"}, "LSPORTS_INPLAY_SNAPSHOT_URL must begin with"),
        (OURS | {"AMQP_URL": "amqp://127.0.0.1", "API_URL": "http://localhost:8000"}, ""),
    ],
)
def test_what_is_wrong_with_a_package_of_lsports_is_told(
    given: dict[str, str], complaint: str
) -> None:
    said = {f"LSPORTS_INPLAY_{what}": value for what, value in given.items()}

    found = environment.of_lsports("INPLAY", said)

    assert found.startswith(complaint)
    assert bool(found) == bool(complaint)


def test_one_package_is_not_read_twice() -> None:
    said = {f"LSPORTS_{name}_{what}": value
            for name in ("INPLAY", "PREMATCH") for what, value in OURS.items()}  # fmt: skip

    assert environment.of_lsports("PREMATCH", said).startswith(
        "LSPORTS_PREMATCH_PACKAGE_ID is that of LSPORTS_INPLAY_ too"
    )


def test_a_package_needs_no_more_than_who_we_are() -> None:
    said = {f"LSPORTS_PREMATCH_{what}": value for what, value in OURS.items()}

    assert environment.lsports_package("PREMATCH", said) == OURS | {
        "AMQP_URL": "amqps://stm-prematch.lsports.eu",
        "API_URL": "https://stm-api.lsports.eu",
        "SNAPSHOT_URL": "https://stm-snapshot.lsports.eu",
        "QUEUE": "_430_",
        "FORMAT": "json",
    }
    assert environment.lsports_package("INPLAY", said)["AMQP_URL"] == ""
