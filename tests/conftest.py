"""Fixtures for every test: databases, people, players with money."""

import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from hypothesis import HealthCheck, settings

from backoffice.bench import rabbitmq
from backoffice.models import User
from feeds import readers
from settlement import reading
from tests import databases
from tests.factories import FundedPlayer, UserFactory
from tests.nursery import Nursery, nursery
from tests.services import deep

settings.register_profile(
    "short",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("deep", settings.get_profile("short"), max_examples=1000)
settings.load_profile("deep" if deep() else "short")


def pytest_ignore_collect(collection_path: Any, config: pytest.Config) -> bool | None:
    """Campaigns run by name only."""
    if collection_path.name == "campaigns" and not config.getoption("--campaign"):
        return True
    return None


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Give each worker a copy of the template; tests in transactions share it."""
    with (
        django_db_blocker.unblock(),
        databases.copy_of_template() as name,
        databases.connected_to(name),
    ):
        yield


@pytest.fixture(autouse=True)
def what_waits_for_a_commit_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's own transaction is never committed: what waits for that alone happens at once."""
    waiting = BaseDatabaseWrapper.on_commit

    def on_commit(self: BaseDatabaseWrapper, func: Any, robust: bool = False) -> None:
        blocks = self.atomic_blocks
        if blocks and all(getattr(block, "_from_testcase", False) for block in blocks):
            func()
        else:
            waiting(self, func, robust)

    monkeypatch.setattr(BaseDatabaseWrapper, "on_commit", on_commit)


@pytest.fixture(autouse=True)
def as_the_product_does(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read messages and rules as the product does, whatever another test put there."""
    monkeypatch.setattr(readers, "READERS", dict(readers.READERS))
    yield
    reading.RULES_READ.clear()
    reading.UNITS_READ.clear()


@pytest.fixture(scope="session")
def copies() -> Iterator[databases.Copies]:
    """Databases that are made while other tests run."""
    with closing(databases.Copies()) as found:
        yield found


@pytest.fixture
def own_database(
    django_db_setup: None, django_db_blocker: Any, copies: databases.Copies
) -> Iterator[str]:
    """A database for this test alone: it may commit, and others may connect."""
    with (
        django_db_blocker.unblock(),
        copies.fresh() as name,
        databases.connected_to(name),
    ):
        yield name


@pytest.fixture(scope="session")
def nurse() -> Iterator[Nursery]:
    """A nursery for all tests: to start Python and Django takes a second each time."""
    with nursery(os.environ) as found:
        yield found


@pytest.fixture
def children(own_database: str, nurse: Nursery) -> Nursery:
    """Children that work on the test's own database."""
    nurse.database = own_database
    return nurse


@pytest.fixture
def player(db: None) -> FundedPlayer:
    """Somebody with 100.00 EUR."""
    return FundedPlayer.create("100.00")


@pytest.fixture
def user(db: None) -> Any:
    """A function that makes somebody with a role."""

    def make(role: str) -> User:
        return UserFactory.create(role=role)

    return make


@pytest.fixture
def desk(user: Any) -> Any:
    """A function that returns a browser signed in with a role."""

    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(user(role), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture(scope="session")
def amqp_url() -> Iterator[str]:
    """The RabbitMQ that AMQP_URL names, or one of our own."""
    if given := os.environ.get("AMQP_URL"):
        yield given
        return
    try:
        with rabbitmq.rabbitmq() as url:
            yield url
    except rabbitmq.RabbitMQUnavailable as error:
        pytest.skip(str(error))
