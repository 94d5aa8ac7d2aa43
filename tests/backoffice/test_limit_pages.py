"""Up to what a role acts alone: set by Admins, never changed."""

from collections.abc import Callable

import pytest
from django.test import Client

from settlement.models import ActLimit
from tests.backoffice.desk_acts import asked, read
from tests.settlement.acting import limit

Desk = Callable[[str], Client]
LIMITS = "/admin/settlement/actlimit/"


def test_an_admin_sets_a_limit_which_is_in_force(desk: Desk) -> None:
    client = desk("Admin")
    limit("Operator", "EUR", 500)

    answer = client.post(
        f"{LIMITS}new/", {"role": "Operator", "currency": "EUR", "most": "1000.50"}, follow=True
    )

    assert answer.status_code == 200
    newest = ActLimit.objects.order_by("-id")[0]
    assert (newest.role, newest.currency_id, newest.most) == ("Operator", "EUR", 100050)
    assert newest.actor.startswith("user:")
    page = read(client, LIMITS)
    assert "Operator EUR 1,000.50 ✓ in force" in page
    assert "Operator EUR 5.00 earlier" in page


@pytest.mark.parametrize(
    ("currency", "most", "told"),
    [
        ("EUR", "1.005", "has more decimal places than EUR holds"),
        ("EUR", "-1", "A limit is not less than nothing."),
        ("", "1.5", "“1.5” is not a number of tickets."),
        ("EURO", "1", "Select a valid choice."),
    ],
)
def test_what_is_no_limit_is_refused(desk: Desk, currency: str, most: str, told: str) -> None:
    before = ActLimit.objects.count()

    shown, _ = asked(desk("Admin"), f"{LIMITS}new/", role="Operator", currency=currency, most=most)

    assert told in shown
    assert ActLimit.objects.count() == before


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor"])
def test_others_read_limits_and_set_none(desk: Desk, role: str) -> None:
    client = desk(role)

    assert client.get(LIMITS).status_code == 200
    sent = {"role": role, "currency": "", "most": "1000"}
    assert client.post(f"{LIMITS}new/", sent).status_code == 403


def test_no_limit_is_changed_or_deleted(desk: Desk, admin_client: Client) -> None:
    limit("Operator", "EUR", 500)
    pk = ActLimit.objects.order_by("-id")[0].pk

    admin_client.post(f"{LIMITS}{pk}/change/", {"most": "1"})
    assert admin_client.post(f"{LIMITS}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert ActLimit.objects.get(pk=pk).most == 500
