"""What people and programs see of Sportradar beside the page of feeds: reviews, numbers, words."""

import io
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from backoffice import environment
from feeds import tasks
from feeds.models import FeedLease, Producer, Recovery, VoidReason
from feeds.sportradar.sandbox import Options, Sandbox
from feeds.standing import Standing
from settlement.models import Review, SportEvent, Ticket
from settlement.reviews import Asked, open_reviews
from settlement.vocabulary import ReviewKind
from tests.backoffice.api.asking import by_token, get
from tests.backoffice.desk_acts import done, read, ticket_page
from tests.factories import FundedPlayer
from tests.feeds.sportradar.live import EVENT, placed
from tests.feeds.sportradar.producer_rows import (
    FEED,
    account,
    down,
    event,
    producer,
    received,
    since,
)
from tests.feeds.sportradar.uof import cancelled, market, outcome
from tests.feeds.standing_rows import ago
from tests.settlement.settling import receive_and_process

Desk = Callable[[str], Client]
GAPS = [f"feed:{FEED}:3", f"feed:{FEED}", f"SPORTRADAR:{EVENT}"]


@pytest.fixture
def at_work(db: None, settings: Settings) -> None:
    """A feed that is received, with a producer that is up and one that is down."""
    settings.UOF_AMQP_URL = "amqp://127.0.0.1:1"
    received(depth=812)
    account()
    since(producer(1))
    down(3, heard=47)
    event(Producer.objects.get(number=3), "sr:match:9")


def gap(subject: str) -> Review:
    """Open a review about what a feed can't tell again."""
    open_reviews([Asked(ReviewKind.FEED_GAP, subject, "Something may be missing.")])
    return Review.objects.get()


@pytest.mark.parametrize(
    ("subject", "title", "page"),
    [
        (GAPS[0], "Sportradar, producer 3", "/admin/feeds/feedlease/#producer-3"),
        (GAPS[1], "Sportradar", "/admin/feeds/feedlease/"),
        (GAPS[2], f"event {EVENT}", "/admin/feeds/recovery/event/?event=sr%3Amatch%3A4711"),
    ],
)
def test_a_gap_leads_to_what_it_is_about(
    player: FundedPlayer, desk: Desk, subject: str, title: str, page: str
) -> None:
    placed(player)
    client = desk("Operator")
    address = f"/admin/settlement/review/{gap(subject).pk}/change/"

    text = client.get(address).content.decode()

    assert f'<a class="link" href="{page}">{title}</a>' in text
    assert client.get(page, follow=True).status_code == 200


@pytest.mark.parametrize("subject", GAPS)
def test_a_gap_is_dismissed_with_a_note(player: FundedPlayer, desk: Desk, subject: str) -> None:
    review = gap(subject)

    done(
        desk("Operator"), f"/admin/settlement/review/{review.pk}/decide/dismiss/", note="Compared."
    )

    review.refresh_from_db()
    assert (review.end, review.note) == ("DISMISSED", "Compared.")


def test_the_feed_tells_its_producers_over_http(at_work: None, user: Any) -> None:
    status, found = get(by_token(user("Ops")), f"/api/v1/feeds/{FEED}/")

    assert status == 200
    msgspec.convert(found, Standing)
    told = found["sportradar"]
    assert told["depth"] == 812
    assert told["account"]["bookmaker_id"] == "4711"
    assert [(one["number"], one["state"], one["is_synchronised"]) for one in told["producers"]] == [
        (1, "UP", True),
        (3, "DOWN", False),
    ]
    assert [one["event"] for one in told["events"]["next"]] == ["sr:match:9"]
    assert (told["left"][0]["bucket"], told["left"][0]["left"]) == ("MINUTES", 19)


def test_numbers_about_producers(at_work: None, client: Client) -> None:
    text = client.get("/metrics").content.decode()

    for line in (
        'producer_up{code="liveodds",feed="sportradar",producer="1"} 1.0',
        'producer_up{code="pre",feed="sportradar",producer="3"} 0.0',
        'producer_synchronised{code="liveodds",feed="sportradar",producer="1"} 1.0',
        'producer_events_wanted{code="pre",feed="sportradar",producer="3"} 1.0',
        'feed_depth{feed="sportradar"} 812.0',
        'feed_requests_left{bucket="minutes",feed="sportradar"} 19.0',
        'feed_requests_left{bucket="event",feed="sportradar"} 100.0',
    ):
        assert line in text, line
    for name in ("producer_heard_timestamp_seconds", "producer_checkpoint_timestamp_seconds",
                 "producer_lag_seconds", "producer_recovering"):  # fmt: skip
        assert f"{name}{{" in text, name


