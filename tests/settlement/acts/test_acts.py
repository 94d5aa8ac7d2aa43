"""Acts by hand: what they do to tickets and balances, and what is refused with nothing changed."""

import pytest

from backoffice import truths
from settlement.acts import services
from settlement.acts.actors import Actor, NotAllowed
from settlement.acts.services import NothingToDo, NotWaiting, SameHands
from settlement.acts.tokens import StalePreview
from settlement.models import Approval, Batch, BatchLine, Review, SettlementEvent, TicketFact
from settlement.orders import ActRefused, BadOrder, read_order
from settlement.services import drain
from settlement.stale import ask_about_stale_tickets
from tests.factories import FundedPlayer
from tests.settlement.acting import (
    EVERYTHING,
    OLGA,
    SAM,
    confirmed,
    done,
    limit,
    no_limits,
    previewed,
    words,
)
from tests.settlement.asked import accepted, bet, legs, selection
from tests.settlement.settling import LOST, VOID, WON, said, state, tell


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> None:
    no_limits()


def sound() -> bool:
    """Whether every truth holds."""
    return not [finding for finding in truths.check() if finding.rows]


def test_an_open_ticket_is_settled_by_its_result(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))

    batch = done("settle", "T-1", each={"result": "win"})

    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert player.balance == "115.00"
    event = SettlementEvent.objects.get()
    assert (event.actor, event.reason, event.note, event.batch) == (
        "user:olga", "PROVIDER_DOWN", "He does not answer.", batch.pk,
    )  # fmt: skip
    assert (batch.state, batch.lines.get().state) == ("DONE", "DONE")
    assert sound()


def test_what_a_provider_says_later_is_asked_about_and_changes_nothing(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"result": "win"})

    tell(said(outcomes={"X": LOST}))

    assert state() == ("SETTLED", "WIN", 2500, 1)
    review = Review.objects.get()
    assert review.kind == "ACT_AGAINST_FEED"
    assert review.sentence == (
        "Since olga acted by hand, the provider says: lose, 0.00 EUR. "
        "By the act it stays: win, 25.00 EUR."
    )
    done("release", "T-1")
    assert state() == ("SETTLED", "LOSE", 0, 2)
    review.refresh_from_db()
    assert review.end == "BY_ITSELF"
    assert sound()


def test_a_review_that_was_dismissed_is_not_asked_again(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"result": "win"})
    tell(said(outcomes={"X": LOST}))

    done("dismiss", reviews=[Review.objects.get().pk])
    tell(said(ticks=2000, outcomes={"X": LOST}))

    review = Review.objects.get()
    assert (review.end, review.closed_by, review.note) == (
        "DISMISSED", "user:olga", "He does not answer.",
    )  # fmt: skip


def test_one_leg_of_five_is_voided_and_the_rest_goes_on(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(5), bet_id="T-1", kind="accumulator"))

    done("void", "T-1", each={"legs": [{"position": 2}]})
    assert state() == ("OPEN", "NONE", 0, 0)

    tell(*[said(outcomes={"X": WON}, event=f"E-{number}") for number in (1, 3, 4, 5)])
    assert state() == ("SETTLED", "MIXED", 39063, 1)
    tell(said(outcomes={"X": LOST}, event="E-2"))
    assert state() == ("SETTLED", "MIXED", 39063, 1)
    assert sound()


@pytest.mark.parametrize(
    ("leg", "payout"),
    [
        ({"result": "win"}, 2500),
        ({"result": "lose"}, 0),
        ({"result": "void"}, 1000),
        ({"result": "half_win"}, 1750),
        ({"result": "half-lose"}, 500),
        ({"result": "win", "dead_heat": "1/2"}, 1250),
        ({"result": "win", "rule4": "10"}, 2350),
    ],
)
def test_a_leg_is_settled_by_its_own_words(
    player: FundedPlayer, leg: dict[str, str], payout: int
) -> None:
    accepted(bet(player, bet_id="T-1"))

    done("settle", "T-1", each={"legs": [{"position": 1, **leg}]})

    assert state()[2] == payout
    assert sound()


