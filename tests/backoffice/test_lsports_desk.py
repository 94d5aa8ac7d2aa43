"""What people and programs see of LSports' packages: the page of feeds, reviews, numbers, words."""

import io
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from feeds.lsports.sandbox import Options, Sandbox
from feeds.lsports.sandbox.faults import DistributionOff
from feeds.models import FeedLease
from feeds.standing import Standing
from settlement.models import Review, SportEvent, Ticket
from settlement.reviews import Asked, open_reviews
from settlement.vocabulary import ReviewKind
from tests.backoffice.api.asking import by_token, get
from tests.backoffice.desk_acts import done, read, ticket_page
from tests.factories import FundedPlayer
from tests.feeds.lsports.package_rows import (
    INPLAY,
    PREMATCH,
    of_fixture,
    over,
    package,
    received,
    set_up,
    snapshot,
    stale,
)
from tests.feeds.lsports.trade import FIXTURE, TAKEN_BACK, WON, X, Y, bring, hear, say, single, told
from tests.feeds.standing_rows import ago

Desk = Callable[[str], Client]
WALL = "/admin/feeds/feedlease/"
EVENT_PAGE = f"/admin/feeds/recovery/event/?event={FIXTURE}&provider=lsports"
KINDS = [ReviewKind.SETTLEMENT_MISSING, ReviewKind.FEED_GAP, ReviewKind.FIXTURE_OFF]


@pytest.fixture
def at_work(db: None, settings: Settings) -> None:
    """The in-play package is silent, the pre-match package is well."""
    set_up(settings)
    received(depth=12)
    received(PREMATCH, depth=0)
    one = stale(INPLAY, "SILENT", heard=47, consumers=2, followed=["1", "2"])
    snapshot(one)
    of_fixture(one, FIXTURE, "FAILED", http_status=503, sentence="LSports' API failed (503).")
    over(INPLAY, FIXTURE, 1900, asked=900)
    snapshot(package(PREMATCH))


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor"])
def test_the_page_of_feeds_says_which_package_is_silent(
    at_work: None, desk: Desk, role: str
) -> None:
    text = read(desk(role), WALL)

    for said in (
        "LSports in-play ✓ Receiving ✗ Stale: silent ! 2 consumers ! 1 without results",
        ": no heartbeat for 47 s. What was missed is asked for as soon as a heartbeat comes.",
        "! Warning 2 consumers read the package's queue",
        "1,234 received, 0 new today; 48,211 more that settle nothing were counted and not stored",
        "2 followed, 1 over with open bets, people were asked about 1 of them",
        "12 messages; at 10,000 LSports stops sending the package",
        f"fixture {FIXTURE}",
        "olga A player asks. LSports' API failed (503). HTTP 503",
        "312 fixtures, 41 stored",
        "then results of fixtures that are over are gone",
        "LSports pre-match ✓ Receiving ✓ Healthy",
    ):
        assert said in text, said


def test_the_overview_names_the_package_and_says_how_it_stands(at_work: None, desk: Desk) -> None:
    text = read(desk("Support"), "/admin/")

    assert "LSports in-play ✗ Stale: silent" in text
    assert "no heartbeat for 47 s" in text
    assert "Healthy: all that it told until" in text


def test_what_others_may_not_read_is_not_shown(at_work: None, desk: Desk) -> None:
    assert desk("Admin").get(WALL).status_code == 403


def test_a_stopped_package_says_what_becomes_of_its_messages(at_work: None, desk: Desk) -> None:
    client = desk("Ops")

    client.post(f"/admin/feeds/feedlease/{INPLAY}/do/stop/", {"note": "A drill."})

    text = read(client, WALL)
    assert "■ Stopped" in text
    assert "waits in its queue at LSports." in text


def test_packages_are_told_over_http(at_work: None, user: Any) -> None:
    status, found = get(by_token(user("Ops")), f"/api/v1/feeds/{INPLAY}/")

    assert status == 200
    msgspec.convert(found, Standing)
    package_told = found["lsports"]
    assert (package_told["state"], package_told["reason"]) == ("STALE", "SILENT")
    assert (package_told["consumers"], package_told["passed_by"]) == (2, 48211)
    assert package_told["fixtures"]["people_asked"] == 1
    assert [one["event"] for one in package_told["snapshots"]] == [FIXTURE, ""]


