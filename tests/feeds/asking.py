"""Odds88's server for tests, with our settings made for it, and bets that both sides know."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.test import override_settings
from msgspec.structs import replace

from backoffice.intake import bring_in
from feeds.odds88.sandbox.bodies import Bet, Pick
from feeds.odds88.sandbox.options import Options
from feeds.odds88.sandbox.server import Sandbox
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.feeds.live import fresh_sandbox
from tests.settlement.asked import bet as ticket_of
from tests.settlement.asked import selection

LOOK_UP = "/api/players/"
LOGIN = "/api/Account/login"


@contextmanager
def odds88(**options: Any) -> Iterator[Sandbox]:
    """Yield Odds88's server, which our settings name."""
    with (
        fresh_sandbox(options=Options(**options)) as sandbox,
        override_settings(**settings_for(sandbox)),
    ):
        yield sandbox


def settings_for(sandbox: Sandbox) -> dict[str, Any]:
    """Return the settings that name a sandbox."""
    return {
        "ODDS88_API_URL": sandbox.api_url,
        "ODDS88_CLIENT_ID": "sandbox",
        "ODDS88_PASSWORD": "sandbox",
        "ODDS88_LOOKUP_SECONDS": 3,
        "ODDS88_LOOKUPS_PER_SECOND": 1000,
    }


def change(sandbox: Sandbox, **choices: Any) -> None:
    """Let a server behave otherwise from now on."""
    sandbox.options = replace(sandbox.options, **choices)


def both_know(sandbox: Sandbox, player: FundedPlayer, bet_id: str = "R-1", **words: Any) -> Ticket:
    """Take in a single of 10.00 at 2.50 that Odds88 took, too; return our ticket."""
    legs = (selection(event="11", market="21", outcome="31"),)
    asked = ticket_of(player, *legs, bet_id=bet_id, **{"provider": "odds88"} | words)
    bring_in(tickets=[asked], actor="test")
    ticket = Ticket.objects.get(bet_id=bet_id)
    pick = Pick(event=11, market=21, selection=31, price=Decimal("2.50"))
    sandbox.bet(
        Bet(
            bet_id=bet_id,
            player=player.player.external_id,
            value=ticket.stake,
            currency=ticket.currency_id,
            precision=ticket.currency.precision,
            selections=(pick,),
        )
    )
    return ticket
