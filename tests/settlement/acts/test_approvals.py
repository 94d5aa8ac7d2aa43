"""Who may do and agree to what, when rights, names or tickets change in between."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.acting import actor_for
from backoffice.models import User
from settlement.acts import services
from settlement.acts.actors import Actor, NotAllowed
from settlement.acts.tokens import StalePreview
from settlement.models import Approval, Review
from tests.factories import FundedPlayer
from tests.settlement.acting import (
    EVERYTHING,
    SAM,
    confirmed,
    done,
    limit,
    no_limits,
    previewed,
)
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, WON, said, state, tell

MONTH = 31 * 24 * 3600 * 10_000_000
WON_BY_HAND = {
    "provider": "manual", "event": "E-1", "market": "1", "outcomes": {"X": {"result": "win"}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> None:
    no_limits()


def eve(*missing: str) -> Actor:
    """Return a senior who lacks some permissions."""
    return Actor("user:eve", frozenset({"Senior"}), EVERYTHING - set(missing))


def test_a_limit_lowered_after_the_preview_asks(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("settle", "T-1", each={"result": "win"})
    limit("Operator", "EUR", 0)

    assert confirmed(shown).state == "WAITING"

    assert state() == ("OPEN", "NONE", 0, 0)


def test_a_permission_lost_after_the_preview_refuses(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("settle", "T-1", each={"result": "win"})

    with pytest.raises(NotAllowed, match=r"“settlement\.settle_ticket” is missing"):
        confirmed(shown, Actor("user:olga", frozenset(), frozenset()))

    assert state() == ("OPEN", "NONE", 0, 0)


def test_a_preview_of_a_leg_is_stale_when_another_act_spoke_of_it(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    shown = previewed("settle", "T-1", each={"legs": [{"position": 1, "result": "win"}]})
    done("void", "T-1", each={"legs": [{"position": 1}]})

    with pytest.raises(StalePreview, match="Look again"):
        confirmed(shown)

    assert state() == ("OPEN", "NONE", 0, 0)


@pytest.mark.parametrize("missing", ["settle_ticket", "settle_by_amount", "approve_act"])
def test_a_checker_needs_the_permissions_of_the_act(player: FundedPlayer, missing: str) -> None:
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    batch = done("settle", "T-1", each={"payout": "5.00"})

    with pytest.raises(NotAllowed, match=f"“settlement.{missing}” is missing"):
        services.accept(batch_id=batch.pk, actor=eve(missing), note="Seen.")

    batch.refresh_from_db()
    assert (batch.state, state()) == ("WAITING", ("OPEN", "NONE", 0, 0))


def test_a_checker_who_may_not_resettle_does_not_agree_to_a_void_of_what_is_settled(
    player: FundedPlayer,
) -> None:
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    batch = done("void", "T-1")

    with pytest.raises(NotAllowed, match=r"“settlement\.resettle_ticket” is missing"):
        services.accept(batch_id=batch.pk, actor=eve("resettle_ticket"), note="Seen.")

    batch.refresh_from_db()
    assert (batch.state, state()) == ("WAITING", ("SETTLED", "WIN", 2500, 1))


def test_a_checkers_own_limit_is_not_looked_at(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 0)
    limit("Senior", "EUR", 100)
    accepted(bet(player, bet_id="T-1"))
    batch = done("settle", "T-1", each={"result": "win"})

    services.accept(batch_id=batch.pk, actor=SAM, note="Seen.")

    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_an_act_of_somebody_who_has_left_goes_back(player: FundedPlayer, user: Any) -> None:
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    maker: User = user("Operator")
    batch = done("settle", "T-1", each={"result": "win"}, actor=actor_for(maker))
    User.objects.filter(pk=maker.pk).update(is_active=False)

    services.accept(batch_id=batch.pk, actor=SAM, note="Seen.")

    batch.refresh_from_db()
    assert (batch.state, state()) == ("RETURNED", ("OPEN", "NONE", 0, 0))
    assert "“settlement.settle_ticket” is missing" in Approval.objects.get(step="RETURNED").note


def test_a_superuser_without_a_limit_asks(player: FundedPlayer, user: Any) -> None:
    boss: User = user("Admin")
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    accepted(bet(player, bet_id="T-1"))

    actor = actor_for(User.objects.get(pk=boss.pk))
    batch = done("settle", "T-1", each={"result": "win"}, actor=actor)

    assert (batch.state, state()) == ("WAITING", ("OPEN", "NONE", 0, 0))


def test_a_renamed_maker_does_not_agree_to_his_own_act(player: FundedPlayer, user: Any) -> None:
    limit("Senior", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    maker: User = user("Senior")
    batch = done("settle", "T-1", each={"result": "win"}, actor=actor_for(maker))
    User.objects.filter(pk=maker.pk).update(username="somebody-else")

    checker = actor_for(User.objects.get(pk=maker.pk))
    services.accept(batch_id=batch.pk, actor=checker, note="Seen.")

    batch.refresh_from_db()
    assert (batch.state, state()) == ("RETURNED", ("OPEN", "NONE", 0, 0))


def test_two_users_whose_names_differ_by_case_only_can_not_be(user: Any) -> None:
    User.objects.filter(pk=user("Senior").pk).update(username="tom")

    with pytest.raises(IntegrityError, match="user_has_a_name_of_his_own"), transaction.atomic():
        User.objects.create(username="Tom")

    assert list(User.objects.values_list("username", flat=True)) == ["tom"]


def test_an_act_on_a_review_that_closed_meanwhile_goes_back(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}))
    limit("Operator", "EUR", 0)
    review = Review.objects.get()
    batch = done("accept", reviews=[review.pk])
    tell(said(ticks=MONTH + 3000, outcomes={"X": WON}))

    services.accept(batch_id=batch.pk, actor=SAM, note="Seen.")

    batch.refresh_from_db()
    assert (batch.state, state()) == ("RETURNED", ("SETTLED", "WIN", 2500, 1))
    assert Approval.objects.get(step="RETURNED").note == (
        f"Review {review.pk} is closed already, by system:settlement."
    )


def test_an_undo_agreed_to_after_somebody_else_undid_the_act_goes_back(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"))
    one = done("market_settle", market=WON_BY_HAND)
    limit("Operator", "EUR", 0)
    asked = done("undo", undoes=one.pk)
    done("undo", undoes=one.pk, actor=SAM)

    services.accept(batch_id=asked.pk, actor=SAM, note="Seen.")

    asked.refresh_from_db()
    assert (asked.state, state()) == ("RETURNED", ("OPEN", "NONE", 0, 2))
    assert Approval.objects.get(step="RETURNED").note == f"Act {one.pk} was taken back already."
