"""Only what somebody has bet on is read closely, and whoever bets later misses nothing."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from feeds import inbox, matching
from feeds.models import FeedMessage
from feeds.sportradar.glance import leaves_out
from feeds.sportradar.translate import read
from settlement.models import MarketFact
from settlement.said import Told, Unreadable
from tests.factories import FundedPlayer
from tests.feeds.live import note_processed
from tests.feeds.sportradar.bad_input import Mutants, from_shape
from tests.feeds.sportradar.uof import (
    EVENT,
    FEED,
    NOON,
    asked,
    bring,
    cancelled,
    hear,
    market,
    payout,
    settled,
    single,
    won,
)

MANY = 3000
TWO = settled(market(won(), ref="1"), market(won(), ref="2"))


@pytest.mark.parametrize(
    ("case", "known", "refs"),
    [
        ("nothing is known of the event", {}, ["1", "2"]),
        ("another event is known", {"sr:match:1": {"1"}}, ["1", "2"]),
        ("somebody bet on one market", {EVENT: {"2"}}, ["2"]),
        ("nobody bet on the event", {EVENT: set()}, []),
    ],
)
def test_of_a_known_event_only_markets_that_somebody_bet_on_are_read(
    case: str, known: dict[str, set[str]], refs: list[str]
) -> None:
    told = read(TWO, known)

    assert [one.market for one in told.markets] == refs
    assert told.subjects == (EVENT,)
    assert told.ticks == NOON * 10_000
    assert told.ignored == ""


def test_an_event_whose_id_is_written_with_an_entity_is_read_whole(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(won())).replace(b"sr:match:", b"sr:match&#58;"))

    assert payout() == ("SETTLED", "WIN", "25.00")


def test_a_bet_between_the_reading_and_the_second_look_is_settled(
    player: FundedPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []

    def bet_on_at(events: object) -> object:
        found = matching.bet_on_at(events)  # type: ignore[arg-type]
        if not looked:
            bring(single(player))
        looked.append(found)
        return found

    monkeypatch.setattr(inbox, "bet_on_at", bet_on_at)

    hear(TWO)

    assert payout() == ("SETTLED", "WIN", "25.00")
    assert MarketFact.objects.count() == 1


def test_a_message_ahead_of_its_time_waits_though_nobody_has_bet_yet(player: FundedPlayer) -> None:
    body = settled(market(won()))
    before = datetime.fromtimestamp(NOON / 1000, UTC) - timedelta(hours=1)
    stored = inbox.receive(feed=FEED, bodies=[body])

    inbox.process(message_ids=stored.ids, now=before)
    state = FeedMessage.objects.get().state
    bring(single(player))
    inbox.process(message_ids=stored.ids, now=before + timedelta(hours=2))
    inbox.settle_left()

    assert state == "PARKED"
    assert asked() == []
    assert payout() == ("SETTLED", "WIN", "25.00")


def test_a_message_that_surely_leaves_markets_out_says_nothing_when_it_is_read() -> None:
    chance = random.Random(5)
    mutants = Mutants(chance)
    left_out = 0
    for number in range(MANY):
        raw = mutants.make() if number % 3 else from_shape(chance)
        for ref in ("1", "2", "7"):
            if leaves_out(raw, {ref}) and (told := told_of(raw, ref)):
                left_out += 1
                assert (told.markets, told.reviews) == ((), ()), raw
    assert left_out > MANY / 10


def told_of(raw: bytes, ref: str) -> Told | None:
    """Return what a message says of markets with an id; nothing when it can't be read."""
    try:
        event = read(raw).subjects
        return read(raw, {event[0]: {ref}}) if event else None
    except Unreadable:
        return None


@pytest.mark.parametrize(
    ("case", "raw", "left_out"),
    [
        ("it speaks of another market", settled(market(won(), ref="7")), True),
        ("it speaks of this one too", TWO, False),
        ("its specifiers look like an id", settled(market(ref="1", specifiers="a id='7'")), False),
        ("an id is written with an entity", settled(market(ref="7")).replace(b'"7"', b'"&#49;"'),
         False),
        ("an id stands in blanks", settled(market(ref=" 1 ")), False),
        ("an id stands in single quotes", settled(market(ref="7")).replace(b'id="7"', b"id='1'"),
         False),
        ("a market has no id", settled("<market/>"), False),
        ("it names no market", settled(), False),
        ("another event takes its place", cancelled(market(ref="7"), superceded_by="sr:season:1"),
         False),
        ("it is not written in ASCII", settled(market(ref="7", specifiers="é")), False),
    ],
)  # fmt: skip
def test_what_is_written_in_an_unusual_way_is_read(case: str, raw: bytes, left_out: bool) -> None:
    assert leaves_out(raw, {"1"}) == left_out


def test_a_late_first_ticket_has_only_its_own_messages_read(
    player: FundedPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(settled(market(won(), ref="7")), settled(market(won()), at=1))
    looked_at = note_processed(monkeypatch)

    bring(single(player))

    assert looked_at == [FeedMessage.objects.latest("pk").pk]
    assert payout() == ("SETTLED", "WIN", "25.00")