def test_a_ticket_is_settled_by_an_amount(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))

    done("settle", "T-1", each={"payout": "12.34"})

    assert state() == ("SETTLED", "MIXED", 1234, 1)
    assert player.balance == "102.34"


def test_a_settled_ticket_is_resettled_by_the_difference(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))

    with pytest.raises(NothingToDo, match="It is settled as win with"):
        previewed("settle", "T-1", each={"result": "lose"})
    shown = previewed("resettle", "T-1", each={"result": "refund"})
    confirmed(shown)

    [seen] = shown.seen
    assert (seen.difference, seen.moved) == (-1500, 1500)
    assert state() == ("SETTLED", "REFUND", 1000, 2)
    assert player.balance == "100.00"
    assert sound()


def test_every_act_on_a_ticket_is_undone_as_one(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    tell(said(outcomes={"X": WON}))
    batch = done("void", "T-1", "T-2")
    assert (state("T-1"), state("T-2")) == (("SETTLED", "REFUND", 1000, 2),) * 2

    back = done("undo", undoes=batch.pk)

    assert (state("T-1"), state("T-2")) == (("SETTLED", "WIN", 2500, 3),) * 2
    assert back.reverses == batch
    assert player.balance == "130.00"
    assert sound()
    with pytest.raises(NothingToDo, match="It was taken back already"):
        previewed("undo", undoes=batch.pk)


def test_a_cash_out_pays_once_and_the_rest_goes_on(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))

    done("cash_out", "T-1", each={"stake": "4.00", "amount": "6.00"})
    assert state() == ("OPEN", "NONE", 600, 1)
    tell(said(outcomes={"X": WON}))

    assert state() == ("SETTLED", "WIN", 2100, 2)
    assert player.balance == "111.00"
    assert sound()


@pytest.mark.parametrize(("act", "status"), [("cancel", "CANCELLED"), ("reject", "REJECTED")])
def test_a_whole_bet_is_cancelled_or_rejected(player: FundedPlayer, act: str, status: str) -> None:
    accepted(bet(player, bet_id="T-1"))

    done(act, "T-1")

    assert state() == (status, "NONE", 1000, 1)
    assert sound()


def test_a_ticket_is_opened_again_and_released(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))

    done("reopen", "T-1")
    assert state() == ("OPEN", "NONE", 0, 2)
    done("release", "T-1")

    assert state() == ("SETTLED", "WIN", 2500, 3)
    assert sound()


