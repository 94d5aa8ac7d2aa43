"""Acts on markets and events at the desk."""

from collections.abc import Callable

import pytest
from django.test import Client

from settlement.acts import services
from settlement.models import Batch, Ticket
from tests.backoffice.desk_acts import (
    ACTS,
    WHY,
    asked,
    done,
    last,
)
from tests.factories import FundedPlayer
from tests.settlement.settling import state

Desk = Callable[[str], Client]
APPROVALS = "/admin/settlement/approval/"
REVIEWS = "/admin/settlement/review/"
LIMITS = "/admin/settlement/actlimit/"


def test_a_market_is_found_by_its_event_and_settled(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")
    page = client.get(f"{ACTS}markets/?event=E-1").content.decode()
    market = Ticket.objects.get().selections.get().outcome.market_id
    outcome = Ticket.objects.get().selections.get().outcome_id
    assert f"{ACTS}market/{market}/settle/" in page

    words = {f"outcome-{outcome}-result": "WIN"}
    shown = done(client, f"{ACTS}market/{market}/settle/", **words)

    assert "Outcome X: win." in shown
    services.finish(batch=last())
    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_time_of_an_event_is_void_and_opened_again(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")
    event = Ticket.objects.get().selections.get().outcome.market.event_id

    words = {"accepted_from": "2026-11-20T09:00", "accepted_to": "2026-11-20T11:00:00"}
    done(client, f"{ACTS}event/{event}/void/", **words)
    services.finish(batch=last())

    assert state() == ("SETTLED", "REFUND", 1000, 1)
    done(client, f"{ACTS}{last().pk}/reverse/")
    services.finish(batch=last())
    assert state() == ("OPEN", "NONE", 0, 2)


@pytest.mark.parametrize(
    ("word", "words", "told"),
    [
        ("settle", {}, "Say how its outcomes ended."),
        ("deduct", {"percent": "101"}, "Rule 4 can't be 101."),
        ("void", {"accepted_from": "2026-11-20T09:00", "accepted_to": "2026-11-20T08:00"},
         "The window ends before it begins."),
        ("void", {"accepted_from": "yesterday"}, "Enter a valid date/time."),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_refused(
    single: FundedPlayer, desk: Desk, word: str, words: dict[str, str], told: str
) -> None:
    market = Ticket.objects.get().selections.get().outcome.market_id

    shown, _ = asked(desk("Senior"), f"{ACTS}market/{market}/{word}/", **words)

    assert told in shown
    assert not Batch.objects.exists()


@pytest.mark.parametrize("role", ["Support", "Operator", "Ops", "Auditor", "Admin"])
def test_others_do_not_act_on_markets(single: FundedPlayer, desk: Desk, role: str) -> None:
    client = desk(role)
    market = Ticket.objects.get().selections.get().outcome.market

    for word in ("settle", "void", "deduct", "reopen"):
        assert client.post(f"{ACTS}market/{market.pk}/{word}/", WHY).status_code == 403
        assert client.get(f"{ACTS}event/{market.event_id}/{word}/").status_code in (403, 404)
    assert not Batch.objects.exists()
