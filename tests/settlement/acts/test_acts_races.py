"""People and feeds at the same ticket at the same moment: one of them is first, and both know."""

from collections import Counter
from functools import partial

from settlement.acts import services
from settlement.acts.tokens import StalePreview
from settlement.models import Batch, Market, Review, SettlementEvent, Ticket, TicketFact
from settlement.recording import ForMarket, look_for_tickets, record_market_facts
from settlement.services import drain
from tests.factories import FundedPlayer
from tests.feeds.test_interleavings import assert_sound
from tests.services import deep
from tests.settlement.acting import OLGA, SAM, confirmed, done, limit, no_limits, previewed
from tests.settlement.asked import accepted, bet, selection
from tests.settlement.settling import LOST, WON, said
from tests.wallet.test_races import together

ROUNDS = 500 if deep() else 40


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

    for n in range(ROUNDS):
        shown = previewed("settle", f"R-{n}", each={"result": "win"})
        act, feed = together(
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