def test_numbers_about_packages(at_work: None, client: Client) -> None:
    text = client.get("/metrics").content.decode()

    for line in (
        'package_healthy{feed="lsports-inplay"} 0.0',
        'package_healthy{feed="lsports-prematch"} 1.0',
        'package_distributing{feed="lsports-inplay"} 1.0',
        'package_consumers{feed="lsports-inplay"} 2.0',
        'package_passed_by{feed="lsports-inplay"} 48211.0',
        'package_fixtures_without_results{feed="lsports-inplay"} 1.0',
        'package_fixtures_followed{feed="lsports-inplay"} 2.0',
        'feed_depth{feed="lsports-inplay"} 12.0',
    ):
        assert line in text, line
    for name in ("package_heard_timestamp_seconds", "package_healthy_timestamp_seconds",
                 "package_tells_all_until_timestamp_seconds", "package_recovering"):  # fmt: skip
        assert f"{name}{{" in text, name


def test_no_package_is_healthy_while_nobody_receives_it(at_work: None, client: Client) -> None:
    FeedLease.objects.update(expires_at=ago(60))

    text = client.get("/metrics").content.decode()

    assert 'package_healthy{feed="lsports-prematch"} 0.0' in text
    assert 'feed_depth{feed="lsports-inplay"}' not in text


def asked_about(kind: ReviewKind) -> str:
    """Open a review about the fixture; return its page."""
    open_reviews([Asked(kind, f"LSPORTS:{FIXTURE}", "Something is to be decided.")])
    return f"/admin/settlement/review/{Review.objects.get(kind=kind).pk}/"


@pytest.mark.parametrize("kind", KINDS)
def test_a_review_of_a_fixture_says_what_it_means_who_waits_and_what_to_do(
    player: FundedPlayer, desk: Desk, kind: ReviewKind
) -> None:
    bring(single(player, event_name="Hull – Leeds"), single(player, "T-2", outcome=Y))
    hear(say(told(Y, WON)))
    page = f"{asked_about(kind)}change/"

    text = desk("Senior").get(page).content.decode()

    address = EVENT_PAGE.replace("&", "&amp;")
    assert f'<a class="link" href="{address}">fixture {FIXTURE}</a> Hull – Leeds' in text
    shown = read(desk("Senior"), page)
    for words in ("Open tickets on it", "T-1", "10.00 EUR", "Have its results told again…",
                  "Dismiss…", "Act on the market…"):  # fmt: skip
        assert words in shown, words
    assert "T-2" not in shown
    assert "This closes by itself" in shown or kind == ReviewKind.FIXTURE_OFF
    assert desk("Senior").get(EVENT_PAGE, follow=True).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_review_of_a_fixture_is_dismissed_with_a_note(
    player: FundedPlayer, desk: Desk, kind: ReviewKind
) -> None:
    bring(single(player))

    done(desk("Operator"), f"{asked_about(kind)}decide/dismiss/", note="Settled by the rules.")

    review = Review.objects.get()
    assert (review.end, review.note) == ("DISMISSED", "Settled by the rules.")
    assert Ticket.objects.get().status == "OPEN"


def test_readers_are_offered_nothing_to_do(player: FundedPlayer, desk: Desk) -> None:
    bring(single(player))

    shown = read(desk("Support"), f"{asked_about(ReviewKind.SETTLEMENT_MISSING)}change/")

    assert "T-1" in shown
    assert "told again…" not in shown
    assert "Act on the market" not in shown


