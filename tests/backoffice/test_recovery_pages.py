"""An event's results told again: who may ask at the desk, over HTTP and from the command line."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from feeds.models import Recovery
from settlement.models import SportEvent
from tests.backoffice.api.asking import by_token, post
from tests.factories import FundedPlayer
from tests.feeds.sportradar.live import EVENT, placed
from tests.feeds.sportradar.producer_rows import producer, received

MAY = ("Operator", "Senior", "Ops")
MAY_NOT = ("Support", "Auditor", "Admin")
NOTE = "<script>alert(1)</script>"
API = "/api/v1/feeds/sportradar/recoveries/"
ODD = "sr:match:\"><script>alert('2')</script>/../1"


@pytest.fixture
def page(db: None, settings: Settings) -> str:
    """The page of an event that somebody has bet on."""
    settings.UOF_AMQP_URL = settings.UOF_API_URL = "http://127.0.0.1:1"
    settings.UOF_TOKEN = "token"
    received()
    producer(1)
    placed(FundedPlayer.create("100.00"))
    return f"/admin/feeds/recovery/event/{SportEvent.objects.get(ref=EVENT).pk}/"


@pytest.mark.parametrize("role", MAY)
def test_who_may_asks_at_the_desk_and_only_by_asking(
    page: str, desk: Callable[[str], Client], role: str
) -> None:
    assert desk(role).get(page, {"note": "Now."}).status_code == 200
    assert not Recovery.objects.exists()

    desk(role).post(page, {"note": NOTE})

    assert Recovery.objects.get().why == NOTE
    assert LogEntry.objects.filter(change_message=f"Have its results told again: {NOTE}").exists()
    for shown in (page, "/admin/feeds/recovery/", "/admin/feeds/feedlease/"):
        assert NOTE not in desk(role).get(shown).content.decode(), shown


@pytest.mark.parametrize("role", MAY_NOT)
def test_who_may_not_is_refused_everywhere(
    page: str, desk: Callable[[str], Client], user: Callable[[str], Any], role: str
) -> None:
    assert desk(role).post(page, {"note": "Please."}).status_code == 403
    assert post(by_token(user(role)), {"event": EVENT, "note": "Please."}, API)[0] == 403

    assert not Recovery.objects.exists()
    assert not LogEntry.objects.filter(change_message__contains="told again").exists()


def test_another_site_asks_for_nothing(page: str, user: Callable[[str], Any]) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user("Ops"))

    assert browser.post(page, {"note": "Please."}).status_code == 403
    assert not Recovery.objects.exists()


def test_the_command_asks_for_those_who_may(page: str, user: Callable[[str], Any]) -> None:
    words = {"note": "Please.", "yes": True, "stdout": StringIO()}
    with pytest.raises(CommandError, match="may not have events told again"):
        call_command("recover", EVENT, user=user("Support").username, **words)
    assert not Recovery.objects.exists()

    call_command("recover", EVENT, user=user("Ops").username, **words)

    assert Recovery.objects.get().event_ref == EVENT


@pytest.mark.parametrize("event", ["", "'; --", "a/../b", "\x00", "x" * 10_000, "\ud800"])
def test_an_event_that_is_none_is_refused(
    page: str, desk: Callable[[str], Client], user: Callable[[str], Any], event: str
) -> None:
    status, _ = post(by_token(user("Ops")), {"event": event, "note": "Please."}, API)
    named = desk("Ops").get("/admin/feeds/recovery/event/", {"event": event.replace("\ud800", "")})

    assert status in (400, 422)
    assert named.status_code in (302, 400)
    assert not Recovery.objects.exists()


def test_an_events_id_is_shown_as_it_is_and_does_nothing(
    page: str, desk: Callable[[str], Client]
) -> None:
    placed(FundedPlayer.create("100.00"), "T-2", ODD)
    odd = f"/admin/feeds/recovery/event/{SportEvent.objects.get(ref=ODD).pk}/"

    browser = desk("Ops")
    browser.post(odd, {"note": "Please."})

    assert Recovery.objects.get().event_ref == ODD
    for shown in (odd, "/admin/feeds/recovery/", "/admin/feeds/feedlease/"):
        assert "<script>alert('2')" not in browser.get(shown).content.decode(), shown
