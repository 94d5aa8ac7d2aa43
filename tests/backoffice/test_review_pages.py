"""Reviews at the desk: what is held back, and what each choice does."""

from collections.abc import Callable
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client

from settlement.models import Review
from tests.backoffice.desk_acts import (
    WHY,
    act_page,
    asked,
    done,
    read,
    sound,
)
from tests.factories import FundedPlayer
from tests.settlement.settling import LOST, WON, said, state, tell

Desk = Callable[[str], Client]
APPROVALS = "/admin/settlement/approval/"
REVIEWS = "/admin/settlement/review/"
LIMITS = "/admin/settlement/actlimit/"


@pytest.fixture
def against(single: FundedPlayer, desk: Desk) -> Review:
    """A question whether an act or the feed is right."""
    done(desk("Operator"), act_page("T-1", "settle"), result="WIN")
    tell(said(outcomes={"X": LOST}))
    return Review.objects.get()


def test_the_queue_shows_open_ones_and_the_page_its_choices(against: Review, desk: Desk) -> None:
    client = desk("Operator")

    assert "Since " in read(client, REVIEWS)
    page = read(client, f"{REVIEWS}{against.pk}/change/")
    for word in ("Dismiss…", "Resettle by result…", "Release to the provider…"):
        assert word in page, word
    assert "Accept…" not in page


def test_dismissed_it_is_closed_with_the_note(against: Review, desk: Desk) -> None:
    client = desk("Operator")

    done(client, f"{REVIEWS}{against.pk}/decide/dismiss/", note="The feed is wrong.")

    page = read(client, f"{REVIEWS}{against.pk}/change/")
    assert "Dismissed by user-" in page
    assert "The feed is wrong." in page
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert "Since " not in read(client, REVIEWS)
    assert "Since " in read(client, f"{REVIEWS}?open=no")
    again, _ = asked(client, f"{REVIEWS}{against.pk}/decide/dismiss/")
    assert "is closed already" in again


def test_what_is_not_held_back_is_not_accepted(against: Review, desk: Desk) -> None:
    shown, _ = asked(desk("Operator"), f"{REVIEWS}{against.pk}/decide/accept/")

    assert "holds nothing back that could be accepted" in shown


@pytest.fixture
def held(single: FundedPlayer) -> Review:
    """A correction that came 31 days after the result: it waits."""
    tell(said(outcomes={"X": WON}))
    tell(said(ticks=1000 + 31 * 86_400 * 10**7, outcomes={"X": LOST}))
    return Review.objects.get()


def test_what_is_held_back_is_shown_and_accepted(held: Review, desk: Desk) -> None:
    client = desk("Operator")
    page = read(client, f"{REVIEWS}{held.pk}/change/")
    assert "Stands Settled: win 25.00 EUR Held back Settled: lose 0.00 EUR" in page
    assert "Difference −25.00 EUR" in page
    assert "Dismiss…" not in page

    done(client, f"{REVIEWS}{held.pk}/decide/accept/")

    assert state() == ("SETTLED", "LOSE", 0, 2)
    assert "Accepted by user-" in read(client, f"{REVIEWS}{held.pk}/change/")
    assert sound()


@pytest.mark.parametrize(
    ("role", "word", "query"),
    [
        ("Operator", "resettle", {"result": "WIN"}),
        ("Senior", "resettle-amount", {"payout": "25.00", "result": "WIN"}),
    ],
)
def test_what_stands_is_kept_by_saying_it_by_hand(
    held: Review, desk: Desk, role: str, word: str, query: dict[str, str]
) -> None:
    client = desk(role)
    page = unescape(client.get(f"{REVIEWS}{held.pk}/change/").content.decode())
    keep = f"{act_page('T-1', word)}?{urlencode(query)}"
    assert keep in page

    assert '<option value="WIN" selected>' in client.get(keep).content.decode()
    done(client, keep, **query)

    assert state() == ("SETTLED", "WIN", 2500, 1)
    held.refresh_from_db()
    assert held.end == "BY_ITSELF"
    assert sound()


@pytest.mark.parametrize("role", ["Support", "Ops", "Auditor"])
def test_others_read_and_do_not_decide(against: Review, desk: Desk, role: str) -> None:
    client = desk(role)

    page = read(client, f"{REVIEWS}{against.pk}/change/")
    assert "somebody who may decide has to" in page
    for word in ("accept", "dismiss"):
        assert client.post(f"{REVIEWS}{against.pk}/decide/{word}/", WHY).status_code == 403
    against.refresh_from_db()
    assert against.closed_at is None


@pytest.mark.parametrize("sort", ["oldest", "newest", "money"])
def test_the_queue_is_sorted(against: Review, desk: Desk, sort: str) -> None:
    assert "Since " in read(desk("Operator"), f"{REVIEWS}?sort={sort}&currency=EUR")
