"""Tickets in a client's words, and short ways to bring them in."""

import itertools
from typing import Any

import pytest

from settlement.asked import TicketRefusal
from settlement.drafts import Draft, draft_of
from settlement.intake import TakenIn, take_in
from tests.factories import FundedPlayer
from wallet import selectors
from wallet.money import Unit

Json = dict[str, Any]
UNITS = {"EUR": Unit("EUR", 2), "JPY": Unit("JPY", 0), "BTC": Unit("BTC", 8)}
numbers = itertools.count(1)


def selection(number: int = 1, /, **words: Any) -> Json:
    """Write down one selection; its number says which event it is on."""
    return {"event": f"E-{number}", "market": "1", "outcome": "X", "price": "2.50"} | words


def legs(count: int, **words: Any) -> list[Json]:
    """Write down legs on so many events."""
    return [selection(number, **words) for number in range(1, count + 1)]


def builder(
    *outcomes: str, number: int = 1, group: str = "A", price: str | None = "4.50", **words: Any
) -> list[Json]:
    """Write down the parts of a bet builder on one event."""
    terms = {"group": group, "price": price} | words
    return [selection(number, outcome=one, **terms) for one in outcomes]


def ticket(*selections: Json, **words: Any) -> Json:
    """Write down a ticket: a single of 10.00 EUR unless told otherwise."""
    return {
        "bet_id": "T-1",
        "provider": "manual",
        "player": "P-1",
        "currency": "EUR",
        "stake": "10.00",
        "kind": "single",
        "placed_at": "2026-11-20T10:00:00Z",
        "selections": list(selections) or [selection()],
    } | words


def bet(player: FundedPlayer, /, *selections: Json, **words: Any) -> Json:
    """Write down a ticket of somebody, with a bet_id of its own and in his account's currency."""
    own = {
        "bet_id": f"B-{next(numbers)}",
        "player": player.player.external_id,
        "currency": player.account.currency_id,
    }
    return ticket(*selections, **own | words)


def draft(asked: Json) -> Draft:
    """Return the draft of a ticket that makes sense."""
    return draft_of(asked, UNITS)


def refusal(asked: Any) -> TicketRefusal:
    """Return why a ticket makes no sense."""
    with pytest.raises(TicketRefusal) as refused:
        draft_of(asked, UNITS)
    return refused.value


def bring(*asked: Json) -> list[TakenIn | TicketRefusal]:
    """Take tickets in together; return their answers."""
    units = selectors.units()
    return take_in(drafts=[draft_of(one, units) for one in asked], actor="test")


def accepted(*asked: Json) -> list[TakenIn]:
    """Take in tickets of which none may be refused."""
    answers = bring(*asked)
    taken = [answer for answer in answers if isinstance(answer, TakenIn)]
    assert len(taken) == len(asked), answers
    return taken


def refused(asked: Json) -> TicketRefusal:
    """Bring in one ticket that is refused."""
    (answer,) = bring(asked)
    assert isinstance(answer, TicketRefusal), answer
    return answer


def becomes(player: FundedPlayer, status: str) -> None:
    """Block or close a player, as the desk does."""
    player.player.status = status
    player.player.save()
