"""Feeds over HTTP: where each stands, and its messages."""

from collections.abc import Callable

import msgspec
import pytest
from django.test import Client
from pytest_django import Settings

from backoffice.api.feed_shapes import MessagePage
from feeds.models import FeedMessage
from feeds.standing import Standing
from tests.backoffice.api.asking import get
from tests.feeds.bets import message, settled
from tests.feeds.standing_rows import ago, came_to, connected, leased
from tests.settlement.settling import receive_and_process

FEEDS = "/api/v1/feeds/"
As = Callable[[str], Client]


@pytest.fixture
def at_work(db: None, settings: Settings) -> None:
    """A feed that receives, with a parked and a quarantined message."""
    settings.ODDS88_FEED_URL = "http://127.0.0.1:1"
    leased()
    came_to(ago(1800))
    connected(600)
    receive_and_process(message(settled()))
    receive_and_process(b"what?")


def test_all_feeds_are_listed(at_work: None, api_as: As) -> None:
    status, found = get(api_as("Ops"), FEEDS)

    assert status == 200
    assert [one["feed"] for one in found["results"]] == ["odds88"]


def test_a_feed_says_where_it_stands(at_work: None, api_as: As) -> None:
    status, found = get(api_as("Support"), f"{FEEDS}odds88/")

    assert status == 200
    assert (found["state"], found["is_running"], found["messages"]) == ("RECEIVING", True, 1234)
    assert found["sentence"].endswith("by feeds@host box 7.")
    assert found["unfinished"]["quarantined"] == 1
    assert found["connects"][0]["outcome"] == "OPENED"
    assert [one["left"] for one in found["connects_left"]] == [5, 5]
    assert found["at"].endswith("Z")
    msgspec.convert(found, Standing)


def test_the_messages_of_a_feed_are_paged(at_work: None, api_as: As) -> None:
    ops = api_as("Ops")

    status, first = get(ops, f"{FEEDS}odds88/messages/?limit=1")
    _, second = get(ops, first["next"])

    assert (status, second["next"]) == (200, None)
    assert [first["results"][0]["state"], second["results"][0]["state"]] == [
        "QUARANTINED",
        "PARKED",
    ]
    msgspec.convert(first, MessagePage)


@pytest.mark.parametrize(
    ("state", "notes"),
    [("parked", ["No ticket bears this id yet."]), ("done", []), ("IGNORED", [])],
)
def test_messages_are_narrowed_by_state(
    at_work: None, api_as: As, state: str, notes: list[str]
) -> None:
    found = get(api_as("Ops"), f"{FEEDS}odds88/messages/?state={state}")[1]

    assert [one["note"] for one in found["results"]] == notes


@pytest.mark.parametrize("words", ["state=lost", "feed=odds88", "cursor=x", "limit=0"])
def test_a_filter_that_can_not_be_meant_is_refused(at_work: None, api_as: As, words: str) -> None:
    assert get(api_as("Ops"), f"{FEEDS}odds88/messages/?{words}")[0] == 422


@pytest.mark.parametrize("path", ["nobody/", "nobody/messages/"])
def test_a_feed_that_nobody_knows(at_work: None, api_as: As, path: str) -> None:
    assert get(api_as("Ops"), f"{FEEDS}{path}")[0] == 404


@pytest.mark.parametrize("role", ["Platform", "Admin"])
@pytest.mark.parametrize("path", ["", "odds88/", "odds88/messages/"])
def test_who_may_not_read_feeds_is_refused(at_work: None, api_as: As, role: str, path: str) -> None:
    assert get(api_as(role), f"{FEEDS}{path}")[0] == 403


def test_nothing_is_written_here(at_work: None, api_as: As) -> None:
    before = FeedMessage.objects.count()

    for path in ("", "odds88/", "odds88/messages/"):
        answer = api_as("Ops").post(f"{FEEDS}{path}", data="{}", content_type="application/json")
        assert answer.status_code == 405

    assert FeedMessage.objects.count() == before
