"""Whatever comes, nobody is paid what no message says, and every message ends with a reason."""

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from feeds import inbox
from feeds.models import FeedMessage, MessageBody
from settlement.models import SettlementEvent, TicketFact
from tests.factories import FundedPlayer
from tests.feeds.live import at_ours
from tests.feeds.odds88.bad_input import TICKETS, Mutants, from_schema, money_of
from tests.feeds.test_interleavings import assert_true
from tests.services import deep
from tests.settlement.asked import accepted

pytestmark = pytest.mark.own_database
SCHEMA_MADE, MUTATED = (5000, 20_000) if deep() else (300, 700)
AT_ONCE = 1000
DEAD_ENDS = ("IGNORED", "PARKED", "QUARANTINED")


def test_messages_made_by_the_schema_do_no_harm(own_database: str) -> None:
    chance = random.Random(1)

    assert_harmless(lambda: from_schema(chance), SCHEMA_MADE)


def test_mutated_messages_do_no_harm(own_database: str) -> None:
    assert_harmless(Mutants(random.Random(2)).make, MUTATED)


def assert_harmless(make: Callable[[], bytes], count: int) -> Counter[str]:
    """Send so many messages; look at every state, every payment and every truth."""
    ada = FundedPlayer.create(f"{TICKETS * 10}.00")
    accepted(*[at_ours(ada, f"T-{number}") for number in range(TICKETS)])
    for start in range(0, count, AT_ONCE):
        some = [make() for _ in range(min(AT_ONCE, count - start))]
        inbox.process(message_ids=inbox.receive(feed="odds88", bodies=some).ids)
    inbox.drain()

    ended = Counter(FeedMessage.objects.values_list("state", flat=True))
    assert set(ended) <= {"DONE", *DEAD_ENDS}
    assert not FeedMessage.objects.filter(state__in=DEAD_ENDS, note="").exists()
    assert ended["DONE"] > count // 50
    assert wrong_payments() == []
    assert_true()
    return ended


def wrong_payments() -> list[object]:
    """Return the events that pay what the message in force does not say by its own figures."""
    raws = dict(MessageBody.objects.values_list("message_id", "raw"))
    facts = TicketFact.objects.in_bulk()
    wrong: list[object] = []
    for event in SettlementEvent.objects.exclude(after_status="OPEN").select_related("ticket"):
        named = [facts[number] for number in event.ticket_facts]
        newest = max(fact.ticks for fact in named)
        bodies = [bytes(raws[fact.message or 0]) for fact in named if fact.ticks == newest]
        said = {money_of(body, event.ticket.stake) for body in bodies}
        if event.after_payout not in said:
            wrong.append((event.pk, event.after_payout, said, bodies))
    return wrong


def test_the_second_reading_of_the_money_is_not_blind() -> None:
    said: Sequence[tuple[dict[str, object], int | None]] = (
        ({"payoutMultiplier": 2.5, "payout": 25}, 2500),
        ({"payoutMultiplier": 2.5, "payout": 26}, None),
        ({"payoutMultiplier": 2.5, "payout": 26, "isCancelled": True}, 1000),
        ({"payout": 26}, 2600),
        ({"payoutMultiplier": 0.3333}, 333),
        ({}, None),
    )

    assert [money_of(json.dumps({"data": one}).encode(), 1000) for one, _ in said] == [
        paid for _, paid in said
    ]
