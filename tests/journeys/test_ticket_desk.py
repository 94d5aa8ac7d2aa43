"""Through the tickets' pages as people go: find one, read it, price it with other results."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from backoffice.models import User
from settlement.models import Ticket
from tests.backoffice.test_ticket_pages import ended, place
from tests.factories import FundedPlayer, UserFactory
from tests.journeys import browser

PASSWORD = "a long word of mine"


@pytest.fixture
def desk_address(own_database: str) -> Iterator[str]:
    """A served desk with somebody from support and an Admin, and a Lucky 15 that is decided."""
    browser.chromium()
    player = FundedPlayer.create("100.00", external_id="P-JOURNEY")
    ended(place(player, "T-JOURNEY"), p1="1", p2="void", p3="1/2", p4="0")
    for role in ("Support", "Admin"):
        user = UserFactory.create(username=role.lower(), role=role)
        user.set_password(PASSWORD)
        user.save()
    with browser.desk(own_database) as address:
        yield address


def test_support_finds_a_ticket_and_tries_other_results(desk_address: str) -> None:
    with browser.browser(desk_address) as page:
        browser.sign_in(page, "support", PASSWORD)
        page.get_by_role("link", name="Tickets").click()
        page.get_by_placeholder("Bet ids, provider's").fill("T-JOURNEY")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="T-JOURNEY", exact=True).click()
        expect(page.locator("#explanation")).to_contain_text("Returns 17.00 EUR.")
        expect(page.locator("#explanation")).to_contain_text("dead heat, 1/2 of the stake counts")

        page.get_by_role("link", name="Try other results…").click()
        page.locator("#id_legs-3-result").select_option("win")
        page.get_by_role("button", name="Price it").click()

        # (1 + 2)(1 + 1)(1 + 2)(1 + 5) - 1 lines of 1.00
        expect(page.locator("#answer")).to_contain_text("107.00 EUR")
        page.get_by_role("button", name="More legs").click()
        expect(page.locator("#id_legs-7-price")).to_be_visible()

    assert Ticket.objects.get().status == "OPEN"


def test_an_admin_adds_rules_and_sees_what_changes_first(desk_address: str) -> None:
    session = browser.session_of(User.objects.get(username="admin"))

    with browser.browser(desk_address, session=session) as page:
        page.goto("/admin/")
        page.get_by_role("link", name="Rule sets").click()
        page.get_by_role("link", name="New rules…").click()
        page.get_by_label("Rounding", exact=True).select_option("DOWN")
        page.get_by_label("Why").fill("New terms of December")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_role("row", name="Rounding")).to_contain_text("half up")
        page.get_by_role("button", name="Put in force").click()

        expect(page.get_by_text("is in force from")).to_be_visible()
        expect(page.get_by_role("row", name="New terms of December")).to_be_visible()
