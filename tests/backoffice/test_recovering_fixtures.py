"""A fixture of LSports' told again: by whom, on every way in; one refused leaves all as it was."""

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
from feeds.models import FeedLease, Package, Snapshot
from settlement.models import SportEvent
from tests.backoffice.api.asking import by_token, get, post
from tests.backoffice.desk_acts import read, said, ticket_page
from tests.factories import FundedPlayer, UserFactory
from tests.feeds.lsports.package_rows import (
    INPLAY,
    PREMATCH,
    of_fixture,
    package,
    received,
    set_up,
    snapshot,
)
from tests.feeds.lsports.trade import FIXTURE, bring, single
from tests.feeds.standing_rows import ago
from tests.settlement.asked import accepted, bet, selection

Desk = Callable[[str], Client]
API = f"/api/v1/feeds/{INPLAY}/recoveries/"
NOTE = "A player asks."
MAY = ("Operator", "Senior", "Ops")
MAY_NOT = ("Support", "Auditor", "Admin", "Platform")
BOTH = "LSports in-play is asked within seconds. LSports pre-match is asked within seconds."


@pytest.fixture(autouse=True)
def _feeds(player: FundedPlayer, settings: Settings) -> None:
    set_up(settings)
    for feed in (INPLAY, PREMATCH):
        received(feed)
        snapshot(package(feed), asked_at=ago(600))
    bring(single(player, event_name="Hull – Leeds"))


def page() -> str:
    """Return the address of the fixture's page."""
    return f"/admin/feeds/recovery/event/{SportEvent.objects.get(ref=FIXTURE).pk}/"


def at_the_desk(user: User) -> int:
    """Ask at the desk; return the status."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(page(), {"note": NOTE}).status_code


def by_api(user: User) -> int:
    """Ask by HTTP; return the status."""
    return post(by_token(user), {"event": FIXTURE, "note": NOTE}, API)[0]


def run(*words: str, user: str = "olga") -> tuple[int, str]:
    """Ask by command; return the exit code, and what was printed or why it was refused."""
    printed = io.StringIO()
    try:
        call_command("recover", *words, "--note", NOTE, "--as", user, stdout=printed)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as end:
        return int(end.code or 0), printed.getvalue()
    return 0, printed.getvalue()


def by_command(user: User) -> int:
    """Ask by command; return its exit code."""
    return run(FIXTURE, "--yes", user=user.username)[0]


WAYS: dict[str, tuple[Callable[[User], int], int, tuple[int, ...], list[str]]] = {
    "desk": (at_the_desk, 302, (403, 302), [INPLAY, PREMATCH]),
    "api": (by_api, 202, (403,), [INPLAY]),
    "command": (by_command, 0, (1,), [INPLAY, PREMATCH]),
}


def wanted() -> list[tuple[str, str, str, str]]:
    """Return the fixtures that are wanted, of which packages, by whom, and why."""
    rows = Snapshot.objects.filter(state="WANTED").order_by("package_id")
    return list(rows.values_list("package_id", "fixture_ref", "actor", "why"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", MAY)
def test_who_may_has_a_fixture_told_again(role: str, way: str) -> None:
    ask, done, _, feeds = WAYS[way]

    assert ask(UserFactory.create(username="olga", role=role)) == done

    assert wanted() == [(feed, FIXTURE, "user:olga", NOTE) for feed in feeds]
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_repr) == ("olga", "Hull – Leeds")
    assert entry.change_message == f"Have its results told again: {NOTE}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", MAY_NOT)
def test_who_may_not_is_refused_and_nothing_changed(role: str, way: str) -> None:
    ask, _, refused, _ = WAYS[way]

    assert ask(UserFactory.create(role=role, is_staff=role != "Platform")) in refused

    assert wanted() == []
    assert not LogEntry.objects.exists()


def test_every_role_is_tried() -> None:
    assert {*MAY, *MAY_NOT} == set(ROLES)


def test_the_page_says_who_is_asked_and_how_the_last_request_stands(desk: Desk) -> None:
    client = desk("Operator")

    shown = read(client, page())
    assert "When it ended more than a day ago, LSports knows it no more." in shown
    assert BOTH in shown

    told = said(client.post(page(), {"note": NOTE}, follow=True).content)

    assert f"Hull – Leeds: {BOTH}" in told
    assert "◐ Wanted LSports pre-match" in told
    assert "◐ Wanted LSports in-play" in told


def test_to_want_it_twice_asks_once(desk: Desk) -> None:
    for _ in range(2):
        desk("Operator").post(page(), {"note": NOTE})

    assert len(wanted()) == 2


@pytest.mark.parametrize(
    ("state", "words", "told"),
    [
        ("WANTED", {}, "◐ Wanted"),
        ("ASKED", {}, "◐ Asked"),
        ("DONE", {"fixtures": 1, "messages": 1}, "✓ Told and processed"),
        ("FAILED", {"sentence": "LSports' API failed (503)."}, "✗ Failed"),
    ],
)
def test_each_state_of_a_request_has_its_word(
    desk: Desk, state: str, words: dict[str, Any], told: str
) -> None:
    of_fixture(Package.objects.get(pk=INPLAY), FIXTURE, state, **words)

    shown = read(desk("Support"), page())

    assert told in shown
    assert words.get("sentence", "") in shown
    assert told in read(desk("Support"), ticket_page("T-1"))
    assert told in read(desk("Senior"), f"/admin/settlement/batch/markets/?event={FIXTURE}")


def test_ticket_and_market_desk_lead_there(desk: Desk) -> None:
    for address in (ticket_page("T-1"), f"/admin/settlement/batch/markets/?event={FIXTURE}"):
        text = desk("Senior").get(address).content.decode()
        assert "Have its results told again…" in text
        assert page() in text


def unheard() -> None:
    """Let nobody receive the in-play package."""
    FeedLease.objects.filter(feed=INPLAY).update(expires_at=ago(90))


def stopped() -> None:
    """Let somebody stop it."""
    leases.pause(feed=INPLAY, actor="user:otto")


def recovering() -> None:
    """Let it be asked for all that was missed."""
    Package.objects.filter(feed=INPLAY).update(state="RECOVERING")


def many() -> None:
    """Let many other fixtures be wanted."""
    for number in range(40):
        of_fixture(Package.objects.get(pk=INPLAY), str(number))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (unheard, "LSports in-play is asked when it is received again. Nobody receives it"),
        (stopped, "LSports in-play is asked when it is started again. Stopped by otto."),
        (recovering, "LSports in-play is asked as soon as all that was missed is here."),
        (many, "LSports in-play is asked in 1 min 20 s or so: 40 other fixtures are asked for"),
    ],
)
def test_it_says_when_a_package_can_be_asked(
    desk: Desk, how: Callable[[], None], told: str
) -> None:
    how()

    answer = desk("Ops").post(page(), {"note": NOTE}, follow=True)

    assert told in said(answer.content)
    assert "LSports pre-match is asked within seconds." in said(answer.content)
    assert Snapshot.objects.filter(fixture_ref=FIXTURE, state="WANTED").count() == 2


def not_set_up(settings: Settings) -> None:
    """Take the packages' settings away."""
    settings.LSPORTS = {name: dict.fromkeys(given, "") for name, given in settings.LSPORTS.items()}


