"""The page of feeds before a real browser: it lives, and says so when it does not."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import UserFactory
from tests.feeds.standing_rows import FEED, leased
from tests.journeys import browser

WALL = "/admin/feeds/feedlease/"


@pytest.mark.own_database
def test_the_wall_refreshes_itself_and_a_feed_is_stopped_there(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODDS88_FEED_URL", "http://127.0.0.1:1")
    session = browser.session_of(UserFactory.create(username="olga", role="Ops"))
    leased()

    with (
        browser.desk(own_database) as address,
        browser.browser(address, session=session) as page,
    ):
        page.goto(WALL)
        expect(page.get_by_text("✓ Receiving")).to_be_visible()
        seen = page.locator("time").first.get_attribute("datetime") or ""
        stop = page.get_by_role("link", name="Stop…")
        stop.focus()
        expect(page.locator("time").first).not_to_have_attribute("datetime", re.compile(seen[:19]))
        expect(stop).to_be_focused()

        page.keyboard.press("Enter")
        page.get_by_label("Note").fill("A drill.")
        page.get_by_role("button", name="Stop it").click()
        expect(page.get_by_text("Stopped by olga.")).to_be_visible()

        page.context.clear_cookies()
        expect(page.get_by_text("This page can't be refreshed")).to_be_visible()


@pytest.mark.own_database
def test_the_wall_is_readable_without_scripts_and_on_a_narrow_screen(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODDS88_FEED_URL", "http://127.0.0.1:1")
    session = browser.session_of(UserFactory.create(role="Support"))
    leased()

    with (
        browser.desk(own_database) as address,
        browser.browser(address, session=session, scripts=False) as page,
    ):
        page.set_viewport_size({"width": 420, "height": 900})
        page.goto(WALL)

        expect(page.get_by_text("✓ Receiving")).to_be_visible()
        expect(page.locator('meta[http-equiv="refresh"]')).to_have_count(1)
        section = page.get_by_role("region", name=re.compile(FEED, re.IGNORECASE)).bounding_box()
        assert section is not None
        assert section["width"] <= 420