def test_a_review_of_a_held_bet_names_it_and_leads_to_settling_it_alone(
    player: FundedPlayer, desk: Desk
) -> None:
    words = {"event_name": "Hull – Leeds", "market_name": "Under/Over", "market": "2"}
    bring(
        single(player, outcome_name="Over", line="2.5", **words),
        single(player, "T-2", outcome=Y, outcome_name="Under", line="2.5", **words),
    )
    hear(say(told(X, 9, Name="Over", Line="2.5"), told(Y, WON, Name="Under"), ref=2))
    review = Review.objects.get(kind="UNKNOWN_RESULT")

    shown = read(desk("Senior"), f"/admin/settlement/review/{review.pk}/change/")

    for said in (f"outcome {X}", "Hull – Leeds", f"LSports {FIXTURE}, market 2",
                 "All else in the message was applied", "Settle it…", "Over 2.5"):  # fmt: skip
        assert said in shown, said
    market = review.market_id
    outcome = Ticket.objects.get(bet_id="T-1").selections.get().outcome_id
    form = read(
        desk("Senior"), f"/admin/settlement/batch/market/{market}/settle/?outcome={outcome}"
    )
    assert X in form
    assert Y not in form
    assert "1 other outcome of this market is not shown. Show all" in form


def test_who_may_not_settle_markets_is_not_led_there(player: FundedPlayer, desk: Desk) -> None:
    bring(single(player))
    hear(say(told(X, 9)))

    shown = read(desk("Operator"), f"/admin/settlement/review/{Review.objects.get().pk}/change/")

    assert "What is bet on in this market" in shown
    assert "Settle it…" not in shown


def test_a_settlement_that_is_taken_back_is_told_with_name_and_line(
    player: FundedPlayer, desk: Desk
) -> None:
    words = {"market": "2", "market_name": "Under/Over", "outcome_name": "Over", "line": "2.5"}
    bring(single(player, **words))
    bet: dict[str, Any] = {"Name": "Over", "Line": "2.5"}
    hear(say(told(X, WON, **bet), ref=2))
    hear(say(told(X, TAKEN_BACK, at=60, **bet), ref=2, at=60))
    hear(say(told(X, 1, at=120, **bet), ref=2, at=120))

    shown = read(desk("Support"), ticket_page("T-1"))

    for said in (
        "came from LSports in-play: done.",
        "LSports settles bet Over 2.5 of Under/Over: won.",
        "LSports takes its settlement of bet Over 2.5 of Under/Over back (VAR or a mistake): the "
        "bet is open again.",
        "LSports settles bet Over 2.5 of Under/Over: lost.",
    ):
        assert said in shown, said


def doctor() -> tuple[int, str]:
    """Ask the doctor; return his exit code and what he said."""
    said = io.StringIO()
    try:
        call_command("doctor", stdout=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def test_the_doctor_asks_whether_a_package_is_sent_and_starts_nothing(
    db: None, settings: Settings
) -> None:
    set_up(settings, "INPLAY")
    with Sandbox(options=Options()) as sandbox:
        one = sandbox.options.inplay
        settings.LSPORTS["INPLAY"] |= {
            "API_URL": sandbox.api_url, "AMQP_URL": sandbox.api_url,
            "PACKAGE_ID": str(one.id), "USER": one.user, "PASSWORD": one.password,
        }  # fmt: skip

        _, sent = doctor()
        sandbox.fault(DistributionOff())
        _, off = doctor()
        starts = sandbox.counts["starts"]
        settings.LSPORTS["INPLAY"]["PASSWORD"] = "another"
        code, refused = doctor()

    assert "✓ LSports in-play: distribution (package 430, 0 consumers, " in sent
    assert "! LSports in-play: distribution (package 430, " in off
    assert "it is off: LSports sends nothing until" in off
    assert "✓ LSports pre-match: settings" in off
    assert starts == 0
    assert code == 1
    assert "✗ LSports in-play: distribution: LSports' API does not take our package" in refused
    assert "another" not in refused


def test_the_doctor_finds_settings_of_a_package_that_do_not_fit(
    db: None, settings: Settings
) -> None:
    set_up(settings)
    settings.LSPORTS["INPLAY"] |= {"PASSWORD": ""}

    code, said = doctor()

    assert code == 1
    assert "✗ LSports in-play: settings: LSPORTS_INPLAY_PASSWORD is missing" in said
    assert SportEvent.objects.count() == 0