def test_a_market_is_settled_for_those_who_come_later_too(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    market = {"provider": "manual", "event": "E-1", "market": "1"}

    batch = done("market_settle", market=market | {"outcomes": {"X": {"result": "win"}}})
    accepted(bet(player, bet_id="T-2"))
    drain()

    assert (state("T-1"), state("T-2")) == (("SETTLED", "WIN", 2500, 1),) * 2
    done("undo", undoes=batch.pk)
    assert (state("T-1"), state("T-2")) == (("OPEN", "NONE", 0, 2),) * 2
    assert sound()


def test_an_event_is_voided_for_a_window_and_opened_again(player: FundedPlayer) -> None:
    accepted(
        bet(player, bet_id="early", placed_at="2026-11-20T10:00:00Z"),
        bet(player, bet_id="late", placed_at="2026-11-20T11:00:00Z"),
    )
    event = {"provider": "manual", "event": "E-1", "accepted_from": "2026-11-20T10:30:00Z"}

    batch = done("market_void", market=event)
    accepted(
        bet(player, {"event": "E-1", "market": "9", "outcome": "Y", "price": "3.00"},
            bet_id="later", placed_at="2026-11-20T12:00:00Z"),
    )  # fmt: skip

    drain()

    assert state("early")[0] == "OPEN"
    assert state("late") == ("SETTLED", "REFUND", 1000, 1)
    assert state("later") == ("SETTLED", "REFUND", 1000, 1)
    done("undo", undoes=batch.pk)
    assert state("later")[0] == state("late")[0] == "OPEN"
    assert sound()


def test_above_the_limit_another_person_agrees_and_then_it_is_done(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 1000)
    accepted(bet(player, bet_id="T-1"))

    shown = previewed("settle", "T-1", each={"result": "win"})
    batch = confirmed(shown)
    assert shown.asks == ("The act moves 25.00 EUR; alone you move at most 10.00 EUR.")
    assert (batch.state, state()) == ("WAITING", ("OPEN", "NONE", 0, 0))
    with pytest.raises(SameHands):
        services.accept(batch_id=batch.pk, actor=OLGA, note="Mine.")
    services.accept(batch_id=batch.pk, actor=SAM, note="Looked at the replay.")

    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert SettlementEvent.objects.get().actor == "user:olga"
    assert list(Approval.objects.order_by("id").values_list("step", "maker", "checker")) == [
        ("ASKED", "user:olga", ""),
        ("ACCEPTED", "user:olga", "user:sam"),
    ]
    with pytest.raises(NotWaiting):
        services.accept(batch_id=batch.pk, actor=SAM, note="Again.")
    assert sound()


def test_an_act_whose_tickets_changed_goes_back_to_its_maker(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 1000)
    accepted(bet(player, bet_id="T-1"))
    batch = done("settle", "T-1", each={"result": "win"})
    tell(said(outcomes={"X": LOST}))

    returned = services.accept(batch_id=batch.pk, actor=SAM, note="Fine.")

    assert (returned.state, state()) == ("RETURNED", ("SETTLED", "LOSE", 0, 1))
    step = Approval.objects.order_by("id").last()
    assert step is not None
    assert step.step == "RETURNED"
    assert "T-1 was settled by feed:sportradar" in step.note


def test_refused_and_withdrawn_acts_do_nothing(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    one = done("settle", "T-1", each={"result": "win"})
    other = done("settle", "T-1", each={"result": "refund"})

    services.refuse(batch_id=one.pk, actor=SAM, note="It lost.")
    services.withdraw(batch_id=other.pk, actor=OLGA, note="Never mind.")

    assert set(Batch.objects.values_list("state", flat=True)) == {"REFUSED"}
    assert state() == ("OPEN", "NONE", 0, 0)


def test_a_leg_that_may_pay_later_counts_by_what_it_may_pay(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 1000)
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": LOST}))

    shown = previewed("resettle", "T-1", each={"legs": [{"position": 1, "result": "win"}]})

    assert [(one.difference, one.moved) for one in shown.seen] == [(0, 6250)]
    assert "The act moves 62.50 EUR" in shown.asks


def test_a_currency_without_a_limit_and_a_batch_above_its_size_ask(player: FundedPlayer) -> None:
    limit("Operator", None, 1)
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))

    assert previewed("void", "T-1", "T-2").asks == (
        "The act is on 2 tickets; alone you act on at most 1."
    )
    nobody = Actor("user:root", frozenset(), EVERYTHING)
    assert previewed("void", "T-1", actor=nobody).asks == (
        "No limit is set for you at all: every act asks."
    )


