"""Through the acts by hand as people go: shown, done, agreed to by another, refused, taken back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from backoffice import truths
from backoffice.acting import actor_for
from backoffice.models import User
from settlement.acts import services
from settlement.models import Batch, Ticket
from settlement.orders import read_order
from tests.factories import FundedPlayer, UserFactory
from tests.journeys import browser
from tests.settlement.acting import limit
from tests.settlement.asked import accepted, bet, legs, selection
from tests.settlement.settling import WON, said, state, tell

PEOPLE = {"olga": "Operator", "sam": "Senior", "sue": "Support"}


@pytest.fixture
def player(own_database: str) -> FundedPlayer:
    """Somebody with 100.00 EUR, a single, a five-fold and three bets with Odds88."""
    browser.chromium()
    found = FundedPlayer.create("100.00", external_id="P-JOURNEY")
    for name, role in PEOPLE.items():
        UserFactory.create(username=name, role=role)
        limit(role, "EUR", 100_000)
        limit(role, None, 10)
    accepted(
        bet(found, bet_id="T-1"),
        bet(found, *legs(5), bet_id="FIVE", kind="accumulator"),
        *[bet(found, selection(9), bet_id=f"O-{one}", provider="odds88") for one in (1, 2, 3)],
    )
    return found


@pytest.fixture
def address(own_database: str, player: FundedPlayer) -> Iterator[str]:
    """A served desk. No feed, no worker and no broker runs."""
    with browser.desk(own_database) as found:
        yield found


def session(name: str) -> str:
    """Sign somebody in."""
    return browser.session_of(User.objects.get(username=name))


def open_ticket(page: Page, bet_id: str) -> None:
    """Find a ticket as people do."""
    page.goto("/admin/settlement/ticket/")
    page.get_by_placeholder("Bet ids, provider's").fill(bet_id)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=bet_id, exact=True).click()


def say_why(page: Page, reason: str, note: str) -> None:
    """Fill in why, and look at the preview."""
    page.get_by_label("Reason").select_option(label=reason)
    page.get_by_label("Note").fill(note)
    page.get_by_role("button", name="Preview").click()


def sound() -> bool:
    """Whether every truth holds."""
    return not [finding for finding in truths.check() if finding.rows]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_operator_settles_by_hand_while_the_provider_is_down(
    address: str, player: FundedPlayer, scripts: bool
) -> None:
    olga = session("olga")

    with browser.browser(address, session=olga, scripts=scripts) as page:
        open_ticket(page, "O-1")
        page.get_by_role("link", name="Settle by result…", exact=True).click()
        page.get_by_label("Result").select_option("WIN")
        say_why(page, "The provider is down", "Odds88 is silent since noon; result from the TV.")
        expect(page.get_by_text("You need another person")).to_have_count(0)
        expect(page.get_by_role("row", name="P-JOURNEY")).to_contain_text("75.00 EUR")
        page.get_by_role("button", name="Do it").click()
        expect(page.get_by_text("is done: 1 changed.")).to_be_visible()
        expect(page.get_by_text("Settled: paid 25.00 EUR.")).to_be_visible()

    assert state("O-1") == ("SETTLED", "WIN", 2500, 1)
    assert player.balance == "75.00"
    assert sound()


def test_one_leg_of_five_is_voided_and_the_rest_goes_on(address: str) -> None:
    olga = session("olga")

    with browser.browser(address, session=olga) as page:
        open_ticket(page, "FIVE")
        page.get_by_role("link", name="Void legs…").click()
        page.get_by_label("Leg 2: void").check()
        say_why(page, "Our rules say so", "The match was abandoned.")
        expect(page.get_by_text("Leg 2: open → void.")).to_be_visible()
        page.get_by_role("button", name="Do it").click()
        expect(page.get_by_text("is done: 1 changed.")).to_be_visible()

    assert state("FIVE") == ("OPEN", "NONE", 0, 0)
    tell(*[said(outcomes={"X": WON}, event=f"E-{number}") for number in (1, 3, 4, 5)])
    assert state("FIVE") == ("SETTLED", "MIXED", 39063, 1)
    assert sound()


def test_what_is_above_the_limit_is_done_when_a_senior_agrees(
    address: str, player: FundedPlayer
) -> None:
    limit("Operator", "EUR", 2000)
    tell(said(outcomes={"X": WON}))
    olga, sam = session("olga"), session("sam")

    with browser.browser(address, session=olga) as page:
        open_ticket(page, "T-1")
        page.get_by_role("link", name="Resettle by result…").click()
        page.get_by_label("Result").select_option("LOSE")
        say_why(page, "The provider is wrong", "The goal did not count.")
        expect(page.get_by_text("The act moves 25.00 EUR; alone you move at most")).to_be_visible()
        page.get_by_role("button", name="Ask for approval").click()
        expect(page.get_by_text("waits for another person.").first).to_be_visible()

    assert state("T-1") == ("SETTLED", "WIN", 2500, 1)
    with browser.browser(address, session=sam) as page:
        page.goto("/admin/")
        page.get_by_role("link", name="Approvals waiting for you").click()
        page.get_by_role("link", name="Look at it…").click()
        expect(page.get_by_role("row", name="T-1")).to_contain_text("Settled: lose")
        page.get_by_label("Why").fill("Seen on the replay.")
        page.get_by_role("button", name="Agree: do it").click()
        expect(page.get_by_text("sam agreed")).to_be_visible()

    assert state("T-1") == ("SETTLED", "LOSE", 0, 2)
    assert sound()


def test_a_preview_that_is_not_true_any_more_is_refused(address: str) -> None:
    olga, sam = session("olga"), session("sam")

    with browser.browser(address, session=olga) as page:
        open_ticket(page, "T-1")
        page.get_by_role("link", name="Void the bet…").click()
        say_why(page, "Customer care", "He asked before the start.")
        other = page.context.browser.new_context(base_url=address)  # type: ignore[union-attr]
        other.add_cookies([{"name": "sessionid", "value": sam, "url": address}])
        second = other.new_page()
        open_ticket(second, "T-1")
        second.get_by_role("link", name="Settle by result…", exact=True).click()
        second.get_by_label("Result").select_option("LOSE")
        say_why(second, "The provider is down", "It is over.")
        second.get_by_role("button", name="Do it").click()
        second.get_by_text("is done: 1 changed.").wait_for()
        other.close()

        page.get_by_role("button", name="Do it").click()

        expect(page.get_by_role("alert")).to_contain_text("T-1 was settled by sam at")
        expect(page.get_by_role("row", name="T-1")).to_contain_text("Settled: lose")

    assert state("T-1") == ("SETTLED", "LOSE", 0, 1)
    assert Batch.objects.count() == 1


def test_many_are_settled_and_reversed_as_one(address: str, player: FundedPlayer) -> None:
    sam = session("sam")

    with browser.browser(address, session=sam) as page:
        page.goto("/admin/")
        page.get_by_role("link", name="gavel Acts").click()
        page.get_by_role("link", name="Act on many tickets…").click()
        page.get_by_label("What to do").select_option(label="Settle")
        page.get_by_label("Result").select_option("WIN")
        page.get_by_label("Bet ids").fill("O-1\nO-2\nO-3")
        say_why(page, "The provider is down", "Results from the other feed.")
        expect(page.get_by_role("row", name="EUR 3 75.00 EUR")).to_be_visible()
        page.get_by_role("button", name="Do it").click()
        expect(page.get_by_text("3 changed, 0 left alone, 0 failed")).to_be_visible()
        page.get_by_role("link", name="Reverse this act…").click()
        say_why(page, "A wrong result of ours", "The other feed was wrong.")
        expect(page.get_by_role("row", name="EUR 3 0.00 EUR 75.00 EUR")).to_be_visible()
        page.get_by_role("button", name="Do it").click()
        expect(page.get_by_text("Takes back")).to_be_visible()

    assert {one.status for one in Ticket.objects.all()} == {"OPEN"}
    assert player.balance == "50.00"
    assert sound()


def test_an_acts_tickets_are_narrowed_by_what_became_of_them(address: str) -> None:
    order = read_order(
        {
            "act": "settle",
            "reason": "PROVIDER_DOWN",
            "note": "Silent.",
            "tickets": [{"bet_id": f"O-{one}", "result": "win"} for one in (1, 2, 3)],
        }
    )
    sam = session("sam")
    actor = actor_for(User.objects.get(username="sam"))
    shown = services.preview(order=order, actor=actor)
    batch = services.act(order=order, actor=actor, token=shown.token)

    with browser.browser(address, session=sam) as page:
        page.goto(f"/admin/settlement/batch/{batch.pk}/change/")
        expect(page.get_by_text("3 changed")).to_be_visible()
        page.get_by_label("State").select_option("SKIPPED")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_text("No ticket of this act is in that state.")).to_be_visible()


def test_support_looks_and_can_do_nothing(address: str) -> None:
    sue = session("sue")
    pk = Ticket.objects.get(bet_id="T-1").pk

    with browser.browser(address, session=sue) as page:
        open_ticket(page, "T-1")
        expect(page.get_by_text("Act by hand")).to_have_count(0)
        answer = page.goto(f"/admin/settlement/ticket/{pk}/act/settle/")
        assert answer is not None
        assert answer.status == 403

    assert state("T-1") == ("OPEN", "NONE", 0, 0)
