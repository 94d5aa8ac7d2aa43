"""The demo's bets on matches: placed through the real intake, told of as Sportradar tells."""

from datetime import UTC, datetime

import pytest

from backoffice import demo_life, demo_matches, demo_stories, truths
from backoffice.demo_matches import Matches
from backoffice.demo_sportradar import FEED, TOKEN, Sportradar
from backoffice.demo_stories import STORIES
from feeds.models import Producer
from feeds.sportradar.sandbox import Options, Sandbox
from settlement.models import Review, SettlementEvent, Ticket
from tests.factories import FundedPlayer
from tests.feeds.sportradar.uof import hear

pytestmark = pytest.mark.django_db


def playing() -> Sandbox:
    """Return a sandbox as the demo has it."""
    return Sandbox(options=Options(active=(1, 3), token=TOKEN))


def stands(number: int, state: str, reason: str = "") -> None:
    """Write down how a producer is."""
    how = {"state": state, "reason": reason, "is_active": True}
    Producer.objects.update_or_create(feed=FEED, number=number, defaults=how)


def tell_of(number: int, sandbox: Sandbox) -> None:
    """Place one bet, let all be told of it, and hear that a message at a time."""
    matches = Matches(Sportradar(sandbox.port))
    matches.bet(number)
    (story,) = matches.stories
    for beat in story:
        matches.tell(beat)
    heard = [one for each in (1, 3) for one in sandbox.vendor.producer(each).history]
    for one in sorted(heard, key=lambda one: one.sent_at):
        hear(one.body)


def happened() -> list[tuple[str, str]]:
    """Return how the only ticket moved."""
    events = SettlementEvent.objects.order_by("sequence")
    return list(events.values_list("kind", "after_result"))


@pytest.mark.parametrize(
    ("name", "number", "moved", "asked"),
    [
        ("seen live, corrected, confirmed, cancelled, and that taken back", 1,
         ["WIN", "LOSE", "WIN", "REFUND", "WIN"], []),
        ("overridden by another producer", 3, ["LOSE", "WIN"], []),
        ("confirmed before it was seen live", 4, ["WIN"], []),
        ("in a dead heat", 6, ["MIXED"], []),
        ("undecided at first", 7, ["WIN"], []),
        ("an outcome is missing", 8, [], ["OUTCOME_MISSING"]),
        ("a result of no known meaning", 9, [], ["UNKNOWN_RESULT"]),
        ("left to people", 10, [], ["MANUAL_VOID_REASON"]),
    ],
)  # fmt: skip
def test_the_first_bets_have_a_story_each(
    name: str, number: int, moved: list[str], asked: list[str]
) -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    with playing() as sandbox:
        tell_of(number, sandbox)

    assert [result for _, result in happened()] == moved, name
    assert list(Review.objects.values_list("kind", flat=True)) == asked
    ticket = Ticket.objects.get(bet_id=f"DEMO-U-{number:05d}")
    assert ticket.status == ("SETTLED" if moved else "OPEN")
    assert [found.name for found in truths.check() if found.rows] == []


def test_a_result_that_is_taken_back_and_told_anew_asks_nobody() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    with playing() as sandbox:
        tell_of(2, sandbox)

    assert [kind for kind, _ in happened()] == ["SETTLE", "REOPEN", "SETTLE"]
    assert Review.objects.count() == 0


def test_half_of_the_stake_comes_back() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    with playing() as sandbox:
        tell_of(5, sandbox)

    ((_, result),) = happened()
    assert result in ("HALF_WIN", "HALF_LOSE")


def test_later_stories_in_which_people_are_asked_end_by_themselves() -> None:
    by_hand = next(one for one in STORIES if one.tell is demo_stories.by_hand)
    case = demo_stories.Case("sr:match:1", "1", "", "1", datetime.now(UTC), True)

    assert len(demo_stories.beats_of(10, by_hand, case)) == 1
    assert demo_stories.beats_of(99, by_hand, case)[-1] == (case.settle(case.ends(True)),)


def test_nobody_bets_before_the_producers_are_up() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    stands(1, "UP")
    stands(3, "DOWN", "SILENT")
    with playing() as sandbox:
        matches = Matches(Sportradar(sandbox.port))
        demo_life.beat(matches)
        before = Ticket.objects.count()
        stands(3, "UP")
        demo_life.beat(matches)

    assert (before, Ticket.objects.count()) == (0, 1)
    assert Ticket.objects.get().bet_id == demo_matches.FIRST


def test_what_the_last_run_left_untold_is_ended_and_what_people_were_asked_is_not() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    stands(1, "UP")
    with playing() as sandbox:
        earlier = Matches(Sportradar(sandbox.port))
        earlier.bet(8)
        earlier.bet(13)
        demo_life.beat(Matches(Sportradar(sandbox.port)))
        told = [one.event for one in sandbox.vendor.producer(1).history]

    assert told == ["sr:match:61000026"]
