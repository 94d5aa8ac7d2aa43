"""An event's results told again: by whom, on every way in; a refused one leaves all as it was."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from backoffice.models import User
from backoffice.roles import ROLES
from feeds import leases
from feeds.models import FeedLease, Producer, Recovery
from settlement.models import SportEvent, Ticket
from tests.backoffice.api.asking import by_token, get, post
from tests.backoffice.desk_acts import read, said, ticket_page
from tests.factories import FundedPlayer, UserFactory
from tests.feeds.sportradar.live import EVENT, placed
from tests.feeds.sportradar.producer_rows import FEED, down, event, producer, received, since
from tests.feeds.standing_rows import ago
from tests.settlement.asked import accepted, bet

Desk = Callable[[str], Client]
API = f"/api/v1/feeds/{FEED}/recoveries/"
NOTE = "A player asks."
MAY = ("Operator", "Senior", "Ops")
READS = ("Support", "Operator", "Senior", "Ops", "Auditor")
MAY_NOT = ("Support", "Auditor", "Admin", "Platform")


@pytest.fixture(autouse=True)
def _feed(player: FundedPlayer, settings: Settings) -> None:
    settings.UOF_AMQP_URL = "amqp://127.0.0.1:1"
    received()
    since(producer(1))
    since(producer(3))
    placed(player)


def page() -> str:
    """Return the address of the event's page."""
    return f"/admin/feeds/recovery/event/{SportEvent.objects.get(ref=EVENT).pk}/"


