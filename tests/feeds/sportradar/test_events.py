"""Which events are asked for one by one, of whom, and in which order."""

from datetime import datetime

import pytest

from feeds import inbox
from feeds.models import Recovery
from feeds.sportradar import events
from settlement.models import SportEvent
from tests.factories import FundedPlayer
from tests.feeds.sportradar.producer_rows import FEED, event, producer
from tests.feeds.sportradar.uof import lost, market, on, settled, won
from tests.feeds.standing_rows import ago
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import receive_and_process

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _producers() -> None:
    for number in (1, 3, 6):
        producer(number)
    producer(4, is_active=False)


def placed(
    player: FundedPlayer, *refs: str, stake: str = "10.00", start_at: datetime | None = None
) -> None:
    """Place a bet on events that should have begun at a time."""
    kind = "single" if len(refs) == 1 else "double"
    legs = [on(ref) for ref in refs]
    accepted(bet(player, *legs, provider="sportradar", stake=stake, kind=kind))
    SportEvent.objects.filter(ref__in=refs).update(start_at=start_at or ago(8 * 3600))


def told(number: int, ref: str = "sr:match:1", outcome: str = "") -> None:
    """Let a producer settle an event."""
    receive_and_process(
        settled(market(outcome or lost("Y")), product=number, event_id=ref), feed=FEED
    )
    inbox.drain()


def wanted() -> list[tuple[str, int, int]]:
    """Return what is wanted: the event, its rank, of whom."""
    rows = Recovery.objects.order_by("rank", "event_ref", "producer__number")
    return list(rows.values_list("event_ref", "rank", "producer__number"))


def want_open() -> int:
    """Want the events that are over for six hours."""
    return events.want_open(feed=FEED, hours=6, why="It is over.", actor="system:reconcile")


def test_those_who_spoke_of_an_event_are_asked_and_nobody_else(player: FundedPlayer) -> None:
    placed(player, "sr:match:1")
    told(3)

    assert [one.number for one in events.speakers(FEED, "sr:match:1")] == [3]


def test_when_nobody_spoke_those_are_asked_who_might() -> None:
    assert [one.number for one in events.speakers(FEED, "sr:match:1")] == [1, 3]
    assert [one.number for one in events.speakers(FEED, "vf:match:1")] == [6]


def test_the_most_money_is_asked_for_first_whoever_spoke(player: FundedPlayer) -> None:
    placed(player, "sr:match:1")
    placed(player, "sr:match:2", stake="20.00")
    placed(player, "vf:match:3", stake="5.00")
    told(3, "sr:match:2")

    assert want_open() == 4
    assert wanted() == [
        ("sr:match:2", 1, 3), ("sr:match:1", 2, 1), ("sr:match:1", 2, 3), ("vf:match:3", 3, 6),
    ]  # fmt: skip


def test_asked_twice_it_is_wanted_once_also_when_it_was_told_meanwhile(
    player: FundedPlayer,
) -> None:
    placed(player, "sr:match:1")

    assert (want_open(), want_open()) == (2, 0)
    Recovery.objects.update(state="DONE", asked_at=ago(1))
    assert want_open() == 0


def test_what_was_told_another_night_is_asked_for_again(player: FundedPlayer) -> None:
    placed(player, "sr:match:1")
    event(producer(5), actor="system:reconcile", created_at=ago(13 * 3600), state="DONE")

    assert want_open() == 3


@pytest.mark.parametrize("hours", [1, 31 * 24])
def test_an_event_that_may_go_on_or_is_too_old_is_not_asked_for(
    player: FundedPlayer, hours: int
) -> None:
    placed(player, "sr:match:1", start_at=ago(hours * 3600))

    assert want_open() == 0


def test_a_leg_that_has_its_result_is_not_asked_for(player: FundedPlayer) -> None:
    placed(player, "sr:match:1", "sr:match:2")
    told(1, "sr:match:1", won("X"))

    assert want_open() == 2
    assert {ref for ref, _, _ in wanted()} == {"sr:match:2"}


def test_somebody_who_asks_for_an_event_comes_first(player: FundedPlayer) -> None:
    placed(player, "sr:match:1")
    want_open()

    assert events.want_one(feed=FEED, event_ref="sr:match:1", why="Me.", actor="user:olga") == 2
    assert wanted() == [("sr:match:1", 0, 1), ("sr:match:1", 0, 3)]
