"""What the machines ask: does it live, can it work, what do the books say."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from backoffice import tasks
from feeds.models import Sweep
from tests import databases
from tests.factories import FundedPlayer
from tests.feeds.standing_rows import connected, leased
from tests.settlement.settling import receive_and_process

Desk = Callable[[str], Client]


def cache(backend: str, location: str) -> dict[str, dict[str, str]]:
    """Return the setting for a cache."""
    return {"default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": location}}


@pytest.fixture
def dead_cache(settings: Settings, tmp_path: Path) -> None:
    """A cache where nobody answers."""
    settings.CACHES = cache("redis.RedisCache", f"unix://{tmp_path}/nobody.sock?db=0")


@pytest.fixture
def own_cache(settings: Settings, tmp_path: Path) -> None:
    """A cache that no other test writes to."""
    settings.CACHES = cache("locmem.LocMemCache", str(tmp_path))


def test_being_alive_takes_neither_database_nor_cache(client: Client, dead_cache: None) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_being_alive_asks_nothing(
    db: None, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_ready_when_all_is_there(db: None, client: Client) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready", "problems": {}})


def test_not_ready_without_the_cache(db: None, client: Client, dead_cache: None) -> None:
    response = client.get("/readyz")

    assert response.status_code == 503
    answer = response.json()
    assert (answer["status"], list(answer["problems"])) == ("unready", ["cache"])
    assert "nobody.sock" in answer["problems"]["cache"]


def test_not_ready_before_the_migrations(own_database: str, client: Client) -> None:
    databases.as_owner(
        "DELETE FROM django_migrations WHERE id IN "
        "(SELECT max(id) FROM django_migrations WHERE app = 'wallet')"
    )

    response = client.get("/readyz")

    assert response.status_code == 503
    assert list(response.json()["problems"]) == ["migrations"]
    assert "run manage.py migrate" in response.json()["problems"]["migrations"]


def test_not_ready_without_the_database(own_database: str, client: Client) -> None:
    with databases.connected_to("test_gone"):
        response = client.get("/readyz")

    assert response.status_code == 503
    assert list(response.json()["problems"]) == ["database", "migrations"]
    assert 'database "test_gone" does not exist' in response.json()["problems"]["database"]


def test_metrics_say_nothing_of_the_books_before_they_were_checked(
    client: Client, own_cache: None
) -> None:
    lines = client.get("/metrics").content.decode().splitlines()

    assert "# TYPE truth_rows gauge" in lines
    assert not [line for line in lines if line.startswith(("truth_rows", "truths_checked"))]


def test_metrics_tell_when_the_books_were_checked_and_what_was_found(
    player: FundedPlayer, client: Client, own_cache: None
) -> None:
    with time_machine.travel("2026-03-01T00:00:00Z", tick=False):
        tasks.check_books()

    lines = client.get("/metrics").content.decode().splitlines()

    assert 'truth_rows{truth="1 players and house balance in each currency"} 0.0' in lines
    assert 'truth_rows{truth="7 no gap in any account\'s transfers"} 0.0' in lines
    assert "truths_checked_timestamp_seconds 1.7723232e+09" in lines


def test_a_broken_truth_is_counted_and_logged(
    own_database: str, client: Client, own_cache: None, caplog: pytest.LogCaptureFixture
) -> None:
    FundedPlayer.create("100.00")
    databases.as_owner(
        "ALTER TABLE wallet_account DISABLE TRIGGER USER",
        "UPDATE wallet_account SET balance = 1 WHERE player_id IS NOT NULL",
    )

    tasks.check_books()

    lines = client.get("/metrics").content.decode().splitlines()
    assert 'truth_rows{truth="2 cached balances are the sum of their transfers"} 1.0' in lines
    errors: list[Any] = [row.msg for row in caplog.records if row.levelname == "ERROR"]
    assert [(error["event"], error["truth"]) for error in errors] == [
        ("truth_broken", 1),
        ("truth_broken", 2),
    ]


def test_metrics_tell_how_the_feeds_are_doing(
    db: None, client: Client, settings: Settings, own_cache: None
) -> None:
    settings.ODDS88_FEED_URL = "http://127.0.0.1:1"
    leased(heard_at=datetime(2026, 3, 1, tzinfo=UTC))
    connected(10)
    receive_and_process(b"what?")
    Sweep.objects.create(feed="odds88", why="Away.", total=10, asked=4)

    lines = client.get("/metrics").content.decode().splitlines()

    for line in (
        'feed_up{feed="odds88"} 1.0',
        'feed_halted{feed="odds88"} 0.0',
        'feed_heard_timestamp_seconds{feed="odds88"} 1.7723232e+09',
        'feed_unprocessed{feed="odds88"} 0.0',
        'feed_parked{feed="odds88"} 0.0',
        'feed_quarantined{feed="odds88"} 1.0',
        'feed_connects_left{feed="odds88",kind="proper"} 4.0',
        'feed_connects_left{feed="odds88",kind="without"} 5.0',
        'feed_sweep_left{feed="odds88"} 6.0',
    ):
        assert line in lines, line
    assert not [line for line in lines if line.startswith("feed_lag_seconds{")]


def test_metrics_survive_a_database_that_is_gone(
    own_database: str, client: Client, own_cache: None
) -> None:
    with databases.connected_to("test_gone"):
        response = client.get("/metrics")

    assert response.status_code == 200
    lines = response.content.decode().splitlines()
    assert "# TYPE feed_up gauge" in lines
    assert not [line for line in lines if line.startswith("feed_up{")]


def test_metrics_survive_a_dead_cache(client: Client, dead_cache: None) -> None:
    response = client.get("/metrics")

    assert response.status_code == 200
    assert "http_requests_total" in response.content.decode()


def test_the_overview_survives_a_dead_cache(
    player: FundedPlayer, desk: Desk, dead_cache: None
) -> None:
    html = desk("Ops").get("/admin/").content.decode()

    assert "The workers have not checked the truths yet" in html


def test_requests_are_counted_by_route_and_never_by_path(
    player: FundedPlayer, desk: Desk, client: Client
) -> None:
    path = f"admin/wallet/player/{player.player.pk}/change/"
    desk("Support").get(f"/{path}")
    client.get("/no/such/page")

    metrics = client.get("/metrics").content.decode()

    route = "admin/wallet/player/<path:object_id>/change/"
    assert f'http_requests_total{{method="GET",route="{route}",status="200"}}' in metrics
    assert 'route="unmatched",status="404"' in metrics
    assert path not in metrics


def test_a_method_of_somebodys_own_makes_no_series_of_its_own(client: Client) -> None:
    client.generic("BREW", "/healthz")

    assert "BREW" not in client.get("/metrics").content.decode()
