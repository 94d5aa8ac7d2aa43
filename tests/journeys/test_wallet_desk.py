"""Through the wallet's pages as people go: in a browser, on a database that keeps what is done."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from backoffice.models import User
from tests.factories import FundedPlayer, UserFactory
from tests.journeys import browser
from wallet.models import Transfer

PASSWORD = "a long word of mine"


@dataclass(frozen=True, slots=True)
class Scene:
    """A served desk with a player, and his page's path."""

    address: str
    player: FundedPlayer

    @property
    def path(self) -> str:
        """Where the player's page is."""
        return f"/admin/wallet/player/{self.player.player.pk}"


@pytest.fixture
def scene(own_database: str) -> Iterator[Scene]:
    """A player with 100.00 EUR, a senior, somebody from support, and the desk they work at."""
    browser.chromium()
    player = FundedPlayer.create("100.00", external_id="P-JOURNEY")
    for role in ("Senior", "Support"):
        user = UserFactory.create(username=role.lower(), role=role)
        user.set_password(PASSWORD)
        user.save()
    with browser.desk(own_database) as address:
        yield Scene(address, player)


def test_a_senior_finds_a_player_and_pays_in(scene: Scene) -> None:
    with browser.browser(scene.address) as page:
        browser.sign_in(page, "senior", PASSWORD)
        page.get_by_role("link", name="Players").click()
        page.get_by_placeholder("A player's id exactly").fill("P-JOURNEY")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="P-JOURNEY", exact=True).click()
        page.get_by_role("link", name="Deposit…").click()
        page.get_by_label("Amount").fill("25.50")
        page.get_by_label("Reason").select_option("CUSTOMER_PAYMENT")
        page.get_by_label("Note").fill("Paid at the counter")
        page.get_by_role("button", name="Preview").click()
        after = page.get_by_role("row", name="Balance after")
        expect(after).to_contain_text("125.50 EUR")
        page.get_by_role("button", name="Post this deposit").click()

        expect(page.get_by_text("Deposit posted. P-JOURNEY now holds 125.50 EUR.")).to_be_visible()
        line = page.get_by_role("row", name="Paid at the counter")
        expect(line).to_contain_text("+25.50")
        expect(line).to_contain_text("user:senior")

    assert scene.player.balance == "125.50"
    assert Transfer.objects.count() == 2


def test_support_reads_and_is_stopped_at_the_money(scene: Scene) -> None:
    with browser.browser(scene.address) as page:
        browser.sign_in(page, "support", PASSWORD)
        page.goto(f"{scene.path}/change/")
        expect(page.get_by_role("row", name="+100.00")).to_be_visible()
        expect(page.get_by_role("link", name="Deposit…")).to_have_count(0)
        expect(page.get_by_role("link", name="CSV")).to_have_count(0)

        answer = page.goto(f"{scene.path}/deposit/")

        assert answer is not None
        assert answer.status == 403
        expect(page.get_by_role("heading", name="Not for your role")).to_be_visible()

    assert scene.player.balance == "100.00"


def test_one_can_sign_in_without_scripts(scene: Scene) -> None:
    with browser.browser(scene.address, scripts=False) as page:
        browser.sign_in(page, "support", PASSWORD)


def test_the_desk_is_read_and_used_without_scripts(scene: Scene) -> None:
    session = browser.session_of(User.objects.get(username="senior"))

    with browser.browser(scene.address, session=session, scripts=False) as page:
        page.goto(f"{scene.path}/change/")
        line = page.get_by_role("row", name="+100.00")
        expect(line).to_contain_text("Bet settled")
        line.click(trial=True)  # Nothing lies on top of it.
        page.get_by_role("link", name="Withdrawal…").click()
        page.get_by_label("Amount").fill("40")
        page.get_by_label("Reason").select_option("CUSTOMER_PAYMENT")
        page.get_by_label("Note").fill("By bank")
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Post this withdrawal").click()
        page.get_by_text("Withdrawal posted.").click(trial=True)

    assert scene.player.balance == "60.00"
