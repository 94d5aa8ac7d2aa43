"""LSports' packages before a real browser: a bet that is taken back, and a package that is away."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Locator, Page, expect

from feeds.lsports.sandbox import Bet, Market, Sandbox
from feeds.lsports.sandbox.faults import Over, Silent
from feeds.lsports.windows import Windows
from settlement.models import Ticket
from tests.factories import FundedPlayer, UserFactory
from tests.feeds.lsports.live import FIXTURE, INPLAY, PREMATCH, placed, playing, receiving
from tests.journeys import browser

DIVIDED = 8
SECONDS = 60.0
NAMES = {"event_name": "Hull v York", "market_name": "1X2", "outcome_name": "Hull"}
STORY = [
    "LSports settles bet 1 of 1X2: won.",
    "Settled: WIN, paid 25.00 EUR (+25.00), balance 115.00 after.",
    "LSports takes its settlement of bet 1 of 1X2 back (VAR or a mistake): the bet is open again.",
    "Reopened, paid 0.00 EUR (−25.00), balance 90.00 after.",
    "LSports settles bet 1 of 1X2: lost.",
    "Settled: LOSE, nothing paid.",
]


@pytest.fixture
def sandbox(own_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """LSports, which the desk knows of too."""
    with playing(windows=Windows().divided(DIVIDED)) as one:
        for name, package in (("INPLAY", one.options.inplay), ("PREMATCH", one.options.prematch)):
            said = {
                "PACKAGE_ID": str(package.id),
                "USER": package.user,
                "PASSWORD": package.password,
                **dict.fromkeys(("AMQP_URL", "API_URL", "SNAPSHOT_URL"), one.api_url),
            }
            for what, value in said.items():
                monkeypatch.setenv(f"LSPORTS_{name}_{what}", value)
        monkeypatch.setenv("LSPORTS_DIVIDE_TIMES_BY", str(DIVIDED))
        yield one


def wait_for(page: Page, told: str) -> None:
    """Load a page again until it says something."""
    deadline = time.monotonic() + SECONDS
    while not page.get_by_text(told).count():
        assert time.monotonic() < deadline, told
        page.reload()


def bet(name: str) -> Bet:
    """Return a bet of the market."""
    return Bet(f"1{name}", name)


@pytest.mark.own_database
def test_a_bet_is_settled_taken_back_and_settled_otherwise(
    own_database: str, sandbox: Sandbox
) -> None:
    session = browser.session_of(UserFactory.create(role="Support"))
    placed(FundedPlayer.create("100.00"), **NAMES)
    ticket = Ticket.objects.get()

    with (
        receiving(sandbox, windows=Windows().divided(DIVIDED)),
        browser.desk(own_database) as address,
        browser.browser(address, session=session) as page,
    ):
        page.goto(f"/admin/settlement/ticket/{ticket.pk}/change/")
        sandbox.offer(FIXTURE, Market("1", "1X2", (bet("1"), bet("2"))))
        sandbox.settle(FIXTURE, "1", {"11": 2, "12": 1})
        wait_for(page, STORY[1])
        sandbox.take_back(FIXTURE, "1", ["11", "12"])
        wait_for(page, STORY[3])
        sandbox.settle(FIXTURE, "1", {"11": 1, "12": 2})
        wait_for(page, STORY[5])
        titles = page.locator(".timeline .title").all_inner_texts()
        explained = page.locator("pre").first.inner_text()

    told = [one for one in titles if one.startswith(("Settled", "Reopened", "LSports"))]
    assert told == STORY
    assert "1. Hull v York · 1X2 · Hull: lost → × 0." in explained


@pytest.mark.own_database
def test_the_page_of_feeds_tells_of_a_package_that_is_silent_and_comes_back(
    own_database: str, sandbox: Sandbox
) -> None:
    session = browser.session_of(UserFactory.create(role="Ops"))
    spans = Windows().divided(DIVIDED)

    with ExitStack() as stack:
        for feed in (INPLAY, PREMATCH):
            stack.enter_context(receiving(sandbox, feed, windows=spans))
        address = stack.enter_context(browser.desk(own_database))
        page = stack.enter_context(browser.browser(address, session=session))
        page.goto("/admin/feeds/feedlease/")
        expect(card(page, "LSports in-play")).to_contain_text("✓ Healthy")
        expect(card(page, "LSports pre-match")).to_contain_text("✓ Healthy")

        sandbox.fault(Silent(package="prematch"))
        away = card(page, "LSports pre-match")
        expect(away).to_contain_text("✗ Silent", timeout=SECONDS * 1000)
        expect(away).to_contain_text("What was missed is asked for as soon as a heartbeat comes.")
        expect(card(page, "LSports in-play")).to_contain_text("✓ Healthy")

        sandbox.fault(Over(package="prematch"))
        back = card(page, "LSports pre-match")
        expect(back).to_contain_text("✓ Healthy", timeout=SECONDS * 1000)
        expect(back).to_contain_text("No heartbeat came for too long.")


def card(page: Page, name: str) -> Locator:
    """Return what the page says of a feed."""
    return page.get_by_role("region", name=name)
