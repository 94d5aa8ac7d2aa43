"""Whose a result is: the ticket that it names, when player, stake and currency are its own."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from settlement import arrays
from settlement.fold.results import amount_text
from settlement.said import MarketSaid, TicketSaid


class Candidate(NamedTuple):
    """A ticket that bears the id of a result."""

    ref: str
    id: int
    bet_id: str
    player: str
    currency: str
    stake: int
    precision: int


class NotTheTicket(NamedTuple):
    """A ticket that bears the id, and why the result is not taken for its own."""

    ticket: int
    sentence: str


Match = int | NotTheTicket | None


def matches(said: Sequence[TicketSaid]) -> list[Match]:
    """Return for each result its ticket, why a ticket is not the one, or nothing."""
    refs = {ref for one in said for ref in one.subjects}
    found: dict[str, list[Candidate]] = {}
    for row in arrays.fetch(CANDIDATES, [arrays.texts(sorted(refs))] * 2) if refs else ():
        found.setdefault(row[0], []).append(Candidate(*row))
    return [match(one, found) for one in said]


def match(said: TicketSaid, found: Mapping[str, Sequence[Candidate]]) -> Match:
    """Return one result's ticket: its id as it stands comes first, then split at the colon."""
    if exact := found.get(said.bet_ref):
        return only(exact, said, player="")
    if said.request and (split := found.get(said.request)):
        return only(split, said, player=said.player)
    return None


def bearer(bet_ref: str) -> int | None:
    """Return the one ticket that bears an id, as it stands or split; nothing said of its stake."""
    player, _, request = bet_ref.partition(":")
    rows = arrays.fetch(CANDIDATES, [arrays.texts(sorted({bet_ref, request} - {""}))] * 2)
    candidates = [Candidate(*row) for row in rows]
    found = {one.id for one in candidates if one.ref == bet_ref} or {
        one.id for one in candidates if one.ref == request and one.player == player
    }
    return found.pop() if len(found) == 1 else None


def only(candidates: Sequence[Candidate], said: TicketSaid, *, player: str) -> Match:
    """Return the one ticket that agrees with all that the result says of it."""
    complaints = {one.id: complaint(one, said, player) for one in candidates}
    agreeing = [number for number, why in complaints.items() if not why]
    if len(agreeing) == 1:
        return agreeing[0]
    first = candidates[0]
    if agreeing:
        return NotTheTicket(
            first.id,
            f"Several tickets bear the id “{said.bet_ref}”, and all agree with the result.",
        )
    return NotTheTicket(first.id, complaints[first.id])


def complaint(ticket: Candidate, said: TicketSaid, player: str) -> str:
    """Say in what a ticket differs from the one that the result speaks of."""
    if player and player != ticket.player:
        return f"The result is for player {player}, the ticket is {ticket.player}'s."
    if said.stake is None or not said.currency:
        return "The result names no amount: it can't be told whether it is this ticket's."
    if said.currency != ticket.currency:
        return f"The result is in {said.currency}, the ticket in {ticket.currency}."
    if said.stake * 10**ticket.precision != ticket.stake * 10**said.precision:
        return (
            f"The result is for a stake of {stake_text(said.stake, said.precision)}, "
            f"the ticket's is {stake_text(ticket.stake, ticket.precision)} {ticket.currency}."
        )
    return ""


def stake_text(minor: int, precision: int) -> str:
    """Return a stake in major units."""
    return amount_text(Fraction(minor, 10**precision), precision)


def tracked(said: Iterable[MarketSaid]) -> dict[tuple[str, ...], int]:
    """Return the markets that somebody has bet on, by provider, event, market and specifiers."""
    wanted = sorted({market_key(one) for one in said})
    if not wanted:
        return {}
    columns = [arrays.texts(list(column)) for column in zip(*wanted, strict=True)]
    return {tuple(row[:4]): row[4] for row in arrays.fetch(TRACKED, columns)}