def test_a_stale_preview_is_refused_and_says_who_came_first(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("settle", "T-1", each={"result": "win"})
    tell(said(outcomes={"X": LOST}))

    with pytest.raises(StalePreview, match="T-1 was settled by feed:sportradar at"):
        confirmed(shown)

    assert state() == ("SETTLED", "LOSE", 0, 1)
    assert not Batch.objects.exists()


def test_the_same_confirmation_twice_is_done_once(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("settle", "T-1", each={"result": "win"})

    first, second = confirmed(shown), confirmed(shown)

    assert first == second
    assert (Batch.objects.count(), state()) == (1, ("SETTLED", "WIN", 2500, 1))


def test_a_token_of_another_person_or_another_order_is_refused(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("settle", "T-1", each={"result": "win"})
    other = read_order(words("settle", "T-1", each={"result": "lose"}))

    with pytest.raises(StalePreview):
        services.act(order=shown.order, actor=SAM, token=shown.token)
    with pytest.raises(StalePreview):
        services.act(order=other, actor=OLGA, token=shown.token)
    with pytest.raises(StalePreview):
        services.act(order=other, actor=OLGA, token="made up")

    assert state() == ("OPEN", "NONE", 0, 0)


def test_a_batch_does_what_it_can_and_says_why_it_left_the_rest(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    done("settle", "T-2", each={"result": "win"})

    batch = done("settle", "T-1", "T-2", "T-9", each={"result": "win"})

    assert list(BatchLine.objects.filter(batch=batch).order_by("position").values_list(
        "bet_id", "state", "sentence", "difference")) == [
        ("T-1", "DONE", "", 2500),
        ("T-2", "SKIPPED",
         "It is settled as win with 25.00 EUR paid already: resettle it to change that.", 0),
        ("T-9", "SKIPPED", "There is no such ticket.", 0),
    ]  # fmt: skip
    assert sound()


@pytest.mark.parametrize(
    ("each", "sentence"),
    [
        ({"result": "mixed"}, "No ticket is settled as MIXED"),
        ({"result": "place_win"}, "It is no each-way bet"),
        ({"payout": "1.234"}, "more decimal places than EUR holds"),
        ({"payout": "-1"}, "less than nothing"),
        ({"payout": "many"}, "is not a number"),
        ({"legs": [{"position": 3, "result": "win"}]}, "It has no leg 3: it has 1."),
        ({"legs": [{"position": 1, "result": "win", "dead_heat": "2"}]}, "A dead heat can't be 2"),
        ({"legs": [{"position": 1, "place_result": "win"}]}, "has no place part"),
        ({"result": "win", "currency": "GBP"}, "The ticket is in EUR, not in GBP."),
    ],
)
def test_what_can_not_be_said_of_a_ticket_is_refused(
    player: FundedPlayer, each: dict[str, object], sentence: str
) -> None:
    accepted(bet(player, bet_id="T-1"))

    with pytest.raises(NothingToDo, match=sentence):
        done("settle", "T-1", each=each)

    assert state() == ("OPEN", "NONE", 0, 0)
    assert not TicketFact.objects.exists()


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (words("settle", "T-1", each={"result": "win"}) | {"note": " "}, "A note is required"),
        (words("settle", "T-1", each={"result": "win"}) | {"reason": "BORED"}, "reason"),
        (words("settle", "T-1"), "say its result, its legs or its payout"),
        (words("void", "T-1", each={"result": "win"}), "VOID has nothing to do with result"),
        (words("explode", "T-1"), "act: Invalid enum value"),
        (words("settle"), "SETTLE needs tickets"),
        (words("undo"), "UNDO needs undoes"),
        (words("void", "T-1") | {"undoes": 3}, "VOID has nothing to do with undoes"),
        (words("cash_out", "T-1"), "say what is paid"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(order: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadOrder, match=sentence):
        read_order(order)


def test_nothing_is_done_without_the_permission(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    support = Actor("user:sue", frozenset({"Support"}), frozenset())

    with pytest.raises(NotAllowed, match="sue may not do this"):
        previewed("void", "T-1", actor=support)

    assert state() == ("OPEN", "NONE", 0, 0)


def test_each_way_legs_follow_both_parts(player: FundedPlayer) -> None:
    accepted(bet(player, {"event": "E-1", "market": "1", "outcome": "X", "price": "5.00",
                          "place_fraction": "1/4"}, bet_id="T-1", each_way=True))  # fmt: skip

    done("settle", "T-1", each={"legs": [{"position": 1, "result": "place"}]})

    assert state() == ("SETTLED", "PLACE_WIN", 1000, 1)
    assert sound()


def test_a_held_correction_is_accepted_by_a_person(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    month = 31 * 24 * 3600 * 10_000_000
    tell(said(ticks=month + 2000, outcomes={"X": LOST}))
    review = Review.objects.get()
    assert (review.kind, state()[1]) == ("LATE_CORRECTION", "WIN")

    done("accept", reviews=[review.pk])

    review.refresh_from_db()
    assert (review.end, review.closed_by) == ("ACCEPTED", "user:olga")
    assert state() == ("SETTLED", "LOSE", 0, 2)
    event = SettlementEvent.objects.order_by("id").last()
    assert event is not None
    assert (event.source, event.actor, event.reason) == (
        "SPORTRADAR", "user:olga", "PROVIDER_DOWN",
    )  # fmt: skip
    assert sound()
    with pytest.raises(ActRefused, match="is closed already, by olga"):
        previewed("accept", reviews=[review.pk])


def test_to_keep_what_stands_is_an_act_that_closes_the_review(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    tell(said(ticks=31 * 24 * 3600 * 10_000_000 + 2000, outcomes={"X": LOST}))

    with pytest.raises(BadOrder, match="can't be dismissed"):
        previewed("dismiss", reviews=[Review.objects.get().pk])
    done("resettle", "T-1", each={"result": "win"})

    assert Review.objects.get().end == "BY_ITSELF"
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert sound()


def test_void_is_void_whatever_was_decided(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": VOID}))

    with pytest.raises(NothingToDo, match="Nothing would change"):
        previewed("void", "T-1")


def test_two_confirmed_results_are_asked_about_and_the_later_is_in_force(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}, certainty=2))
    tell(said(ticks=2000, outcomes={"X": LOST}, certainty=2))

    review = Review.objects.get()
    assert (review.kind, review.subject) == ("TWO_CONFIRMED", f"market:{review.market_id}")
    assert review.sentence == (
        "The provider has confirmed two results of outcome X: won, then lost. "
        "The later one is in force."
    )
    assert state()[1] == "LOSE"


def test_a_feed_that_contradicts_an_act_on_a_market_is_asked_about_once(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    market = {"provider": "manual", "event": "E-1", "market": "1"}
    batch = done("market_settle", market=market | {"outcomes": {"X": {"result": "win"}}})

    tell(said(outcomes={"X": LOST}))

    review = Review.objects.get()
    assert review.kind == "ACT_AGAINST_FEED"
    assert review.sentence == (
        "Since olga settled it by hand, Sportradar says: outcome X lost. "
        "The act stands until it is taken back."
    )
    assert state("T-1") == ("SETTLED", "WIN", 2500, 1)
    done("undo", undoes=batch.pk)
    review.refresh_from_db()
    assert (review.end, state("T-1")) == ("BY_ITSELF", ("SETTLED", "LOSE", 0, 2))
    assert sound()


def test_tickets_that_are_open_for_too_long_are_asked_about_once(player: FundedPlayer) -> None:
    accepted(
        bet(player, selection(start_at="2026-01-01T10:00:00Z"), bet_id="old",
            placed_at="2026-01-01T09:00:00Z"),
        bet(player, selection(2, start_at="2099-01-01T10:00:00Z"), bet_id="to come"),
    )  # fmt: skip

    assert (ask_about_stale_tickets(hours=24), ask_about_stale_tickets(hours=24)) == (1, 0)

    review = Review.objects.get()
    assert review.ticket is not None
    assert (review.ticket.bet_id, review.amount, review.kind) == ("old", 1000, "STALE_OPEN")
    assert "its last event began on 2026-01-01 10:00 UTC" in review.sentence
    done("void", "old")
    review.refresh_from_db()
    assert review.end == "BY_ITSELF"
