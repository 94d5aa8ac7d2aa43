"""Whatever comes, nobody is paid what no message says, and every message ends with a reason."""

import random
import resource
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest
from django.db.models import Q

from feeds import inbox
from feeds.lsports.parser import parse
from feeds.models import FeedMessage, MessageBody
from settlement.models import Ticket
from settlement.said import Unreadable
from tests.factories import FundedPlayer
from tests.feeds.lsports.bad_input import BETS, Bet, Mutants, Said, from_shape, heard, payouts
from tests.feeds.lsports.trade import FEED, LAYOUTS, event, market, message, single, told
from tests.feeds.test_interleavings import assert_true
from tests.services import deep
from tests.settlement.asked import accepted

SHAPED, MUTATED = (5000, 20_000) if deep() else (300, 700)
AT_ONCE = 1000
DEAD_ENDS = ("IGNORED", "PARKED", "QUARANTINED")
MOST_GROWTH = 300 * 1024  # kB


@pytest.mark.own_database
def test_messages_made_by_their_shape_do_no_harm(own_database: str) -> None:
    chance = random.Random(1)

    assert_harmless(lambda: from_shape(chance), SHAPED)


@pytest.mark.own_database
def test_mutated_messages_do_no_harm(own_database: str) -> None:
    assert_harmless(Mutants(random.Random(2)).make, MUTATED)


def assert_harmless(make: Callable[[], bytes], count: int) -> Counter[str]:
    """Send so many messages; look at every state, every payment and every truth."""
    ada, before = FundedPlayer.create(f"{len(BETS) * 10}.00"), peak()
    accepted(*[
        single(ada, f"T-{number}", event=one.event, market=one.market, outcome=one.ref)
        for number, one in enumerate(BETS)
    ])  # fmt: skip
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


def wrong_payments() -> list[object]:
    """Return the tickets that stand otherwise than a second reading of all messages says."""
    applied = FeedMessage.objects.filter(Q(state="DONE") | Q(state="PARKED"))
    ids = set(applied.values_list("id", flat=True))
    said: dict[Bet, list[Said]] = defaultdict(list)
    for raw in MessageBody.objects.filter(message_id__in=ids).values_list("raw", flat=True):
        for one, told_of in heard(bytes(raw)).items():
            said[one] += told_of
    wrong: list[object] = []
    for number, one in enumerate(BETS):
        found = Ticket.objects.get(bet_id=f"T-{number}")
        paid = None if found.status == "OPEN" else Decimal(found.payout) / 100
        if paid not in payouts(said[one]):
            wrong.append((one, paid, payouts(said[one])))
    return wrong


def peak() -> int:
    """Return the most memory that this process has held, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_second_reading_of_the_money_is_not_blind(layout: Callable[[object], bytes]) -> None:
    def said(*codes: int) -> set[Decimal | None]:
        bets = [told("11", one, at) for at, one in enumerate(codes)]
        return payouts(
            heard(layout(message(event(market(*bets), fixture=501))))[Bet("501", "1", "11")]
        )

    assert said(1) == {Decimal("0.00")}
    assert said(2) == {Decimal("25.00")}
    assert said(3) == {Decimal("10.00")}
    assert said(4) == {Decimal("5.00")}
    assert said(5) == {Decimal("17.50")}
    assert said(2, -1) == {None}
    assert said(7) == {None}
    assert said(2, -1, 1) == {Decimal("0.00")}


BOMB = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
    b"<!ENTITY %c '%b'>" % (98 + one, b"&%c;" % (97 + one) * 10) for one in range(9)
) + b"]><Message><Header><Type>35</Type></Header><Body>&j;</Body></Message>"  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "It is empty."),
        (b" \n", "It is empty."),
        (b"35", "It is neither JSON nor XML."),
        (b"{}", "It has no header, or more than one."),
        (b'{"Header":{}}', "Its header names no type, or none that could be one."),
        (b'{"Header":{"Type":"x"}}', "Its header names no type, or none that could be one."),
        (b'{"Header":{"Type":35}', "It is not JSON: Input data was truncated."),
        (
            b'{"Header":{"Type":35}}}',
            "It is not JSON: JSON is malformed: trailing characters (byte 23).",
        ),
        (b"[]", "It is a list of 0 messages, not one."),
        (b'[{"Header":{"Type":35}},{}]', "It is a list of 2 messages, not one."),
        (b"[" * 1_000_000, "It is nested too deep."),
        (b'{"Header":{"Type":35},"Body":' + b'{"a":' * 200_000, "It is nested too deep."),
        (
            b'{"header":{"Type":35},"Body":' + b"[" * 30 + b"]" * 30 + b"}",
            "It is nested too deep.",
        ),
        (b"<Message>" + b"<a>" * 30, "It is nested too deep, or holds too many elements."),
        (b"<Header><Type>35</Type></Header><Header/>", "It has no header, or more than one."),
        (b"<Message><Header>", "It is not XML: mismatched tag (line 1, column 19)."),
        (BOMB, "It declares a document type: such XML is not read."),
        (
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
            "It declares a document type: such XML is not read.",
        ),
        (
            b'<?xml version="1.0" encoding="utf-7"?><x/>',
            "It is written in “utf-7”, which is not read here.",
        ),
        (b" " * (16 * 1024 * 1024 + 1), "It is longer than 16 MB."),
        (b"x" * 50_000_000, "It is longer than 16 MB."),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_refused_is_refused_with_a_sentence(raw: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(raw)

    assert str(refused.value) == why


def test_memory_is_bounded() -> None:
    bodies = [
        b'{"Header":{"Type":35},"Body":{"Events":[' + b"{}," * 500_000 + b"{}]}}",
        b"<Header><Type>35</Type></Header><Body>" + b"<Events/>" * 600_000 + b"</Body>",
    ]
    before = peak()

    for body in bodies:
        with suppress(Unreadable):
            parse(body)

    assert peak() - before < 2 * MOST_GROWTH
