"""Fixtures that are over and lack results: people are asked, LSports too, and both end well."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import transaction
from django.test import Client

from feeds import leases
from feeds.connections import Lease
from feeds.lsports import gone, keeping, missing
from feeds.lsports.windows import Windows
from feeds.models import EndedFixture, Snapshot
from settlement.models import Review
from settlement.reviews import Asked, open_reviews
from settlement.vocabulary import ReviewKind
from tests import databases
from tests.backoffice.desk_acts import done
from tests.factories import FundedPlayer
from tests.feeds.lsports.package_rows import INPLAY, PREMATCH, package
from tests.feeds.lsports.trade import (
    FIXTURE,
    LOST,
    TAKEN_BACK,
    WON,
    X,
    bring,
    hear,
    payout,
    say,
    single,
    told,
)
from tests.feeds.standing_rows import ago

OTHER = "24605699"


@pytest.fixture
def lease(player: FundedPlayer) -> Lease:
    """The in-play package's lease; there is a ticket of 10.00 at 2.50 on a bet of a fixture."""
    package(INPLAY)
    bring(single(player))
    found = leases.take(feed=INPLAY, holder="here")
    assert found
    return found


def followed(*fixtures: str) -> None:
    """Let LSports name the fixtures that it follows."""
    with transaction.atomic():
        keeping.follow(feed=INPLAY, fixtures=fixtures)


def status_says_over(*fixtures: str) -> None:
    """Let a message say by its status that fixtures are over."""
    with transaction.atomic():
        keeping.end(feed=INPLAY, fixtures=fixtures)


def look(lease: Lease, minutes: float = 0) -> None:
    """Look at the fixtures that ended, as if so many minutes had passed since."""
    EndedFixture.objects.exclude(ended_at=None).update(ended_at=ago(minutes * 60))
    missing.look(lease, Windows())


def questions() -> list[tuple[str, str, str]]:
    """Return the reviews about fixtures: what is asked about which, and how it ended."""
    return list(Review.objects.order_by("id").values_list("kind", "subject", "end"))


def test_a_fixture_that_leaves_the_list_and_gets_no_result_is_asked_about(lease: Lease) -> None:
    followed(FIXTURE, OTHER)
    followed(OTHER)

    look(lease, minutes=14)
    assert questions() == []

    look(lease, minutes=16)
    look(lease, minutes=17)

    review = Review.objects.get()
    assert (review.kind, review.subject) == ("SETTLEMENT_MISSING", f"LSPORTS:{FIXTURE}")
    assert review.sentence == (
        f"Fixture {FIXTURE} is over for 16 minutes, and LSports has not settled 1 market on which "
        "1 ticket is open. It is being asked again; what it does not tell has to be settled by "
        "hand."
    )
    wanted = Snapshot.objects.get()
    assert (wanted.package_id, wanted.fixture_ref, wanted.state) == (INPLAY, FIXTURE, "WANTED")
    assert (wanted.actor, wanted.why) == (
        "system:lsports", "It is over, and bets on it have no result.",
    )  # fmt: skip


def test_tickets_and_markets_are_counted(lease: Lease, player: FundedPlayer) -> None:
    bring(single(player, "T-2"), single(player, "T-3", market="2", outcome="77"))
    hear(say(told(X, WON)))
    bring(single(player, "T-4", outcome="78"))
    status_says_over(FIXTURE)

    look(lease, minutes=16)

    told_of = Review.objects.get().sentence
    assert "has not settled 2 markets on which 2 tickets are open" in told_of


def test_a_fixture_that_comes_back_to_the_list_is_not_asked_about(lease: Lease) -> None:
    followed(FIXTURE)
    followed()
    followed(FIXTURE)

    look(lease, minutes=60)

    assert questions() == []
    assert not Snapshot.objects.exists()


