"""Rule sets at the desk: read by all, added by Admin for bets to come, never changed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from settlement.models import RuleSet

Desk = Callable[[str], Client]
LIST = "/admin/settlement/ruleset/"
NEW = f"{LIST}new/"


def form(client: Client, **changed: str) -> dict[str, str]:
    """Return the form as it is shown, with some fields changed."""
    shown = client.get(NEW).context["form"]
    given = {name: str(shown[name].value() or "") for name in shown.fields}
    return given | {"note": "New terms"} | changed


def preview(client: Client, given: dict[str, str]) -> Any:
    """Send the form."""
    return client.post(NEW, given)


def text_of(response: Any) -> str:
    """Return a page's text."""
    return unescape(response.content.decode())


def test_an_admin_puts_new_rules_in_force(desk: Desk) -> None:
    client = desk("Admin")
    given = form(client, **{"rounding.mode": "DOWN", "cap.amount": "EUR 500000\nJPY=80000000"})

    shown = preview(client, given)
    done = client.post(NEW, given | {"token": shown.context["token"]}, follow=True)

    assert shown.context["changes"] == [
        ("Rounding", "half up", "down"),
        ("The most one bet pays", "none", "EUR 500000, JPY 80000000"),
    ]
    assert "is in force from" in text_of(done)
    added = RuleSet.objects.latest("id")
    assert added.settings["rounding"]["mode"] == "DOWN"
    assert added.settings["cap"]["amount"] == {"EUR": "500000", "JPY": "80000000"}
    assert added.actor.startswith("user:")


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor"])
def test_the_others_read_them_and_add_none(desk: Desk, role: str) -> None:
    client, first = desk(role), RuleSet.objects.get()

    assert "The defaults" in text_of(client.get(LIST))
    assert "win to win, place to place" in text_of(client.get(f"{LIST}{first.pk}/change/"))
    assert "New rules…" not in text_of(client.get(LIST))
    assert client.get(NEW).status_code == client.post(NEW, {}).status_code == 403
    assert RuleSet.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cap.amount": "EUR many"}, "cap.amount: “many” is not a number"),
        ({"cap.amount": "EUR 0"}, "cap.amount must be above zero."),
        ({"rule4.cap": "101"}, "rule4.cap must be 0 to 100."),
        ({"bonus.accumulator": "many 5"}, "bonus.accumulator: “many” is not a number of legs."),
        ({"in_force_from": "soon"}, "Write a day and an hour"),
        ({"note": ""}, "This field is required."),
        ({"rounding.mode": "UP"}, "is not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, changed: dict[str, str], said: str) -> None:
    client = desk("Admin")

    assert said in text_of(preview(client, form(client, **changed)))
    assert RuleSet.objects.count() == 1


def test_rules_never_reach_back(desk: Desk) -> None:
    client = desk("Admin")
    past = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    given = form(client, **{"rounding.mode": "DOWN", "in_force_from": past})

    token = preview(client, given).context["token"]
    answered = client.post(NEW, given | {"token": token})

    assert "New rules begin at least a minute from now; none reach back." in text_of(answered)
    assert RuleSet.objects.count() == 1


def test_nothing_is_added_without_its_own_preview(desk: Desk) -> None:
    client = desk("Admin")
    given = form(client, **{"rounding.mode": "DOWN"})
    token = preview(client, given).context["token"]

    for odd in (
        given | {"token": "forged"},
        given | {"token": token, "rounding.mode": "HALF_EVEN"},
    ):
        assert "Look again" in text_of(client.post(NEW, odd))

    assert RuleSet.objects.count() == 1


def test_rules_that_change_nothing_can_not_be_added(desk: Desk) -> None:
    client = desk("Admin")
    given = form(client)

    shown = preview(client, given)
    client.post(NEW, given | {"token": shown.context["token"]})

    assert "Nothing changes" in text_of(shown)
    assert RuleSet.objects.count() == 1


def test_a_rule_set_has_no_form_to_change_it(admin_client: Client) -> None:
    first = RuleSet.objects.get()

    admin_client.post(f"{LIST}{first.pk}/change/", {"note": "other"})

    assert admin_client.post(f"{LIST}{first.pk}/delete/", {"post": "yes"}).status_code == 403
    assert RuleSet.objects.get().note == "The defaults"


@pytest.mark.parametrize("at", ["1960-01-01T00:00", "0001-01-01T00:00", "2020-01-01T00:00+05:00"])
def test_a_date_long_gone_is_refused_and_no_error(desk: Desk, at: str) -> None:
    client = desk("Admin")
    given = form(client, **{"rounding.mode": "DOWN", "in_force_from": at})

    shown = preview(client, given)
    answered = client.post(NEW, given | {"token": (shown.context or {}).get("token", "")})

    assert (shown.status_code, answered.status_code) == (200, 200)
    assert RuleSet.objects.count() == 1
