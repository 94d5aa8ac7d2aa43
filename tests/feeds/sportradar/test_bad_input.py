"""Whatever comes, nobody is paid what no message says, and every message ends with a reason."""

import random
import resource
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from feeds import inbox
from feeds.models import FeedMessage, MessageBody
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.feeds.sportradar.bad_input import (
    BETS,
    Bet,
    Heard,
    Mutants,
    from_shape,
    heard,
    payouts,
)
from tests.feeds.sportradar.uof import FEED, market, outcome, settled, single
from tests.feeds.test_interleavings import assert_true
from tests.services import deep
from tests.settlement.asked import accepted

pytestmark = pytest.mark.own_database
SHAPED, MUTATED = (5000, 20_000) if deep() else (300, 700)
AT_ONCE = 1000
DEAD_ENDS = ("IGNORED", "PARKED", "QUARANTINED")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_GROWTH = 300 * 1024  # kB


def test_messages_made_by_their_shape_do_no_harm(own_database: str) -> None:
    chance = random.Random(1)

    assert_harmless(lambda: from_shape(chance), SHAPED)


def test_mutated_messages_do_no_harm(own_database: str) -> None:
    assert_harmless(Mutants(random.Random(2)).make, MUTATED)


def assert_harmless(make: Callable[[], bytes], count: int) -> Counter[str]:
    """Send so many messages; look at every state, every payment and every truth."""
    ada, before = FundedPlayer.create(f"{len(BETS) * 10}.00"), peak()
    accepted(*[ticket(ada, number, one) for number, one in enumerate(BETS)])
    for start in range(0, count, AT_ONCE):
        some = [make() for _ in range(min(AT_ONCE, count - start))]
        inbox.process(message_ids=inbox.receive(feed=FEED, bodies=some).ids)
        inbox.settle_left()
    inbox.drain()
    assert peak() - before < MOST_GROWTH

    ended = Counter(FeedMessage.objects.values_list("state", flat=True))
    assert set(ended) <= {"DONE", *DEAD_ENDS}
    assert not FeedMessage.objects.filter(state__in=DEAD_ENDS, note="").exists()
    assert not FeedMessage.objects.filter(note__contains="Our own program").exists()
    assert ended["DONE"] > count // 3
    assert wrong_payments() == []
    assert_true()
    return ended


def ticket(player: FundedPlayer, number: int, one: Bet) -> dict[str, object]:
    """Return a bet in our client's words."""
    at = EPOCH + timedelta(milliseconds=one.accepted)
    return single(
        player, f"T-{number}", event=one.event, market=one.market, specifiers=one.specifiers,
        outcome=one.ref, placed_at="2026-11-20T09:00:00Z", accepted_at=at.isoformat(),
    )  # fmt: skip


def wrong_payments() -> list[object]:
    """Return the tickets that stand otherwise than a second reading of all messages says."""
    done = FeedMessage.objects.filter(state="DONE").values_list("id", flat=True)
    bodies = MessageBody.objects.filter(message_id__in=set(done)).values_list("raw", flat=True)
    messages: dict[str, list[Heard]] = {}
    for message in (heard(bytes(raw)) for raw in bodies):
        messages.setdefault(message.said.get("event_id", "").strip(), []).append(message)
    wrong: list[object] = []
    for number, one in enumerate(BETS):
        found = Ticket.objects.get(bet_id=f"T-{number}")
        paid = None if found.status == "OPEN" else Decimal(found.payout) / 100
        said = payouts(one, messages.get(one.event, []))
        if paid not in said:
            wrong.append((one, paid, said))
    return wrong


def peak() -> int:
    """Return the most memory that this process has held, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_the_second_reading_of_the_money_is_not_blind() -> None:
    bet = Bet("sr:match:4711", "1", "", "X", 0)

    def said(**words: object) -> set[Decimal | None]:
        return payouts(bet, [heard(settled(market(outcome("X", **words))))])

    assert said(result=1) == {Decimal("25.00")}
    assert said(result=0) == {Decimal("0.00")}
    assert said(result=1, void_factor="0.5") == {Decimal("17.50")}
    assert said(result=1, dead_heat_factor="0.33") == {Decimal("8.33")}
    assert said(result=1, void_factor="1.0") == {Decimal("10.00")}
    assert said(result=-1) == {None}
    assert said(result=2) == {None}
