"""Questions about tickets. None of them locks or writes."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from settlement.contents import value_of
from settlement.models import RuleSet, Selection, Ticket
from settlement.rules.ruleset import RuleSet as Rules
from settlement.rules.ruleset import rule_set
from wallet.prepared import fetch_all, text_array


class Known(NamedTuple):
    """A ticket that is there."""

    id: int
    content_hash: bytes


class Bettor(NamedTuple):
    """A player with his cash account in one currency, when he has one."""

    player_id: int
    status: str
    account_id: int | None


def tickets_by_bet_id(bet_ids: Sequence[str]) -> dict[str, Known]:
    """Return the tickets that are there, by bet_id."""
    rows = fetch_all(TICKETS, [text_array(bet_ids)])
    return {bet_id: Known(number, bytes(digest)) for bet_id, number, digest in rows}


TICKETS = "SELECT bet_id, id, content_hash FROM settlement_ticket WHERE bet_id = ANY (%s::text[])"


def bettors(wanted: Iterable[tuple[str, str]]) -> dict[str, Bettor]:
    """Return the players, by currency and external id; who is unknown is left out."""
    pairs = sorted(set(wanted))
    rows = fetch_all(
        BETTORS, [text_array([player for player, _ in pairs]), text_array([c for _, c in pairs])]
    )
    return {f"{currency} {player}": Bettor(*found) for player, currency, *found in rows}


BETTORS = """
SELECT w.player, w.currency, p.id, p.status, a.id
  FROM unnest(%s::text[], %s::text[]) AS w (player, currency)
  JOIN wallet_player p ON p.external_id = w.player
  LEFT JOIN wallet_account a
    ON a.player_id = p.id AND a.kind = 'PLAYER_CASH' AND a.currency_id = w.currency
"""


def rule_sets_at(times: Sequence[datetime]) -> list[int]:
    """Return for each time the rule set in force; a time ahead of our clock counts as now."""
    known = list(RuleSet.objects.order_by("in_force_from", "id").values_list("in_force_from", "id"))
    starts = [start for start, _ in known]
    now = datetime.now(UTC)
    return [known[max(bisect_right(starts, min(at, now)) - 1, 0)][1] for at in times]


def ticket(bet_id: str) -> Ticket | None:
    """Return a ticket with what every page of it needs."""
    found = Ticket.objects.select_related("player", "currency", "rule_set")
    return found.filter(bet_id=bet_id).first()


def rules_of(ticket: Ticket) -> Rules:
    """Return the rules that a ticket settles by."""
    return rule_set(ticket.rule_set.settings)


def content_of(ticket_id: int) -> dict[str, Any]:
    """Return what makes two tickets the same, as `drafts.content_of` does, from what is stored."""
    ticket = Ticket.objects.select_related("player").get(pk=ticket_id)
    return {
        "provider": ticket.provider,
        "provider_bet_id": ticket.provider_bet_id,
        "player": ticket.player.external_id,
        "currency": ticket.currency_id,
        "stake": ticket.stake,
        "kind": ticket.kind_word,
        "each_way": ticket.each_way,
        "free_bet_ref": ticket.free_bet_ref,
        "stake_taken": bool(ticket.cash_stake),
        "placed_at": ticket.placed_at.isoformat(),
        "accepted_at": ticket.accepted_at.isoformat(),
        "selections": [selection_content(one) for one in selections_of(ticket_id)],
    }


def selections_of(ticket_id: int) -> list[Selection]:
    """Return a ticket's selections in their order, with all that they are about.

    Of an outcome with its provider's id only the ticket names the line: it is told with it.
    """
    found = Selection.objects.filter(ticket_id=ticket_id).order_by("position")
    rows = list(found.select_related("outcome__market__event", "place_outcome__market__event"))
    for one in rows:
        one.outcome.line = one.outcome.line or one.line
    return rows


def selection_content(one: Selection) -> dict[str, Any]:
    """Return what makes two selections the same."""
    market, place = one.outcome.market, one.place_outcome
    return {
        "event": market.event.ref,
        "market": market.ref,
        "specifiers": market.specifiers,
        "outcome": one.outcome.ref or [one.outcome.name],
        "line": one.line,
        "provider": market.event.provider,
        "price": value_of(one.price),
        "part_price": value_of(one.part_price),
        "place_fraction": value_of(one.place_fraction),
        "place_price": value_of(one.place_price),
        "place_market": place.market.ref if place else None,
        "place_specifiers": place.market.specifiers if place else None,
        "place_outcome": place.ref if place else None,
        "banker": one.banker,
        "group": one.group,
    }
