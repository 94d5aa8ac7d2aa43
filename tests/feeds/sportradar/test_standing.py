"""How the feed stands while it runs against our own server, and an event that a person wants."""

import pytest
from pytest_django import Settings

from backoffice import recoveries
from feeds import standing
from feeds.models import Recovery
from feeds.producer_shapes import (
    SportradarStanding,
)
from tests.factories import FundedPlayer, UserFactory
from tests.feeds.live import stands, until
from tests.feeds.sportradar.live import EVENT, placed, playing, receiving

pytestmark = pytest.mark.own_database


def now() -> SportradarStanding:
    """Return how the producers stand."""
    found = standing.standing("sportradar")
    assert found is not None
    assert found.sportradar is not None
    return found.sportradar


def test_what_runs_is_synchronised_and_tells_an_event_again(
    own_database: str, settings: Settings
) -> None:
    settings.UOF_AMQP_URL = "amqp://127.0.0.1:1"
    olga = UserFactory.create(username="olga", role="Ops")

    with playing(None) as sandbox, receiving(sandbox):
        sandbox.settle(EVENT, "1", {"X": 1})
        placed(FundedPlayer.create("100.00"))
        until(lambda: all(one.is_synchronised for one in now().producers if one.is_active))

        plan = recoveries.want(feeds=["sportradar"], event_ref=EVENT, note="A drill.", user=olga)

        until(lambda: not Recovery.objects.filter(kind="EVENT").exclude(state="DONE").exists())
        until(lambda: stands("SETTLED", "WIN", 2500))
        account = now().account

    assert plan.sentence.endswith(" asked, within seconds.")
    assert Recovery.objects.filter(kind="EVENT", actor="user:olga").count() == len(plan.producers)
    assert account is not None
    assert account.bookmaker_id
