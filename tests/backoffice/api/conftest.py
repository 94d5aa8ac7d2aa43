"""Programs that come in by token."""

from collections.abc import Callable

import pytest
from django.test import Client

from backoffice.models import User
from tests.backoffice.api.asking import by_token
from tests.factories import UserFactory


@pytest.fixture
def platform(db: None) -> User:
    """The betting platform, a program."""
    return UserFactory.create(username="platform", role="Platform", is_staff=False)


@pytest.fixture
def api(platform: User) -> Client:
    """The betting platform, with its token."""
    return by_token(platform)


@pytest.fixture
def api_as(user: Callable[[str], User]) -> Callable[[str], Client]:
    """A function that returns a client with the token of somebody with a role."""
    return lambda role: by_token(user(role))
