"""What is asked of producers, and what is kept of what they say, whoever comes first."""

from typing import Any

import pytest

from feeds import leases
from feeds.connections import Lease
from feeds.models import FeedMessage, Producer, Recovery
from feeds.sportradar import keeping
from feeds.sportradar.glance import glance
from feeds.sportradar.ledger import Limits, Request, cover_gap, next_request
from feeds.sportradar.recovering import accepted, failed
from feeds.sportradar.troubles import Failed
from feeds.sportradar.windows import Windows
from tests.factories import FundedPlayer
from tests.feeds.sportradar.live import placed
from tests.feeds.sportradar.producer_rows import FEED, down, event, ms, producer, since
from tests.feeds.standing_rows import ago

pytestmark = pytest.mark.django_db
WINDOWS = Windows()
LIMITS = Limits(WINDOWS, per_producer=False)


@pytest.fixture
def lease() -> Lease:
    """The right to receive the feed."""
    found = leases.take(feed=FEED, holder="here")
    assert found
    return found


def keep(*bodies: str) -> None:
    """Keep what producers say of themselves."""
    signs = [glance(body.encode()) for body in bodies]
    assert all(one.is_sign for one in signs)
    keeping.keep(feed=FEED, signs=signs, progress=(), windows=WINDOWS)


def alive(ahead: float = 0, number: int = 1) -> str:
    """Return a sign of life that is made so many seconds ahead."""
    return f'<alive product="{number}" timestamp="{ms(ago(-ahead))}" subscribed="1"/>'


def snapshot(request_id: int, number: int = 1) -> str:
    """Return the end of a recovery."""
    return f'<snapshot_complete product="{number}" request_id="{request_id}" timestamp="1"/>'


def asked(lease: Lease) -> Request:
    """Return the next request, which may be made."""
    found = next_request(lease, LIMITS, events_too=True)
    assert found
    return found


def states(**words: Any) -> list[str]:
    """Return the states of requests, the oldest first."""
    found = Recovery.objects.filter(**words).order_by("id")
    return list(found.values_list("state", flat=True))


def test_a_snapshot_in_the_name_of_another_producer_ends_no_recovery() -> None:
    since(producer(1, state="RECOVERING"), "RUNNING", request_id=77)
    producer(3)

    keep(snapshot(77, number=3))
    assert states() == ["RUNNING"]

    keep(snapshot(77))
    assert states() == ["TOLD"]
    assert Producer.objects.get(number=1).state == "UP"


def test_a_producer_is_not_asked_again_at_once_though_nobody_heard_of_the_first_time(
    lease: Lease,
) -> None:
    down(1)
    assert asked(lease).event_ref == ""

    assert next_request(lease, LIMITS, events_too=True) is None
    wait = Producer.objects.get().not_before
    assert wait
    assert wait > ago(-39)


def test_a_gap_that_grew_since_it_was_covered_is_covered_again(lease: Lease) -> None:
    down(1, recovery_minutes=180, checkpoint_ms=ms(ago(48 * 3600)))
    placed(FundedPlayer.create("100.00"))
    assert cover_gap(lease, LIMITS)
    assert not cover_gap(lease, LIMITS)
    Recovery.objects.update(state="DONE", asked_at=ago(4 * 3600))

    Producer.objects.update(covered_ms=ms(ago(2 * 3600)))
    assert not cover_gap(lease, LIMITS), "It tells again what was said since."
    Producer.objects.update(covered_ms=ms(ago(4 * 3600)))
    assert cover_gap(lease, LIMITS), "An hour lies between what is covered and what it tells."

    assert states(kind="EVENT") == ["DONE", "WANTED"]


def test_an_event_that_was_told_while_its_answer_got_lost_is_told(lease: Lease) -> None:
    event(producer(1))
    request = asked(lease)
    keep(snapshot(request.request_id))

    failed(lease, request, Failed("No answer came."), None, 30)

    assert states() == ["TOLD"]


def test_an_event_that_a_new_connection_asks_for_again_is_wanted_once(lease: Lease) -> None:
    event(producer(1))
    request = asked(lease)
    keeping.connected(lease)

    failed(lease, request, Failed("No answer came."), None, 30)

    assert states() == ["ABANDONED", "WANTED"]


def test_alives_that_lacked_while_an_answer_was_late_are_a_gap(lease: Lease) -> None:
    down(1)
    request = asked(lease)
    keep(snapshot(request.request_id), alive(50))

    accepted(lease, request, 202, LIMITS)

    found = Producer.objects.get()
    assert (found.state, found.reason) == ("DOWN", "SILENT")
    assert not FeedMessage.objects.exists()