def test_where_no_package_is_set_up_a_sentence_says_so(
    desk: Desk, user: Any, settings: Settings
) -> None:
    not_set_up(settings)

    answer = desk("Ops").post(page(), {"note": NOTE})
    status, refusal = post(by_token(user("Ops")), {"event": FIXTURE, "note": NOTE}, API)

    assert "No package of LSports' is set up here" in said(answer.content)
    assert (status, refusal["code"]) == (409, "not_asked")
    assert refusal["detail"].startswith("LSports in-play is not set up here")
    assert wanted() == []
    assert not LogEntry.objects.exists()


def test_only_packages_that_are_set_up_are_asked(desk: Desk, settings: Settings) -> None:
    set_up(settings, "PREMATCH")

    answer = desk("Ops").post(page(), {"note": NOTE}, follow=True)

    assert "Hull – Leeds: LSports pre-match is asked within seconds." in said(answer.content)
    assert [feed for feed, *_ in wanted()] == [PREMATCH]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"event": "99", "note": NOTE}, "unknown_event"),
        ({"event": "24605698\0", "note": NOTE}, "unknown_event"),
        ({"event": FIXTURE, "note": " "}, "invalid"),
    ],
)
def test_what_can_not_be_meant_is_refused_over_http(user: Any, body: Any, code: str) -> None:
    answer = post(by_token(user("Ops")), body, API)

    assert (answer[0], answer[1]["code"]) == (422, code)
    assert wanted() == []


def test_snapshots_are_listed_over_http_and_narrowed(user: Any) -> None:
    client = by_token(user("Ops"))

    status, told = post(client, {"event": FIXTURE, "note": NOTE}, API)

    assert (status, told) == (
        202,
        {
            "event": FIXTURE,
            "feeds": [INPLAY],
            "producers": [],
            "sentence": "LSports in-play is asked within seconds.",
        },
    )
    found = get(client, f"{API}?state=wanted&event={FIXTURE}&kind=event")[1]["results"]
    assert [(one["feed"], one["producer"], one["why"]) for one in found] == [(INPLAY, None, NOTE)]
    [all_of_it] = get(client, f"{API}?kind=since")[1]["results"]
    assert (all_of_it["method"], all_of_it["fixtures"]) == ("GetFixtureMarkets", 312)
    assert get(client, f"{API}?state=told")[1]["results"] == []
    assert get(client, f"{API}?state=lost")[0] == 422


def test_the_command_shows_who_would_be_asked_and_changes_nothing() -> None:
    UserFactory.create(username="olga", role="Ops")

    code, told = run(FIXTURE)

    assert (code, told.splitlines()) == (
        0,
        [f"{FIXTURE}  {BOTH}", "Nothing was done. Add --yes to do it."],
    )
    assert wanted() == []


def test_the_command_asks_whose_event_it_is_when_two_have_one(player: FundedPlayer) -> None:
    UserFactory.create(username="olga", role="Ops")
    accepted(bet(player, selection(event=FIXTURE), bet_id="S-1", provider="sportradar"))

    code, told = run(FIXTURE, "--yes")
    assert (code, told) == (1, f"{FIXTURE}  “{FIXTURE}” is an event of both: say --provider.\n")
    assert wanted() == []

    code, told = run(FIXTURE, "--yes", "--provider", "lsports", "--json")
    assert code == 0
    assert [one["feeds"] for one in json.loads(told)["events"]] == [[INPLAY, PREMATCH]]
    assert len(wanted()) == 2


def test_a_fixture_that_nobody_bet_on_has_no_page(desk: Desk) -> None:
    client = desk("Ops")

    found = client.get("/admin/feeds/recovery/event/?event=99&provider=lsports", follow=True)

    assert "Nobody has bet on an event “99” of LSports'." in said(found.content)
    odd = client.get("/admin/feeds/recovery/event/?event=99&provider=odds88")
    assert odd.status_code == 404
