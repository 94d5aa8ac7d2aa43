"""Only what somebody has bet on is read closely, and whoever bets later misses nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from feeds import inbox, matching
from feeds.models import FeedMessage
from feeds.sportradar.translate import read
from settlement.models import MarketFact
from tests.factories import FundedPlayer
from tests.feeds.sportradar.uof import (
    EVENT,
    FEED,
    NOON,
    asked,
    bring,
    hear,
    market,
    payout,
    settled,
    single,
    won,
)

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
