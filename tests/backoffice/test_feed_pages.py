"""Feeds at the desk: what people see of each, and who stops, starts and lets go on."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from feeds import halting, leases, store
from feeds.models import FeedLease, FeedMessage, Sweep
from settlement.models import Review
from tests.feeds.bets import message, settled
from tests.feeds.standing_rows import FEED, ago, came_to, connected, leased
from tests.settlement.settling import receive_and_process

WALL = "/admin/feeds/feedlease/"
NOTE = {"note": "Odds88 asked us to."}
READERS = ("Support", "Operator", "Senior", "Ops", "Auditor")


@pytest.fixture(autouse=True)
def odds88_is_set_up(settings: Settings) -> None:
    """The feed's address is given."""
    settings.ODDS88_FEED_URL = "http://127.0.0.1:1"


def order(word: str, feed: str = FEED) -> str:
    """Return the address where something is done about a feed."""
    return reverse("admin:feeds_order", args=[feed, word])


def shown(browser: Any, page: str = WALL) -> str:
    """Return what a page says."""
    text: str = browser.get(page).content.decode()
    return text


def row() -> FeedLease:
    """Return the feed's lease as it stands."""
    return FeedLease.objects.get(pk=FEED)


@pytest.mark.django_db
def test_everybody_who_reads_feeds_sees_the_wall_and_admins_do_not(desk: Any) -> None:
    for role in READERS:
        assert desk(role).get(WALL).status_code == 200, role
    assert desk("Admin").get(WALL).status_code == 403


@pytest.mark.django_db
def test_a_feed_at_work(desk: Any) -> None:
    leased(since=ago(600))
    came_to(ago(1800))
    connected(600)
    connected(604, "REFUSED", sentence="The token is not accepted (401).")
    receive_and_process(b"what?")

    text = shown(desk("Ops"))

    for said in (
        "✓ Receiving", "by feeds@host box 7.", "1,234 received, 1 new today",
        "a minute before the newest settlement that it told", "whoever connects later is not told",
        "5 of 5 in 5 min that ask from a time on; 5 of 5 in 30 min that ask for all there is",
        "The token is not accepted (401).", "✗ Refused", "✓ Opened",
        "/admin/feeds/feedmessage/?state=QUARANTINED&amp;feed=odds88",
        f'href="{order("stop")}"', f'href="{order("read-again")}"',
    ):  # fmt: skip
        assert said in text, said
    assert order("start") not in text


@pytest.mark.django_db
def test_a_feed_in_trouble_says_what_is_the_matter(desk: Any) -> None:
    leased("TROUBLE", sentence="feed.example refuses <connections>.", until=ago(-20.5))

    text = shown(desk("Support"))

    assert "✗ In trouble" in text
    assert "feed.example refuses &lt;connections&gt;. It is tried again in " in text


@pytest.mark.django_db
def test_a_sweep_says_how_far_it_is_and_what_the_feed_does_not_tell(desk: Any) -> None:
    leased()
    Sweep.objects.create(
        feed=FEED, why="The feed was away.", not_covered="2026-11-15 to 2026-11-18 UTC", total=10,
        asked=4, settled=2, still_open=1, failed=1, not_before=ago(-599), sentence="It is down.",
    )  # fmt: skip

    text = shown(desk("Support"))

    for said in ("Open tickets are being looked up", "2026-11-15 to 2026-11-18 UTC",
                 "4 of 10 asked: 2 settled, 1 still open, 1 without an answer.",
                 "It goes on in 9 min. It is down."):  # fmt: skip
        assert said in text, said


@pytest.mark.django_db
def test_no_feed_at_all_says_what_to_do(desk: Any, settings: Settings) -> None:
    settings.ODDS88_FEED_URL = ""

    assert "No feed is set up here." in shown(desk("Ops"))


@pytest.mark.django_db
def test_ops_stop_a_feed_and_start_it_again(desk: Any) -> None:
    leased()
    ops = desk("Ops")

    stopped = ops.post(order("stop"), NOTE, follow=True).content.decode()

    name = LogEntry.objects.latest("pk").user.get_username()
    assert row().paused_by == f"user:{name}"
    assert "Odds88: It is being stopped" in stopped
    assert f"Stopped by {name}." in stopped
    assert "Stop: Odds88 asked us to." in LogEntry.objects.latest("pk").get_change_message()

    ops.post(order("start"), NOTE)

    assert row().paused_by == ""
    assert LogEntry.objects.count() == 2


@pytest.mark.django_db
def test_a_feed_that_nobody_ever_ran_can_be_stopped(desk: Any) -> None:
    desk("Ops").post(order("stop"), NOTE)

    assert not leases.is_free(FEED)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Auditor", "Admin"])