def bet_on_at(events: Iterable[tuple[str, str]]) -> dict[str, dict[str, set[str]]]:
    """Return, by provider and event, the ids of the markets that somebody has bet on."""
    wanted = sorted(set(events))
    known: dict[str, dict[str, set[str]]] = {}
    for provider, event in wanted:
        known.setdefault(provider, {})[event] = set()
    columns = [arrays.texts([one[n] for one in wanted]) for n in range(2)]
    for provider, event, market in arrays.fetch(MARKETS_AT, columns) if wanted else ():
        known[provider][event].add(market)
    return known


def market_key(said: MarketSaid) -> tuple[str, ...]:
    """Return what a market is known by; its provider is the fact's."""
    return (str(said.source), said.event, said.market, said.specifiers)


class Place(NamedTuple):
    """What a question is about: an event, its markets of an id, or just one of them."""

    provider: str
    event: str
    market: str
    specifiers: str | None


def bet_on(places: Iterable[Place]) -> dict[Place, int | None]:
    """Return where among these places somebody has bet, each with its market when it is one."""
    wanted = sorted(set(places), key=str)
    if not wanted:
        return {}
    columns = [arrays.texts([str(one[n] or "") for one in wanted]) for n in range(4)]
    exact = arrays.texts(["t" if one.specifiers is not None else "f" for one in wanted])
    rows = arrays.fetch(BET_ON, [*columns, exact])
    return {wanted[place - 1]: market for place, market in rows}


CANDIDATES = """
SELECT t.ref, t.id, t.bet_id, p.external_id, t.currency_id, t.stake, u.precision
  FROM (SELECT r.ref, t.id, t.bet_id, t.player_id, t.currency_id, t.stake, t.provider
          FROM unnest(%s::text[]) r (ref) JOIN settlement_ticket t ON t.bet_id = r.ref
         UNION ALL
        SELECT r.ref, t.id, t.bet_id, t.player_id, t.currency_id, t.stake, t.provider
          FROM unnest(%s::text[]) r (ref)
          JOIN settlement_ticket t
            ON t.provider_bet_id = r.ref AND t.provider_bet_id <> '' AND t.bet_id <> r.ref) t
  JOIN wallet_player p ON p.id = t.player_id
  JOIN wallet_currency u ON u.code = t.currency_id
 WHERE t.provider = 'ODDS88'
 ORDER BY t.id
"""

# LIMIT 1 is all that there can be; it keeps the planner from joining markets by their names first.
TRACKED = """
SELECT w.provider, w.event, w.market, w.specifiers, m.id
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
       AS w (provider, event, market, specifiers)
  JOIN LATERAL (SELECT id FROM settlement_sportevent
                 WHERE ref = w.event AND provider = w.provider LIMIT 1) e ON true
  JOIN LATERAL (SELECT id FROM settlement_market
                 WHERE event_id = e.id AND ref = w.market AND specifiers = w.specifiers
                 LIMIT 1) m ON true
"""

MARKETS_AT = """
SELECT w.provider, w.event, m.ref
  FROM unnest(%s::text[], %s::text[]) AS w (provider, event)
  JOIN LATERAL (SELECT id FROM settlement_sportevent
                 WHERE ref = w.event AND provider = w.provider LIMIT 1) e ON true
  JOIN settlement_market m ON m.event_id = e.id
"""

BET_ON = """
SELECT w.place, CASE WHEN w.exact THEN m.id END
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[])
       WITH ORDINALITY AS w (provider, event, market, specifiers, exact, place)
  JOIN LATERAL (SELECT id FROM settlement_sportevent
                 WHERE ref = w.event AND provider = w.provider LIMIT 1) e ON true
  LEFT JOIN LATERAL (SELECT id FROM settlement_market
                      WHERE event_id = e.id AND ref = w.market
                        AND (NOT w.exact OR specifiers = w.specifiers) LIMIT 1) m ON true
 WHERE w.market = '' OR m.id IS NOT NULL
"""