def test_no_producer_is_up_while_nobody_receives_the_feed(at_work: None, client: Client) -> None:
    FeedLease.objects.update(expires_at=ago(60))

    text = client.get("/metrics").content.decode()

    assert 'producer_up{code="liveodds",feed="sportradar",producer="1"} 0.0' in text
    assert "feed_depth{" not in text


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({}, "void reason 5: the event was cancelled (CANCELLED_EVENT)."),
        ({5: "THE_SKY_FELL"}, "void reason 5: THE_SKY_FELL."),
    ],
)
def test_a_void_reason_is_told_in_sportradars_words(
    player: FundedPlayer, desk: Desk, known: dict[int, str], told: str
) -> None:
    placed(player)
    for code, text in known.items():
        VoidReason.objects.create(feed=FEED, code=code, description=text)
    receive_and_process(cancelled(market(outcome("X"), void_reason=5)), feed=FEED)

    assert told in read(desk("Support"), ticket_page("T-1"))


def test_by_night_overdue_events_are_wanted_where_the_feed_is_set_up(
    player: FundedPlayer, settings: Settings
) -> None:
    settings.UOF_AMQP_URL = ""
    producer(1)
    placed(player)
    SportEvent.objects.update(start_at=ago(7 * 3600))

    tasks.recover_overdue()
    assert not Recovery.objects.exists()

    settings.UOF_AMQP_URL = "amqp://127.0.0.1:1"
    tasks.recover_overdue()
    tasks.recover_overdue()

    wanted = Recovery.objects.get()
    assert (wanted.event_ref, wanted.actor) == (EVENT, "system:reconcile")
    assert wanted.why == "It should be over for 6 hours, and bets on it lack results."
    assert Ticket.objects.get().status == "OPEN"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({}, ""),
        ({"UOF_ENVIRONMENT": "integration", "UOF_TOKEN": "x"}, ""),
        (
            {"UOF_TOKEN": "x"},
            "UOF_ENVIRONMENT or UOF_AMQP_URL is missing: nothing is received from Sportradar.",
        ),
        (
            {"UOF_ENVIRONMENT": "integration"},
            "UOF_TOKEN is missing: Sportradar's feed is opened with it.",
        ),
        (
            {"UOF_AMQP_URL": "amqps://mq", "UOF_TOKEN": "x"},
            "UOF_API_URL is missing: Sportradar's API says who we are, and what was missed.",
        ),
        (
            {"UOF_AMQP_URL": "amqp://mq", "UOF_API_URL": "https://api", "UOF_TOKEN": "x"},
            "UOF_AMQP_URL must begin with amqps://: our token must not go in the clear.",
        ),
    ],
)
def test_what_is_wrong_with_sportradars_settings(said: dict[str, str], complaint: str) -> None:
    assert environment.of_uof(said) == complaint


def doctor() -> tuple[int, str]:
    """Ask the doctor; return his exit code and what he said."""
    said = io.StringIO()
    try:
        call_command("doctor", stdout=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("sandbox", "✓ Sportradar's account (bookmaker "),
        ("another", "✗ Sportradar's account: "),
    ],
)
def test_the_doctor_asks_sportradar_who_we_are(
    db: None, settings: Settings, token: str, told: str
) -> None:
    with Sandbox(options=Options()) as sandbox:
        settings.UOF_AMQP_URL = settings.UOF_API_URL = sandbox.api_url
        settings.UOF_TOKEN = token

        code, said = doctor()

    assert told in said
    assert "✓ Sportradar's settings" in said
    assert code == (token != "sandbox")
    assert token not in said or token == "sandbox"


def test_the_doctor_finds_settings_of_sportradar_that_do_not_fit(
    db: None, settings: Settings
) -> None:
    settings.UOF_AMQP_URL = "amqps://mq.example"

    code, said = doctor()

    assert code == 1
    assert "✗ Sportradar's settings: UOF_TOKEN is missing" in said
