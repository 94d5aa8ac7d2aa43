"""LSports before a real browser: a bet that nobody understands is settled by hand; VAR; silence."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from feeds.lsports.sandbox import Bet, Market, Sandbox
from feeds.lsports.sandbox.faults import Over, Silent
from feeds.lsports.windows import Windows
from settlement.acts import services
from settlement.models import Review, Ticket
from tests.backoffice.desk_acts import last
from tests.factories import FundedPlayer, UserFactory
from tests.feeds.lsports.live import FIXTURE, PREMATCH, placed, playing, receiving
from tests.feeds.lsports.package_rows import given
from tests.feeds.lsports.trade import X, Y, bring, hear, say, single, told
from tests.journeys import browser
from tests.settlement.acting import no_limits
from tests.settlement.asked import Json

DIVIDED = 10
SECONDS = 60_000.0
WORDS = {"event_name": "Hull – Leeds", "market": "2", "market_name": "Under/Over", "line": "2.5"}
OVER: Json = {"Name": "Over", "Line": "2.5"}
UNDER: Json = {"Name": "Under", "Line": "2.5"}
NAMES = {"event_name": "Hull v York", "market_name": "1X2", "outcome_name": "Hull"}
STORY = [
    "LSports settles bet 1 of 1X2: won.",
    "Settled: WIN, paid 25.00 EUR (+25.00), balance 115.00 after.",
    "LSports takes its settlement of bet 1 of 1X2 back (VAR or a mistake): the bet is open again.",
    "Reopened, paid 0.00 EUR (−25.00), balance 90.00 after.",
    "LSports settles bet 1 of 1X2: lost.",
    "Settled: LOSE, nothing paid.",
]


@pytest.mark.own_database
def test_a_bet_that_nobody_understands_is_settled_by_a_senior(own_database: str) -> None:
    no_limits()
    session = browser.session_of(UserFactory.create(username="olga", role="Senior"))
    player = FundedPlayer.create("100.00")
    bring(
        single(player, outcome_name="Over", **WORDS),
        single(player, "T-2", outcome=Y, outcome_name="Under", **WORDS),
    )
    hear(say(told(X, 9, **OVER), told(Y, 1, **UNDER), ref=2))
    review = Review.objects.get()
    ticket, other = Ticket.objects.get(bet_id="T-1"), Ticket.objects.get(bet_id="T-2")

    with browser.desk(own_database) as address:
        with browser.browser(address, session=session) as page:
            page.goto(f"/admin/settlement/ticket/{other.pk}/change/")
            lost = page.get_by_text("LSports settles bet Under 2.5 of Under/Over: lost.")
            expect(lost).to_be_visible()

            page.goto("/admin/settlement/review/")
            page.get_by_role("link", name="Unknown result").click()
            for words in (f"outcome {X} (settlement “9”)", "Hull – Leeds", "Over 2.5"):
                expect(page.get_by_text(words).first).to_be_visible()
            row = page.get_by_role("row", name=re.compile("Over 2.5"))
            row.get_by_role("link", name="Settle it…").click()
            settled_by_hand(page)
        services.finish(batch=last())  # As a worker does.

        with browser.browser(address, session=session) as page:
            page.goto(f"/admin/settlement/review/{review.pk}/change/")
            expect(page.get_by_text("✓ closed")).to_be_visible()
            expect(page.get_by_text("By itself by the program")).to_be_visible()
            page.goto(f"/admin/settlement/ticket/{ticket.pk}/change/")
            expect(page.get_by_text("Settled: WIN, paid 25.00 EUR (+25.00)")).to_be_visible()

    ticket.refresh_from_db()
    assert (ticket.status, ticket.result, ticket.payout) == ("SETTLED", "WIN", 2500)
    other.refresh_from_db()
    assert (other.result, other.payout) == ("LOSE", 0)


def settled_by_hand(page: Page) -> None:
    """Fill the market's form in for its only row, look at the preview, and confirm it."""
    expect(page.get_by_text("1 other outcome of this market is not shown.")).to_be_visible()
    page.get_by_label("Over: result").select_option("WIN")
    page.get_by_label("Reason").select_option("PROVIDER_ERROR")
    page.get_by_label("Note").fill("The match ended 3:1.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("+25.00").first).to_be_visible()
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("is running: its page says how far it is.")).to_be_visible()


@pytest.fixture
def sandbox(own_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """LSports, which the desk knows of too."""
    with playing(None, Windows().divided(DIVIDED)) as one:
        for name in ("INPLAY", "PREMATCH"):
            package = one.options.inplay if name == "INPLAY" else one.options.prematch
            for what, value in given(str(package.id)).items():
                url = one.api_url if what.endswith("URL") else value
                monkeypatch.setenv(f"LSPORTS_{name}_{what}", url)
        monkeypatch.setenv("LSPORTS_DIVIDE_TIMES_BY", str(DIVIDED))
        yield one


def bet(name: str) -> Bet:
    """Return a bet of the market."""
    return Bet(f"1{name}", name)


@pytest.mark.own_database
def test_a_settlement_that_var_takes_back_is_a_story_on_the_ticket(
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
        browser.read_until(page, STORY[1])
        sandbox.take_back(FIXTURE, "1", ["11", "12"])
        browser.read_until(page, STORY[3])
        sandbox.settle(FIXTURE, "1", {"11": 1, "12": 2})
        browser.read_until(page, STORY[5])
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
    windows = Windows().divided(DIVIDED)

    with (
        receiving(sandbox, windows=windows),
        receiving(sandbox, PREMATCH, windows=windows),
        browser.desk(own_database) as address,
        browser.browser(address, session=session) as page,
    ):
        page.goto("/admin/feeds/feedlease/")
        inplay = page.get_by_role("region", name="LSports in-play")
        prematch = page.get_by_role("region", name="LSports pre-match")
        expect(inplay).to_contain_text("✓ Healthy", timeout=SECONDS)

        sandbox.fault(Silent(package="inplay"))
        expect(inplay).to_contain_text("✗ Stale: silent", timeout=SECONDS)
        expect(inplay).to_contain_text("Silent since ")
        expect(prematch).to_contain_text("✓ Healthy", timeout=SECONDS)

        sandbox.fault(Over(package="inplay"))
        expect(inplay).to_contain_text("✓ Healthy", timeout=SECONDS)
        expect(inplay).to_contain_text("No heartbeat came for too long.", timeout=SECONDS)