def test_one_that_nobody_bet_on_is_not_written_down(lease: Lease) -> None:
    followed(OTHER)
    followed()
    status_says_over(OTHER)

    assert not EndedFixture.objects.exists()


def test_a_status_that_says_over_is_enough(lease: Lease) -> None:
    status_says_over(FIXTURE, OTHER)

    look(lease, minutes=16)

    assert questions() == [("SETTLEMENT_MISSING", f"LSPORTS:{FIXTURE}", "")]


def test_it_closes_by_itself_when_the_results_come(lease: Lease) -> None:
    status_says_over(FIXTURE)
    look(lease, minutes=16)

    hear(say(told(X, WON)))
    look(lease, minutes=20)

    assert payout() == ("SETTLED", "WIN", "25.00")
    assert questions() == [("SETTLEMENT_MISSING", f"LSPORTS:{FIXTURE}", "BY_ITSELF")]
    assert EndedFixture.objects.get().ended_at is None


def test_a_fixture_that_is_gone_closes_by_itself_too(lease: Lease) -> None:
    with transaction.atomic():
        gone.ask(lease, [FIXTURE], since_ms=0)
    look(lease)
    assert questions() == [("FEED_GAP", f"LSPORTS:{FIXTURE}", "")]

    hear(say(told(X, LOST)))
    look(lease)

    assert questions() == [("FEED_GAP", f"LSPORTS:{FIXTURE}", "BY_ITSELF")]


def test_other_gaps_stay(lease: Lease) -> None:
    open_reviews(
        [Asked(ReviewKind.FEED_GAP, subject, "Something may be missing.")
         for subject in ("SPORTRADAR:1", "feed:odds88")]
    )  # fmt: skip

    look(lease)

    assert [end for _, _, end in questions()] == ["", ""]


def test_one_that_ends_once_more_without_results_is_asked_about_once_more(lease: Lease) -> None:
    followed(FIXTURE)
    followed()
    look(lease, minutes=16)
    hear(say(told(X, WON)))
    look(lease, minutes=17)

    hear(say(told(X, TAKEN_BACK, at=60)))
    followed(FIXTURE)
    followed()
    look(lease, minutes=16)

    assert payout() == ("OPEN", "NONE", "0.00")
    assert [end for _, _, end in questions()] == ["BY_ITSELF", ""]


def test_packages_are_told_apart(lease: Lease) -> None:
    package(PREMATCH)
    with transaction.atomic():
        keeping.end(feed=PREMATCH, fixtures=[FIXTURE])

    look(lease, minutes=16)

    assert questions() == []


def test_what_is_dismissed_is_not_asked_again(lease: Lease, desk: Callable[[str], Client]) -> None:
    status_says_over(FIXTURE)
    look(lease, minutes=16)
    page = f"/admin/settlement/review/{Review.objects.get().pk}/decide/dismiss/"
    done(desk("Operator"), page, note="The result is known.")

    look(lease, minutes=30)
    status_says_over(FIXTURE)
    look(lease, minutes=45)

    assert [end for _, _, end in questions()] == ["DISMISSED"]


@pytest.mark.own_database
def test_fixtures_that_are_being_written_down_are_left_to_the_next_look(
    own_database: str,
) -> None:
    package(INPLAY)
    bring(single(FundedPlayer.create("100.00")))
    lease = leases.take(feed=INPLAY, holder="here")
    assert lease
    for fixture in (FIXTURE, OTHER):
        EndedFixture.objects.create(feed=INPLAY, fixture_ref=fixture, ended_at=ago(3600))

    with psycopg.connect(databases.owner_url(own_database)) as receiving:
        receiving.execute("UPDATE feeds_endedfixture SET ended_at = ended_at")
        missing.look(lease, Windows())
        assert questions() == []

    missing.look(lease, Windows())
    assert questions() == [("SETTLEMENT_MISSING", f"LSPORTS:{FIXTURE}", "")]
    assert EndedFixture.objects.get(fixture_ref=OTHER).ended_at is None
