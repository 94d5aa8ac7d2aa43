"""A bet is settled at Odds88 and open here: support asks there and sees it, an operator accepts."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from feeds.models import LookupCall
from feeds.odds88.sandbox import Options, Sandbox
from feeds.odds88.sandbox.bodies import Bet, Ending, Pick, Result
from feeds.odds88.sandbox.faults import Answer
from settlement.models import Batch, SettlementEvent
from tests.factories import FundedPlayer, UserFactory
from tests.journeys import browser
from tests.journeys.test_acts_desk import open_ticket, say_why, session, sound
from tests.settlement.acting import limit
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import state

PLAYER = "P-00000000000000000001"


@pytest.fixture
def player(own_database: str) -> FundedPlayer:
    """Somebody with 90.00 EUR and an open bet of 10.00 EUR with Odds88."""
    browser.chromium()
    found = FundedPlayer.create("100.00", external_id=PLAYER)
    for name, role in {"sue": "Support", "olga": "Operator", "sam": "Senior"}.items():
        UserFactory.create(username=name, role=role)
    limit("Operator", "EUR", 100_000)
    limit("Operator", None, 10)
    accepted(bet(found, bet_id="O-1", provider="odds88"))
    return found


@pytest.fixture
def odds88(player: FundedPlayer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Odds88, which knows the bet and has no feed that anybody reads."""
    with Sandbox(options=Options(strict_players=True)) as sandbox:
        pick = Pick(event="E-1", market="1", selection="X", price=Decimal("2.50"))
        sandbox.bet(Bet("O-1", PLAYER, 1000, selections=(pick,)))
        monkeypatch.setenv("ODDS88_API_URL", sandbox.api_url)
        monkeypatch.setenv("ODDS88_CLIENT_ID", "sandbox")
        monkeypatch.setenv("ODDS88_PASSWORD", "sandbox")
        yield sandbox


@pytest.fixture
def address(own_database: str, odds88: Sandbox) -> Iterator[str]:
    """A served desk. No feed, no worker and no broker runs."""
    with browser.desk(own_database) as found:
        yield found


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_support_asks_and_an_operator_accepts(
    address: str, player: FundedPlayer, odds88: Sandbox, scripts: bool
) -> None:
    odds88.settle("O-1", Ending(Result.WIN, (Result.WIN,)))
    sue, olga = session("sue"), session("olga")

    with browser.browser(address, session=sue, scripts=scripts) as page:
        open_ticket(page, "O-1")
        page.get_by_role("button", name="Ask Odds88").click()
        expect(page.get_by_text("Odds88 and we differ: status, result")).to_be_visible()
        expect(page.get_by_role("row", name="Payout")).to_contain_text("25.00 EUR")
        expect(page.get_by_role("link", name="Accept the provider's result…")).to_have_count(0)
        expect(page.get_by_role("button", name="Ask Odds88 to cancel")).to_have_count(0)
    assert state("O-1") == ("OPEN", "NONE", 0, 0)

    with browser.browser(address, session=olga, scripts=scripts) as page:
        open_ticket(page, "O-1")
        page.get_by_role("link", name="At Odds88").click()
        page.get_by_role("link", name="Accept the provider's result…").click()
        say_why(page, "The provider is down", "The feed is silent; Odds88 says so when asked.")
        expect(page.get_by_role("row", name=PLAYER)).to_contain_text("115.00 EUR")
        page.get_by_role("button", name="Do it").click()
        expect(page.get_by_text("is done: 1 changed.")).to_be_visible()
        expect(page.get_by_text("olga accepts Odds88's result in act")).to_be_visible()
        expect(page.get_by_text("sue asked Odds88 how the bet ended.")).to_be_visible()
        page.get_by_role("button", name="Ask Odds88").click()
        expect(page.get_by_text("Odds88 and we agree.")).to_be_visible()

    assert state("O-1") == ("SETTLED", "WIN", 2500, 1)
    assert player.balance == "115.00"
    event, act = SettlementEvent.objects.get(), Batch.objects.get()
    assert (event.actor, event.source, event.batch) == ("user:olga", "ODDS88", act.pk)
    assert sound()


def test_a_wish_to_cancel_moves_nothing_until_odds88_has_refunded(
    address: str, player: FundedPlayer, odds88: Sandbox
) -> None:
    sam = session("sam")

    with browser.browser(address, session=sam) as page:
        open_ticket(page, "O-1")
        page.get_by_role("button", name="Ask Odds88").click()
        expect(page.get_by_text("Odds88 has not settled it.").first).to_be_visible()
        page.get_by_role("button", name="Ask Odds88 to cancel").click()
        expect(page.get_by_text("Odds88 took the wish to cancel.")).to_be_visible()
        page.get_by_role("button", name="Ask again").click()
        expect(page.get_by_text("The wish to cancel it was accepted.").first).to_be_visible()
        expect(page.get_by_text("Odds88 and we differ: status")).to_be_visible()

    assert state("O-1") == ("OPEN", "NONE", 0, 0)
    assert player.balance == "90.00"


def test_a_failure_is_told_and_kept(address: str, player: FundedPlayer, odds88: Sandbox) -> None:
    odds88.fault(Answer(status=500, times=20))
    sue = session("sue")

    with browser.browser(address, session=sue) as page:
        page.set_default_timeout(30_000)
        open_ticket(page, "O-1")
        page.get_by_role("button", name="Ask Odds88").click()
        expect(page.locator(".word.bad").first).to_contain_text("Odds88 failed (500", timeout=30000)

    assert "Odds88 failed (500" in LookupCall.objects.earliest("id").sentence
    assert state("O-1") == ("OPEN", "NONE", 0, 0)