def test_nobody_else_does_anything_about_a_feed(desk: Any, role: str) -> None:
    leased()
    receive_and_process(b"what?")
    halting.halt(feed=FEED, why="Nobody can read it.")
    before = FeedLease.objects.values().get()

    for word in ("stop", "start", "go-on", "read-again"):
        assert desk(role).post(order(word), NOTE).status_code == 403

    assert FeedLease.objects.values().get() == before
    assert FeedMessage.objects.get().state == "QUARANTINED"
    assert not LogEntry.objects.exists()


@pytest.mark.django_db
def test_readers_are_offered_nothing(desk: Any) -> None:
    leased()

    assert "/do/" not in shown(desk("Support"))


@pytest.mark.django_db
def test_looking_at_an_order_changes_nothing(desk: Any) -> None:
    leased()

    assert "Its connection is closed" in shown(desk("Ops"), order("stop"))
    assert row().paused_by == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("word", "said", "refusal"),
    [
        ("stop", {"note": ""}, "This field is required."),
        ("start", NOTE, "Nobody stopped it."),
        ("go-on", NOTE, "Its messages are being processed."),
        ("read-again", NOTE, "None of its messages is in quarantine."),
    ],
)
def test_what_can_not_be_done_now_is_refused(
    desk: Any, word: str, said: dict[str, str], refusal: str
) -> None:
    leased()
    before = FeedLease.objects.values().get()

    page = desk("Ops").post(order(word), said)

    assert refusal in page.content.decode()
    assert FeedLease.objects.values().get() == before
    assert not LogEntry.objects.exists()


@pytest.mark.django_db
def test_a_stopped_feed_is_not_stopped_by_another_one(desk: Any) -> None:
    leases.pause(feed=FEED, actor="user:ada")

    page = desk("Ops").post(order("stop"), NOTE)

    assert "It is stopped already." in page.content.decode()
    assert row().paused_by == "user:ada"


@pytest.mark.django_db
@pytest.mark.parametrize(("again", "state"), [({}, "QUARANTINED"), ({"again": "on"}, "STORED")])
def test_processing_goes_on(desk: Any, again: dict[str, str], state: str) -> None:
    leased()
    receive_and_process(b"what?")
    halting.halt(feed=FEED, why="Nobody can read it.")
    ops = desk("Ops")
    assert "✗ Processing stopped" in shown(ops)

    ops.post(order("go-on"), NOTE | again)

    assert row().halted_at is None
    assert FeedMessage.objects.get().state == state
    assert Review.objects.get().closed_at is not None
    assert "✗ Processing stopped" not in shown(ops)


@pytest.mark.django_db
def test_what_is_in_quarantine_is_read_again(desk: Any) -> None:
    leased()
    receive_and_process(b"what?")

    page = desk("Ops").post(order("read-again"), NOTE, follow=True)

    assert "Odds88: 1 message will be read again." in page.content.decode()
    assert store.waiting(10, feed=FEED) == [FeedMessage.objects.get().pk]


@pytest.mark.django_db
@pytest.mark.parametrize(("feed", "word"), [("nobody", "stop"), (FEED, "burn")])
def test_what_is_not_there(desk: Any, feed: str, word: str) -> None:
    assert desk("Ops").post(order(word, feed), NOTE).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["add/", "odds88/delete/"])
def test_nobody_writes_a_lease_by_hand(desk: Any, act: str) -> None:
    leased()

    assert desk("Ops").post(f"{WALL}{act}").status_code == 403
    assert desk("Ops").get(f"{WALL}odds88/change/").url == WALL


@pytest.mark.django_db
def test_the_overview_has_a_line_for_each_feed_and_only_trouble_has_a_colour(desk: Any) -> None:
    leased()
    well = shown(desk("Ops"), "/admin/")
    halting.halt(feed=FEED, why="Nobody can read it.")
    ill = shown(desk("Ops"), "/admin/")

    assert '<span class="word muted">✓ Receiving</span>' in well
    assert '<span class="word bad">✗ Processing stopped</span>' in ill
    assert "Nobody can read it." in ill


@pytest.mark.django_db
def test_messages_are_narrowed_by_state_and_feed(desk: Any) -> None:
    receive_and_process(b"what?")
    receive_and_process(message(settled()))

    parked = shown(desk("Ops"), "/admin/feeds/feedmessage/?state=PARKED&feed=odds88")
    elsewhere = shown(desk("Ops"), "/admin/feeds/feedmessage/?state=PARKED&feed=other")

    assert "No ticket bears this id yet." in parked
    assert "It is not JSON" not in parked
    assert "0 feed messages" in elsewhere


@pytest.mark.django_db
def test_the_wall_takes_as_many_questions_with_many_rows(
    desk: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    leased()
    came_to(ago(1800))
    for seconds in range(20):
        connected(seconds)
        receive_and_process(message(settled(f"T-{seconds}")))
    ops = desk("Ops")
    ops.get(WALL)

    with django_assert_max_num_queries(16):
        ops.get(WALL)
