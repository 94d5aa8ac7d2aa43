"""People and feeds at the same ticket at the same moment: one of them is first, and both know."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from settlement.acts import services
from settlement.acts.tokens import StalePreview
from settlement.models import (
    Approval,
    Batch,
    Market,
    MarketFact,
    Review,
    SettlementEvent,
    Ticket,
    TicketFact,
)
from settlement.orders import ActRefused
from settlement.recording import ForMarket, look_for_tickets, record_market_facts
from settlement.services import drain
from tests.factories import FundedPlayer
from tests.feeds.test_interleavings import assert_sound
from tests.services import deep
from tests.settlement.acting import OLGA, SAM, confirmed, done, limit, no_limits, previewed
from tests.settlement.asked import accepted, bet, selection
from tests.settlement.settling import LOST, WON, said, state, tell
from tests.wallet.test_races import crew, together

ROUNDS = 500 if deep() else 15
AGAIN = 20 if deep() else 2
MONTH = 31 * 24 * 3600 * 10_000_000


def market(event: int) -> dict[str, Any]:
    """Name the market of an event."""
    return {"provider": "manual", "event": f"E-{event}", "market": "1"}


@pytest.fixture
def books(own_database: str) -> FundedPlayer:
    """Somebody with 100,000.00 EUR in a database of his own; olga and sam act alone."""
    no_limits()
    return FundedPlayer.create("100000.00")


def bugs(results: Sequence[object]) -> list[object]:
    """Return what went wrong without being a refusal."""
    return [
        one for one in results if isinstance(one, Exception) and not isinstance(one, ActRefused)
    ]


def act_of(shown: services.Preview) -> partial[Batch]:
    """Return what confirms an act of olga's, and does not finish it."""
    return partial(services.act, order=shown.order, actor=OLGA, token=shown.token)


def feed_says(market: int, event: str) -> None:
    """Let a feed say that an event's outcome lost, and settle."""
    record_market_facts([ForMarket(market, said(outcomes={"X": LOST}, event=event), None)])
    look_for_tickets([market])
    drain()


def test_a_person_and_a_feed_at_once_come_one_after_the_other(own_database: str) -> None:
    """Whoever is second is told: the person by a refusal, the feed's word by a review."""
    player = FundedPlayer.create("100000.00")
    no_limits()
    accepted(*[
        bet(player, selection(event=f"E-{n}"), bet_id=f"R-{n}", stake="1.00")
        for n in range(ROUNDS)
    ])  # fmt: skip
    markets = {one.event.ref: one.pk for one in Market.objects.select_related("event")}
    ends: Counter[str] = Counter()

    with crew(2) as at_once:
        for n in range(ROUNDS):
            shown = previewed("settle", f"R-{n}", each={"result": "win"})
            act, feed = at_once(
                partial(confirmed, shown), partial(feed_says, markets[f"E-{n}"], f"E-{n}")
            )
            drain()
            assert feed is None
            ends[how_it_ended(f"R-{n}", act)] += 1

    assert sum(ends.values()) == ROUNDS
    assert set(ends) <= {"the person was first", "the feed was first"}
    assert_sound()


def how_it_ended(bet_id: str, act: object) -> str:
    """Return who was first, after looking that everything follows from that."""
    ticket = Ticket.objects.get(bet_id=bet_id)
    events = list(SettlementEvent.objects.filter(ticket=ticket).order_by("sequence"))
    assert [one.sequence for one in events] == list(range(1, ticket.version + 1))
    if isinstance(act, Batch):
        assert (ticket.result, ticket.payout, len(events)) == ("WIN", 250, 1)
        assert Review.objects.get(ticket=ticket).kind == "ACT_AGAINST_FEED"
        return "the person was first"
    assert isinstance(act, StalePreview), act
    assert (ticket.result, ticket.payout, len(events)) == ("LOSE", 0, 1)
    assert not TicketFact.objects.filter(ticket=ticket).exists()
    return "the feed was first"


