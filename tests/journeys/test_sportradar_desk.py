"""Sportradar's feed before a real browser: a bet's whole story, and a producer that is away."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from feeds.sportradar.sandbox import Sandbox
from feeds.sportradar.sandbox.faults import ProductDown, Up
from feeds.sportradar.windows import Windows
from settlement.models import Ticket
from tests.backoffice.telling import NAMES
from tests.factories import FundedPlayer, UserFactory
from tests.feeds.sportradar.live import playing, receiving
from tests.journeys import browser
from tests.settlement.asked import accepted, bet, selection

DIVIDED = 10
EVENT = "sr:match:4711"
SECONDS = 60.0
STORY = [
    "Sportradar says: Hull won (live).",
    "Settled: WIN, paid 25.00 EUR (+25.00), balance 115.00 after.",
    "Sportradar says: Hull lost (confirmed).",
    "Settled anew: LOSE instead of WIN, paid 0.00 EUR (−25.00), balance 90.00 after.",
    "Sportradar says: Hull won (live).",
    "Sportradar cancels “Result” for bets accepted",
    "Settled anew: REFUND instead of LOSE, paid 10.00 EUR (+10.00), balance 100.00 after.",
    "Sportradar takes back its cancellation of “Result” for bets accepted",
    "Settled anew: LOSE instead of REFUND, paid 0.00 EUR (−10.00), balance 90.00 after.",
]


@pytest.fixture
def sandbox(own_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Sportradar, which the desk knows of too."""
    with playing(None, Windows().divided(DIVIDED)) as one:
        monkeypatch.setenv("UOF_AMQP_URL", one.api_url)
        monkeypatch.setenv("UOF_API_URL", one.api_url)
        monkeypatch.setenv("UOF_TOKEN", "sandbox")
        monkeypatch.setenv("UOF_DIVIDE_TIMES_BY", str(DIVIDED))
        yield one


@pytest.mark.own_database
def test_a_bet_is_settled_corrected_cancelled_and_that_is_taken_back(
    own_database: str, sandbox: Sandbox
) -> None:
    session = browser.session_of(UserFactory.create(role="Support"))
    player = FundedPlayer.create("100.00")
    named = selection(**NAMES, event=EVENT)
    accepted(bet(player, named, bet_id="T-1", provider="sportradar"))
    ticket = Ticket.objects.get()
    at = round(ticket.accepted_at.timestamp() * 1000)

    with (
        receiving(sandbox, windows=Windows().divided(DIVIDED)),
        browser.desk(own_database) as address,
        browser.browser(address, session=session) as page,
    ):
        page.goto(f"/admin/settlement/ticket/{ticket.pk}/change/")
        sandbox.settle(EVENT, "1", {"X": 1}, certainty=1)
        browser.read_until(page, STORY[1])
        sandbox.settle(EVENT, "1", {"X": 0}, certainty=2)
        browser.read_until(page, STORY[3])
        sandbox.settle(EVENT, "1", {"X": 1}, certainty=1, product=3)
        browser.read_until(page, "A confirmed result stands: what is seen live changes nothing.")
        sandbox.cancel(EVENT, "1", start=at - 1000, end=at + 1000)
        browser.read_until(page, STORY[6])
        sandbox.rollback_cancel(EVENT, "1", start=at - 1000, end=at + 1000)
        browser.read_until(page, STORY[8])
        titles = page.locator(".timeline .title").all_inner_texts()
        browser.read_until(page, "Its producer is Betradar Ctrl.")

    told = [one for one in titles if one.startswith(("Settled", "Sportradar"))]
    assert [one[: len(words)] for one, words in zip(told, STORY, strict=True)] == STORY


@pytest.mark.own_database
def test_the_page_of_feeds_tells_of_a_producer_that_is_away_and_comes_back(
    own_database: str, sandbox: Sandbox
) -> None:
    session = browser.session_of(UserFactory.create(role="Ops"))

    with (
        receiving(sandbox, windows=Windows().divided(DIVIDED)),
        browser.desk(own_database) as address,
        browser.browser(address, session=session) as page,
    ):
        page.goto("/admin/feeds/feedlease/")
        expect(page.get_by_text("All producers up")).to_be_visible(timeout=SECONDS * 1000)

        sandbox.fault(ProductDown(3))
        expect(page.get_by_text("1 of 2 producers down")).to_be_visible(timeout=SECONDS * 1000)
        away = page.locator("tr", has_text="Betradar Ctrl").first
        expect(away).to_contain_text(re.compile("Down"))
        expect(page.locator("tr", has_text="Live Odds").first).to_contain_text("Up")

        sandbox.fault(Up(3))
        expect(page.get_by_text("All producers up")).to_be_visible(timeout=SECONDS * 1000)