def at_the_desk(user: User) -> int:
    """Ask at the desk; return the status."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(page(), {"note": NOTE}).status_code


def by_api(user: User) -> int:
    """Ask by HTTP; return the status."""
    return post(by_token(user), {"event": EVENT, "note": NOTE}, API)[0]


def run(*words: str, user: str = "olga", note: str = NOTE) -> tuple[int, str]:
    """Ask by command; return the exit code, and what was printed or why it was refused."""
    printed = io.StringIO()
    try:
        call_command("recover", *words, "--note", note, "--as", user, stdout=printed)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as end:
        return int(end.code or 0), printed.getvalue()
    return 0, printed.getvalue()


def by_command(user: User) -> int:
    """Ask by command; return its exit code."""
    return run(EVENT, "--yes", user=user.username)[0]


WAYS: dict[str, tuple[Callable[[User], int], int, tuple[int, ...]]] = {
    "desk": (at_the_desk, 302, (403, 302)),
    "api": (by_api, 202, (403,)),
    "command": (by_command, 0, (1,)),
}


def events_wanted() -> list[tuple[str, str, str, str]]:
    """Return the requests for events."""
    rows = Recovery.objects.filter(kind="EVENT").order_by("producer__number")
    return list(rows.values_list("event_ref", "state", "actor", "why"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", MAY)
def test_who_may_has_it_told_again_by_all_who_might_know_it(role: str, way: str) -> None:
    ask, done, _ = WAYS[way]

    assert ask(UserFactory.create(username="olga", role=role)) == done

    assert events_wanted() == [(EVENT, "WANTED", "user:olga", NOTE)] * 2
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_repr) == ("olga", EVENT)
    assert entry.change_message == f"Have its results told again: {NOTE}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", MAY_NOT)
def test_who_may_not_is_refused_and_nothing_changed(role: str, way: str) -> None:
    ask, _, refused = WAYS[way]
    before = list(Recovery.objects.order_by("id").values())

    assert ask(UserFactory.create(role=role, is_staff=role != "Platform")) in refused

    assert list(Recovery.objects.order_by("id").values()) == before
    assert not LogEntry.objects.exists()


def test_every_role_is_tried() -> None:
    assert {*MAY, *MAY_NOT} == set(ROLES)


@pytest.mark.parametrize("role", [*READS, "Admin"])
def test_who_reads_feeds_reads_what_was_told_again(desk: Desk, user: Any, role: str) -> None:
    status = 200 if role in READS else 403

    assert desk(role).get(page()).status_code == status
    assert desk(role).get("/admin/feeds/recovery/").status_code == status
    assert by_token(user(role)).get(API).status_code == status


def test_readers_are_offered_no_form(desk: Desk) -> None:
    assert '<form method="post" class="stacked"' in desk("Ops").get(page()).content.decode()
    assert 'class="stacked"' not in desk("Support").get(page()).content.decode()


def test_the_page_says_who_is_asked_when_and_how_the_last_request_stands(desk: Desk) -> None:
    client = desk("Operator")

    assert "2 producers are asked, within seconds." in read(client, page())
    told = said(client.post(page(), {"note": NOTE}, follow=True).content)

    assert f"{EVENT}: 2 producers are asked, within seconds." in told
    assert "◐ Wanted 1" in told
    assert "not yet" in told


@pytest.mark.parametrize("state", ["WANTED", "RUNNING", "TOLD", "DONE", "FAILED", "ABANDONED"])
def test_each_state_of_a_request_has_its_word(desk: Desk, state: str) -> None:
    event(Producer.objects.get(number=1), EVENT, state, sentence="So it was said.")
    words = {
        "WANTED": "◐ Wanted",
        "RUNNING": "↻ Being told",
        "TOLD": "↻ Told, being processed",
        "DONE": "✓ Told and processed",
        "FAILED": "✗ Failed",
        "ABANDONED": "✗ Cut off",
    }

    told = read(desk("Support"), page())

    assert words[state] in told
    assert "So it was said." in told
    assert words[state] in read(desk("Support"), ticket_page("T-1"))
    assert words[state] in read(desk("Senior"), f"/admin/settlement/batch/markets/?event={EVENT}")
    assert words[state] in read(desk("Ops"), f"/admin/feeds/recovery/?q={EVENT}")


def test_ticket_and_market_desk_lead_there_for_sportradars_events_alone(
    desk: Desk, player: FundedPlayer
) -> None:
    accepted(bet(player, bet_id="O-1", provider="odds88"))
    odds88 = Ticket.objects.get(bet_id="O-1")

    for address in (ticket_page("T-1"), f"/admin/settlement/batch/markets/?event={EVENT}"):
        text = desk("Senior").get(address).content.decode()
        assert "Have its results told again…" in text
        assert page() in text
    assert "told again" not in read(desk("Support"), ticket_page("T-1"))
    assert "told again" not in read(desk("Senior"), ticket_page(odds88.bet_id))


def silent() -> None:
    """Let nobody speak."""
    Producer.objects.update(state="DOWN", reason="SILENT", heard_at=ago(90))


def unheard() -> None:
    """Let nobody receive the feed."""
    FeedLease.objects.update(expires_at=ago(90))


def stopped() -> None:
    """Let somebody stop the feed."""
    leases.pause(feed=FEED, actor="user:otto")


def spent() -> None:
    """Let the limit of single events be reached."""
    one = Producer.objects.get(number=1)
    for number in range(100):
        event(one, f"sr:match:{number}", "DONE", asked_at=ago(30), answered_at=ago(30))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (silent, "2 producers are asked, as soon as what they missed is told"),
        (unheard, "2 producers are asked, when the feed is received again. Nobody receives it"),
        (stopped, "2 producers are asked, when the feed is started again. Stopped by otto."),
        (spent, "2 producers are asked, in 9 min"),
    ],
)
def test_it_says_when_it_can_be_asked(desk: Desk, how: Callable[[], None], told: str) -> None:
    how()

    answer = desk("Ops").post(page(), {"note": NOTE}, follow=True)

    assert told in said(answer.content)
    assert Recovery.objects.filter(event_ref=EVENT, state="WANTED").count() == 2


def not_set_up(settings: Settings) -> None:
    """Take the feed's address away."""
    settings.UOF_AMQP_URL = ""