def test_one_confirmation_sent_by_six_at_once_is_done_once(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("settle", "T-1", each={"result": "win"})

    results = together(*[partial(confirmed, shown)] * 6)

    assert len({one.pk for one in results if isinstance(one, Batch)}) == 1
    assert all(isinstance(one, Batch) for one in results)
    assert player.balance == "115.00"
    assert_sound()


def test_two_people_who_act_on_one_ticket_at_once_come_one_after_the_other(
    own_database: str,
) -> None:
    player = FundedPlayer.create("100.00")
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    won = previewed("settle", "T-1", each={"result": "win"})
    void = previewed("void", "T-1", actor=SAM)

    results = together(partial(confirmed, won), partial(confirmed, void, SAM))

    assert Counter(type(one) for one in results) == {Batch: 1, StalePreview: 1}
    assert Ticket.objects.get().version == 1
    assert_sound()


def test_an_approval_given_twice_at_once_is_carried_out_once(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    batch = done("settle", "T-1", each={"result": "win"})

    results = together(*[partial(services.accept, batch_id=batch.pk, actor=SAM, note="Seen.")] * 4)

    assert Counter(type(one).__name__ for one in results) == {"Batch": 1, "NotWaiting": 3}
    assert player.balance == "115.00"
    assert_sound()


def test_a_large_act_that_several_finish_at_once_is_done_once(own_database: str) -> None:
    player = FundedPlayer.create("100000.00")
    no_limits()
    accepted(*[bet(player, bet_id=f"T-{n}", stake="1.00") for n in range(600)])
    shown = previewed("settle", *[f"T-{n}" for n in range(600)], each={"result": "win"})
    batch = services.act(order=shown.order, actor=OLGA, token=shown.token)
    assert batch.state == "RUNNING"

    together(*[partial(services.finish, batch=Batch.objects.get()) for _ in range(3)])

    batch.refresh_from_db()
    assert (batch.state, batch.lines.filter(state="DONE").count()) == ("DONE", 600)
    assert SettlementEvent.objects.count() == 600
    assert_sound()


def test_the_same_act_undone_by_two_is_undone_once(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    record_market_facts([ForMarket(Market.objects.get().pk, said(outcomes={"X": WON}), None)])
    look_for_tickets()
    drain()
    batch = done("void", "T-1")

    one = previewed("undo", undoes=batch.pk)
    other = previewed("undo", undoes=batch.pk, actor=SAM)
    results = together(partial(confirmed, one), partial(confirmed, other, SAM))

    assert sum(isinstance(one, Batch) for one in results) == 1
    assert player.balance == "115.00"
    assert_sound()


def test_one_of_eight_acts_on_one_ticket_at_once_is_done(books: FundedPlayer) -> None:
    for n in range(AGAIN):
        accepted(bet(books, bet_id=f"T-{n}"))
        shown = [previewed("settle", f"T-{n}", each={"payout": f"{p}.00"}) for p in range(1, 9)]

        results = together(*[act_of(one) for one in shown])

        assert Counter(type(one) for one in results) == {Batch: 1, StalePreview: 7}
        assert SettlementEvent.objects.filter(ticket__bet_id=f"T-{n}").count() == 1
    assert_sound()


def test_acts_on_tickets_and_their_market_and_the_feed_at_once_end_soundly(
    books: FundedPlayer,
) -> None:
    for event in range(AGAIN):
        ids = [f"T-{event}-{n}" for n in range(30)]
        accepted(*[bet(books, selection(event), bet_id=one) for one in ids])
        shown = [
            previewed("settle", *ids, each={"result": "win"}),
            previewed("void", *reversed(ids)),
            previewed("market_void", market=market(event)),
        ]

        results = together(
            *[partial(confirmed, one) for one in shown],
            partial(tell, said(event=f"E-{event}", outcomes={"X": LOST})),
            partial(tell, said(event=f"E-{event}", ticks=2000, outcomes={"X": WON})),
            drain,
        )
        drain()

        assert bugs(results) == []
        assert not Batch.objects.exclude(state="DONE").exists()
    assert_sound()


def test_of_those_who_agree_refuse_and_withdraw_at_once_one_decides(books: FundedPlayer) -> None:
    limit("Operator", "EUR", 0)
    eve = replace(SAM, name="user:eve")
    for n in range(AGAIN):
        accepted(bet(books, bet_id=f"T-{n}"))
        batch = done("settle", f"T-{n}", each={"result": "win"})

        results = together(
            partial(services.accept, batch_id=batch.pk, actor=SAM, note="Seen."),
            partial(services.accept, batch_id=batch.pk, actor=eve, note="Seen."),
            partial(services.refuse, batch_id=batch.pk, actor=eve, note="Seen."),
            partial(services.withdraw, batch_id=batch.pk, actor=OLGA, note="Seen."),
        )

        assert Counter(type(one).__name__ for one in results) == {"Batch": 1, "NotWaiting": 3}
        assert Approval.objects.filter(batch=batch).exclude(step="ASKED").count() == 1
    assert_sound()


def test_reviews_accepted_by_two_while_the_feed_closes_them_end_soundly(
    books: FundedPlayer,
) -> None:
    for event in range(AGAIN):
        accepted(*[bet(books, selection(event), bet_id=f"T-{event}-{n}") for n in range(20)])
        tell(said(event=f"E-{event}", outcomes={"X": WON}))
        tell(said(event=f"E-{event}", ticks=MONTH + 2000, outcomes={"X": LOST}))
        ours = Review.objects.filter(ticket__bet_id__startswith=f"T-{event}-")
        numbers = list(ours.values_list("pk", flat=True))
        one = previewed("accept", reviews=numbers)
        other = previewed("accept", reviews=numbers, actor=SAM)

        results = together(
            partial(confirmed, one),
            partial(confirmed, other, SAM),
            partial(tell, said(event=f"E-{event}", ticks=MONTH + 3000, outcomes={"X": WON})),
        )
        drain()

        assert bugs(results) == []
        assert len(numbers) == 20
    assert_sound()


@pytest.mark.parametrize(
    ("act", "each"),
    [
        ("settle", {"result": "win"}),
        ("settle", {"legs": [{"position": 1, "result": "win"}]}),
        ("market_settle", None),
    ],
)
def test_an_act_undone_by_three_at_once_is_undone_once(
    books: FundedPlayer, act: str, each: dict[str, Any] | None
) -> None:
    for n in range(AGAIN):
        accepted(bet(books, selection(2 * n), selection(2 * n + 1), bet_id=f"T-{n}", kind="double"))
        on_market = market(2 * n) | {"outcomes": {"X": {"result": "win"}}}
        batch = done(act, f"T-{n}", each=each) if each else done(act, market=on_market)
        shown = [(previewed("undo", undoes=batch.pk, actor=who), who) for who in (OLGA, SAM, OLGA)]

        results = together(*[partial(confirmed, one, who) for one, who in shown])
        drain()

        assert bugs(results) == []
        assert sum(isinstance(one, Batch) for one in results) == 1
        assert state(f"T-{n}")[:3] == ("OPEN", "NONE", 0)
        facts = [model.objects.filter(kind="RETRACTION") for model in (TicketFact, MarketFact)]
        assert sum(found.count() for found in facts) == n + 1
    assert_sound()


def test_an_act_on_a_market_after_another_on_it_is_stale(books: FundedPlayer) -> None:
    accepted(bet(books, bet_id="T-1"))
    one = previewed("market_settle", market=market(1) | {"outcomes": {"X": {"result": "win"}}})
    other = previewed("market_void", market=market(1), actor=SAM)
    act_of(one)()

    with pytest.raises(StalePreview, match="Look again"):
        services.act(order=other.order, actor=SAM, token=other.token)

    assert Batch.objects.count() == 1
