"""Acts by hand at the desk: shown before they are done, refused in sentences, taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from settlement.models import Batch
from tests.backoffice.desk_acts import (
    ACTS,
    WHY,
    act_page,
    asked,
    confirmed,
    done,
    last,
    read,
    sound,
    ticket_page,
)
from tests.factories import FundedPlayer
from tests.settlement.acting import limit, no_limits
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, WON, said, state, tell

Desk = Callable[[str], Client]
APPROVALS = "/admin/settlement/approval/"
REVIEWS = "/admin/settlement/review/"
LIMITS = "/admin/settlement/actlimit/"


def test_an_act_is_shown_first_and_done_when_confirmed(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Operator")

    shown, sent = asked(client, act_page("T-1", "settle"), result="WIN")

    assert "T-1 Open 0.00 EUR Settled: win 25.00 EUR +25.00 EUR" in shown
    assert "90.00 EUR +25.00 EUR 115.00 EUR" in shown
    assert state() == ("OPEN", "NONE", 0, 0)

    after = confirmed(client, act_page("T-1", "settle"), sent)

    assert f"Act {last().pk} (settle) is done: 1 changed." in after
    assert "its word stands" in after
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert single.balance == "115.00"
    assert sound()


def test_a_confirmation_sent_twice_does_it_once(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Operator")
    _, sent = asked(client, act_page("T-1", "settle"), result="WIN")

    for _ in range(2):
        confirmed(client, act_page("T-1", "settle"), sent)

    assert Batch.objects.count() == 1
    assert single.balance == "115.00"


@pytest.mark.parametrize(
    ("word", "words", "after"),
    [
        ("settle", {"result": "LOSE"}, ("SETTLED", "LOSE", 0, 1)),
        ("settle-legs", {"leg-1-result": "HALF_WIN"}, ("SETTLED", "HALF_WIN", 1750, 1)),
        ("settle-legs", {"leg-1-result": "WIN", "leg-1-rule4": "10"}, ("SETTLED", "WIN", 2350, 1)),
        ("settle-amount", {"payout": "12.50", "result": ""}, ("SETTLED", "MIXED", 1250, 1)),
        ("void", {}, ("SETTLED", "REFUND", 1000, 1)),
        ("cash-out", {"amount": "7.00", "stake": ""}, ("SETTLED", "CASH_OUT", 700, 1)),
        ("cash-out", {"amount": "3.00", "stake": "4"}, ("OPEN", "NONE", 300, 1)),
        ("cancel", {}, ("CANCELLED", "NONE", 1000, 1)),
        ("reject", {}, ("REJECTED", "NONE", 1000, 1)),
    ],
)
def test_every_act_on_an_open_ticket_has_its_page(
    single: FundedPlayer, desk: Desk, word: str, words: dict[str, str], after: Any
) -> None:
    done(desk("Senior"), act_page("T-1", word), **words)

    assert state() == after
    assert sound()


@pytest.mark.parametrize(
    ("word", "words", "after"),
    [
        ("resettle", {"result": "LOSE"}, ("SETTLED", "LOSE", 0, 2)),
        ("resettle-legs", {"leg-1-result": "VOID"}, ("SETTLED", "REFUND", 1000, 2)),
        ("resettle-amount", {"payout": "30.00", "result": "WIN"}, ("SETTLED", "WIN", 3000, 2)),
        ("reopen", {}, ("OPEN", "NONE", 0, 2)),
    ],
)
def test_every_act_on_a_settled_ticket_has_its_page(
    single: FundedPlayer, desk: Desk, word: str, words: dict[str, str], after: Any
) -> None:
    tell(said(outcomes={"X": WON}))

    done(desk("Senior"), act_page("T-1", word), **words)

    assert state() == after
    assert sound()


def test_one_leg_of_five_is_voided(player: FundedPlayer, desk: Desk) -> None:
    no_limits()
    accepted(bet(player, *legs(5), bet_id="T-1", kind="accumulator"))
    client = desk("Operator")

    shown, sent = asked(client, act_page("T-1", "void-legs"), **{"leg-2-void": "on"})

    assert "Leg 2: open → void." in shown
    confirmed(client, act_page("T-1", "void-legs"), sent)
    tell(*[said(outcomes={"X": WON}, event=f"E-{number}") for number in (1, 3, 4, 5)])
    assert state() == ("SETTLED", "MIXED", 39063, 1)


@pytest.mark.parametrize(
    ("word", "words", "told"),
    [
        ("settle", {"result": "WIN", "note": " "}, "This field is required."),
        ("settle", {"result": "WIN", "reason": ""}, "This field is required."),
        ("settle", {"result": "MIXED"}, "Select a valid choice."),
        ("settle-legs", {}, "Say how one of the legs ended."),
        ("settle-legs", {"leg-1-dead_heat": "1/2"}, "T-1: Leg 1 has a dead heat, but no result."),
        (
            "settle-amount",
            {"payout": "1.005"},
            "“1.005” has more decimal places than EUR holds (2)",
        ),
        ("settle-amount", {"payout": "-1"}, "T-1: “-1” is less than nothing."),
        ("resettle", {"result": "WIN"}, "T-1: It is open: settle it."),
        ("reopen", {}, "T-1: It is open already."),
        ("cash-out", {"amount": "5", "stake": "11"}, "10.00 EUR of its stake are left, not 11."),
        ("release", {}, "T-1: No act holds it: its providers are heard."),
    ],
)
def test_a_refusal_is_a_sentence_on_the_form(
    single: FundedPlayer, desk: Desk, word: str, words: dict[str, str], told: str
) -> None:
    shown, sent = asked(desk("Senior"), act_page("T-1", word), **words)

    assert told in shown
    assert "token" not in sent
    assert state() == ("OPEN", "NONE", 0, 0)
    assert not Batch.objects.exists()


def test_a_preview_is_refused_when_something_came_in_between(
    single: FundedPlayer, desk: Desk
) -> None:
    client = desk("Operator")
    _, sent = asked(client, act_page("T-1", "void"))
    tell(said(outcomes={"X": LOST}))

    shown, again = asked(client, act_page("T-1", "void"), **sent)

    assert "Nothing was done. T-1 was settled by feed:sportradar at" in shown
    assert "Look again, then confirm." in shown
    assert "Settled: lose 0.00 EUR Settled: refund 10.00 EUR +10.00 EUR" in shown
    assert state() == ("SETTLED", "LOSE", 0, 1)
    confirmed(client, act_page("T-1", "void"), again)
    assert state() == ("SETTLED", "REFUND", 1000, 2)


def test_a_form_that_was_changed_after_its_preview_is_shown_anew(
    single: FundedPlayer, desk: Desk
) -> None:
    client = desk("Operator")
    _, sent = asked(client, act_page("T-1", "settle"), result="WIN")

    shown, _ = asked(client, act_page("T-1", "settle"), **sent | {"result": "LOSE"})

    assert "Nothing was done. What the act would do has changed since you looked." in shown
    assert state() == ("OPEN", "NONE", 0, 0)


def test_the_form_can_be_changed_before_it_is_confirmed(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Operator")
    _, sent = asked(client, act_page("T-1", "settle"), result="WIN")

    shown, carried = asked(client, act_page("T-1", "settle"), **sent | {"edit": "1"})

    assert "token" not in carried
    assert "He does not answer." in shown


def test_who_goes_below_zero_is_said(single: FundedPlayer, desk: Desk) -> None:
    tell(said(outcomes={"X": WON}))
    single.post("-110.00")

    shown, _ = asked(desk("Operator"), act_page("T-1", "resettle"), result="LOSE")

    assert "1 player goes below zero." in shown
    assert "5.00 EUR -25.00 EUR −20.00 EUR ▼ goes below zero" in shown.replace("−25", "-25")


WORDS = (
    "settle", "settle-legs", "settle-amount", "resettle", "resettle-legs", "resettle-amount",
    "void", "void-legs", "reopen", "cash-out", "cancel", "reject", "release",
)  # fmt: skip


@pytest.mark.parametrize("role", ["Support", "Ops", "Auditor", "Admin"])
def test_who_may_not_act_sees_no_button_and_gets_403(
    single: FundedPlayer, desk: Desk, role: str
) -> None:
    client = desk(role)

    for word in WORDS:
        assert client.get(act_page("T-1", word)).status_code == 403
        assert client.post(act_page("T-1", word), {**WHY, "result": "WIN"}).status_code == 403
    if role != "Admin":
        assert "/act/" not in client.get(ticket_page("T-1")).content.decode()
    assert state() == ("OPEN", "NONE", 0, 0)


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("Operator", {"settle", "settle-legs", "void", "cash-out"}),
        ("Senior", {"settle", "settle-legs", "settle-amount", "void", "cash-out", "cancel",
                    "reject"}),
    ],
)  # fmt: skip
def test_the_page_offers_what_one_may_do_on_the_ticket_as_it_stands(
    single: FundedPlayer, desk: Desk, role: str, offered: set[str]
) -> None:
    page = desk(role).get(ticket_page("T-1")).content.decode()

    assert {word for word in WORDS if f"/act/{word}/" in page} == offered


def test_unknown_tickets_and_acts_are_not_found(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")

    for address in ("/admin/settlement/ticket/999/act/settle/", act_page("T-1", "undo")):
        assert client.get(address).status_code == 404


def test_an_act_is_taken_back_from_the_ticket(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Operator")
    done(client, act_page("T-1", "settle"), result="WIN")
    batch = last()
    assert f"{ACTS}{batch.pk}/reverse/" in client.get(ticket_page("T-1")).content.decode()

    shown = done(client, f"{ACTS}{batch.pk}/reverse/")

    assert f"Takes back act {batch.pk}" in shown
    assert state() == ("OPEN", "NONE", 0, 2)
    assert single.balance == "90.00"
    again, _ = asked(client, f"{ACTS}{batch.pk}/reverse/")
    assert "It was taken back already." in again
    assert "Take back…" not in read(client, ticket_page("T-1"))
    assert sound()


def test_the_first_page_says_how_much_waits(single: FundedPlayer, desk: Desk) -> None:
    limit("Operator", "EUR", 0)
    done(desk("Operator"), act_page("T-1", "settle"), result="WIN")

    assert "Approvals waiting for you 1" in read(desk("Senior"), "/admin/")
