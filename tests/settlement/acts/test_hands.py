"""Who may do and agree to what, when rights change in between."""

from typing import Any

import pytest

from backoffice import truths
from backoffice.acting import actor_for
from backoffice.models import User
from settlement.acts import services
from settlement.acts.actors import Actor
from settlement.models import Batch, Review
from settlement.orders import ActRefused
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
)
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, WON, said, state, tell


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> None:
    no_limits()


def test_a_limit_lowered_between_preview_and_act_asks(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("settle", "T-1", each={"result": "win"})
    limit("Operator", "EUR", 0)
    assert confirmed(shown).state == "WAITING"


def test_a_permission_lost_between_preview_and_act_refuses(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("settle", "T-1", each={"result": "win"})
    with pytest.raises(ActRefused):
        confirmed(shown, Actor("user:olga", frozenset(), frozenset()))


def test_a_checker_without_the_acts_permission_is_refused(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    batch = done("settle", "T-1", each={"payout": "5.00"})
    for missing in ("settle_ticket", "settle_by_amount", "approve_act"):
        eve = Actor("user:eve", frozenset({"Senior"}), EVERYTHING - {missing})
        with pytest.raises(ActRefused):
            services.accept(batch_id=batch.pk, actor=eve, note="x")


def test_a_checker_who_may_not_resettle_does_not_agree_to_a_void_of_what_is_settled(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    limit("Operator", "EUR", 0)
    batch = done("void", "T-1")
    eve = Actor("user:eve", frozenset({"Senior"}), EVERYTHING - {"resettle_ticket"})
    with pytest.raises(ActRefused):
        services.accept(batch_id=batch.pk, actor=eve, note="x")


def test_an_act_of_somebody_who_has_left_is_not_agreed_to(player: FundedPlayer, user: Any) -> None:
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    olga: User = user("Operator")
    batch = done("settle", "T-1", each={"result": "win"}, actor=actor_for(olga))
    User.objects.filter(pk=olga.pk).update(is_active=False)
    olga.groups.clear()

    try:
        services.accept(batch_id=batch.pk, actor=SAM, note="x")
    except ActRefused:
        pass

    assert state() == ("OPEN", "NONE", 0, 0)


def test_an_act_above_the_checkers_own_limit_needs_somebody_higher(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 0)
    limit("Senior", "EUR", 100)
    accepted(bet(player, bet_id="T-1"))
    batch = done("settle", "T-1", each={"result": "win"})
    with pytest.raises(ActRefused):
        services.accept(batch_id=batch.pk, actor=SAM, note="x")


def test_a_superuser_without_a_limit_asks(player: FundedPlayer, user: Any) -> None:
    boss: User = user("Admin")
    boss.is_superuser = True
    boss.save()
    accepted(bet(player, bet_id="T-1"))
    batch = done(
        "settle", "T-1", each={"result": "win"}, actor=actor_for(User.objects.get(pk=boss.pk))
    )
    assert (batch.state, state()[0]) == ("WAITING", "OPEN")


def test_a_renamed_maker_does_not_agree_to_his_own_act(player: FundedPlayer, user: Any) -> None:
    limit("Operator", "EUR", 0)
    limit("Senior", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    one: User = user("Senior")
    batch = done("settle", "T-1", each={"result": "win"}, actor=actor_for(one))
    one.username = "somebody-else"
    one.save()

    try:
        services.accept(batch_id=batch.pk, actor=actor_for(User.objects.get(pk=one.pk)), note="x")
    except ActRefused:
        pass

    assert state() == ("OPEN", "NONE", 0, 0)


def test_two_users_whose_names_differ_by_case_cannot_both_be(user: Any) -> None:
    one: User = user("Senior")
    one.username = "tom"
    one.save()
    with pytest.raises(Exception):
        User.objects.create(username="Tom")


def test_a_review_that_closed_meanwhile_sends_the_act_back(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    tell(said(ticks=31 * 24 * 3600 * 10_000_000 + 2000, outcomes={"X": LOST}))
    limit("Operator", "EUR", 0)
    batch = done("accept", reviews=[Review.objects.get().pk])
    tell(said(ticks=31 * 24 * 3600 * 10_000_000 + 3000, outcomes={"X": WON}))

    try:
        services.accept(batch_id=batch.pk, actor=SAM, note="x")
    except ActRefused as error:
        print(type(error), error)
    batch.refresh_from_db()
    assert batch.state == "RETURNED"


def test_an_undo_agreed_to_after_somebody_else_undid_it_goes_back(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    market = {"provider": "manual", "event": "E-1", "market": "1"}
    one = done("market_settle", market=market | {"outcomes": {"X": {"result": "win"}}})
    limit("Operator", "EUR", 0)
    asked = done("undo", undoes=one.pk)
    done("undo", undoes=one.pk, actor=SAM)
    try:
        services.accept(batch_id=asked.pk, actor=SAM, note="x")
    except ActRefused as error:
        print(type(error), error)
    asked.refresh_from_db()
    assert asked.state == "RETURNED"


def test_a_market_settled_by_hand_pays_later_bets_within_the_limit_only(
    player: FundedPlayer,
) -> None:
    limit("Senior", "EUR", 3000)
    accepted(bet(player, bet_id="T-1"))
    market = {"provider": "manual", "event": "E-1", "market": "1"}
    done("market_settle", market=market | {"outcomes": {"X": {"result": "win"}}}, actor=SAM)
    from settlement.services import drain

    rich = FundedPlayer.create("10000.00")
    accepted(bet(rich, bet_id="T-2", stake="5000.00"))
    drain()
    assert state("T-2")[0] == "OPEN"


def test_many_acts_of_one_maker_count_together(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 2500)
    accepted(*[bet(player, bet_id=f"T-{n}") for n in range(5)])
    states = [done("settle", f"T-{n}", each={"result": "win"}).state for n in range(5)]
    assert "WAITING" in states