def none_active(settings: Settings) -> None:
    """Switch all producers off."""
    Producer.objects.update(is_active=False)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (not_set_up, "Sportradar's feed is not set up here"),
        (none_active, "None of Sportradar's active producers may know this event."),
    ],
)
def test_where_nobody_can_be_asked_a_sentence_says_so(
    desk: Desk, user: Any, settings: Settings, how: Callable[[Settings], None], told: str
) -> None:
    how(settings)

    answer = desk("Ops").post(page(), {"note": NOTE})
    status, refusal = post(by_token(user("Ops")), {"event": EVENT, "note": NOTE}, API)

    assert told in said(answer.content)
    assert (status, refusal["code"]) == (409, "not_asked")
    assert told in refusal["detail"]
    assert events_wanted() == []
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"event": "sr:match:9", "note": NOTE}, 422, "unknown_event"),
        ({"event": "sr:match:\0", "note": NOTE}, 422, "unknown_event"),
        ({"event": EVENT, "note": " "}, 422, "invalid"),
        ({"event": EVENT, "note": "x" * 201}, 422, "invalid"),
        ({"event": EVENT}, 422, "invalid"),
        ({"event": EVENT, "note": NOTE, "all": True}, 422, "invalid"),
        ([], 422, "invalid"),
    ],
)
def test_what_can_not_be_meant_is_refused_over_http(
    user: Any, body: Any, status: int, code: str
) -> None:
    answer = post(by_token(user("Ops")), body, API)

    assert (answer[0], answer[1]["code"]) == (status, code)
    assert events_wanted() == []


def test_a_feed_that_tells_no_single_event_refuses(user: Any, settings: Settings) -> None:
    settings.ODDS88_FEED_URL = "http://127.0.0.1:1"
    client = by_token(user("Ops"))

    path = "/api/v1/feeds/odds88/recoveries/"
    assert post(client, {"event": EVENT, "note": NOTE}, path)[0] == 409
    assert get(client, path) == (200, {"results": [], "next": None})
    assert get(client, "/api/v1/feeds/nobody/recoveries/")[0] == 404


def test_requests_are_listed_over_http_and_narrowed(user: Any) -> None:
    client = by_token(user("Ops"))
    status, wanted = post(client, {"event": EVENT, "note": NOTE}, API)

    assert status == 202
    assert wanted == {
        "event": EVENT, "feeds": ["sportradar"], "producers": [1, 3],
        "sentence": "2 producers are asked, within seconds.",
    }  # fmt: skip
    found = get(client, f"{API}?state=wanted&event={EVENT}&limit=1")[1]
    assert [one["why"] for one in found["results"]] == [NOTE]
    assert found["next"]
    assert len(get(client, f"{API}?kind=since")[1]["results"]) == 2
    assert get(client, f"{API}?state=lost")[0] == 422


def test_the_command_shows_who_would_be_asked_and_changes_nothing() -> None:
    UserFactory.create(username="olga", role="Ops")

    code, told = run(EVENT)

    assert (code, told.splitlines()) == (
        0,
        [
            f"{EVENT}  2 producers are asked, within seconds.",
            "Nothing was done. Add --yes to do it.",
        ],
    )
    assert events_wanted() == []


def test_the_command_goes_on_after_an_event_that_nobody_bet_on() -> None:
    UserFactory.create(username="olga", role="Ops")

    code, told = run("sr:match:9", EVENT, "--yes", "--json")

    assert code == 1
    assert [one["refused"] for one in json.loads(told)["events"]] == [True, False]
    assert len(events_wanted()) == 2


def test_the_command_knows_its_users_and_wants_a_note() -> None:
    UserFactory.create(username="sue", role="Support")

    assert run(EVENT, user="nobody")[0] == 2
    assert run(EVENT, "--yes", user="sue") == (
        1, "sue may not have events told again: he lacks feeds.recover_event.",
    )  # fmt: skip
    UserFactory.create(username="olga", role="Ops")
    assert run(EVENT, "--yes", note=" ") == (
        1, f"{EVENT}  Say in a note why, in at most 200 characters.\n",
    )  # fmt: skip
    assert events_wanted() == []


def test_an_event_that_nobody_bet_on_has_no_page(desk: Desk) -> None:
    client = desk("Ops")

    assert client.get("/admin/feeds/recovery/event/999999/").status_code == 404
    found = client.get("/admin/feeds/recovery/event/?event=sr:match:9", follow=True)
    assert "Nobody has bet on an event “sr:match:9” of Sportradar's." in said(found.content)


def test_down_producers_are_named_on_the_page_of_feeds(desk: Desk) -> None:
    down(6, heard=47)
    event(Producer.objects.get(number=3), EVENT)

    text = read(desk("Support"), "/admin/feeds/feedlease/")

    for told in ("✗ 1 of 3 producers down", "✗ Down", "no sign of life for 47 s", "✓ Up",
                 "synchronised", "Less than 30 min back", EVENT, "A player asks."):  # fmt: skip
        assert told in text, told
