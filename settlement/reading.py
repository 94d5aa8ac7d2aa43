"""Tickets with all that was said of them, read for many at once and ready to be folded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

import msgspec

from settlement import arrays
from settlement.fold.acts import PINNING
from settlement.fold.computing import Agreed, Memory
from settlement.fold.facts import AgreedLeg, Fact, MarketFact, TicketFact, Wanted
from settlement.fold.holding import Applied, LastSettled
from settlement.fold.outcomes import NOTHING_SAID, OutcomeState, outcome_state
from settlement.fold.tickets import fold
from settlement.models import RuleSet
from settlement.rules.exact import ratio
from settlement.rules.kinds import shape_of
from settlement.rules.ruleset import RuleSet as Rules
from settlement.rules.ruleset import rule_set
from settlement.said import ActSaid, MarketContent, ResultSaid
from settlement.vocabulary import (
    BetKind,
    MarketFactKind,
    Source,
    TicketFactKind,
    TicketResult,
    TicketStatus,
)
from wallet import selectors as wallet
from wallet.money import Unit

SOURCE = {str(word): word for word in Source}
MARKET_KIND = {str(word): word for word in MarketFactKind}
TICKET_KIND = {str(word): word for word in TicketFactKind}
STATUS = {str(word): word for word in TicketStatus}
RESULT = {str(word): word for word in TicketResult}
MARKET_CONTENT = msgspec.json.Decoder(MarketContent)
RESULT_CONTENT = msgspec.json.Decoder(ResultSaid)
Said = TypeVar("Said", bound=Fact)
ACT_CONTENT = msgspec.json.Decoder(ActSaid)


class StoredLeg(NamedTuple):
    """A selection's row: what was bet, and what settlement wrote on it last."""

    id: int
    position: int
    outcome: int
    place_outcome: int | None
    group: str
    banker: bool
    price: str | None
    part_price: str | None
    place_fraction: str | None
    place_price: str | None
    written: tuple[str | None, ...]

    @property
    def has_place_terms(self) -> bool:
        """Whether something is paid for a place."""
        return self.place_fraction is not None or self.place_price is not None


class StoredTicket(NamedTuple):
    """A ticket's row."""

    id: int
    bet_id: str
    kind: str
    system: str
    legs: int
    bankers: int
    stake: int
    currency: str
    each_way: bool
    free_bet: bool
    accepted: int
    rule_set: int
    status: str
    result: str
    payout: int
    cashed_out_stake: int
    cashed_out_amount: int
    ticks: int | None
    version: int
    player: int
    account: int | None

    @property
    def applied(self) -> Applied:
        """The state that stands in the books."""
        return Applied(
            STATUS[self.status],
            RESULT[self.result],
            self.payout,
            self.cashed_out_stake,
            self.cashed_out_amount,
            self.ticks,
        )


class KnownOutcome(NamedTuple):
    """What identifies an outcome."""

    id: int
    ref: str
    market: int
    event: str


@dataclass(slots=True)
class Book:
    """Some tickets with their legs and facts, and what was worked out about their outcomes."""

    tickets: list[StoredTicket]
    legs: dict[int, list[StoredLeg]]
    ticket_facts: dict[int, list[TicketFact]]
    outcomes: dict[int, KnownOutcome]
    market_facts: dict[int, list[MarketFact]]
    rules: Mapping[int, Rules]
    units: Mapping[str, Unit]
    last_settled: dict[int, LastSettled]
    states: dict[int, dict[int, OutcomeState]] = field(default_factory=dict)
    memories: dict[int, Memory] = field(default_factory=dict)
    agreed_legs: dict[tuple[object, ...], AgreedLeg] = field(default_factory=dict)
    books_without: dict[int, "Book"] = field(default_factory=dict)
    book_unpinned: "Book | None" = None

    def wanted(self, ticket: StoredTicket) -> Wanted:
        """Return what a ticket's facts come to."""
        rules = self.rules[ticket.rule_set]
        state_of = self.states_by(ticket.rule_set)
        memory = self.memories.setdefault(ticket.rule_set, Memory())
        facts = self.ticket_facts.get(ticket.id, ())
        return fold(self.agreed(ticket), state_of, facts, rules, memory)

    def states_by(self, rule_set: int) -> Callable[[int], OutcomeState]:
        """Return what says how outcomes stand by some rules; each is worked out once."""
        rules = self.rules[rule_set]
        known = self.states.setdefault(rule_set, {})

        def state_of(outcome: int) -> OutcomeState:
            if (found := known.get(outcome)) is None:
                found = known[outcome] = self.state_of(outcome, rules)
            return found

        return state_of

    def newest_heard(self, ticket: StoredTicket) -> int:
        """Return the number of what was said last of a ticket or of what it bets on; 0 for nothing.

        Also when it changes nothing: somebody may want to know it before he acts.
        """
        state_of = self.states_by(ticket.rule_set)
        heard = [fact.id for fact in self.ticket_facts.get(ticket.id, ())]
        for leg in self.legs[ticket.id]:
            for outcome in (leg.outcome, leg.place_outcome):
                if outcome is not None and (newest := state_of(outcome).newest) is not None:
                    heard.append(newest.id)
        return max(heard, default=0)

    def as_if(self, ticket: StoredTicket, said: Callable[[Fact], bool]) -> Wanted:
        """Return what a ticket's facts would come to, if only some of them had been said."""
        return self.narrowed(ticket, said).wanted(ticket)

    def without(self, ticket: StoredTicket, act: Fact) -> Wanted:
        """Return what a ticket's facts would come to without an act, all of it."""
        if act.batch is None:
            return self.as_if(ticket, lambda fact: fact is not act)
        if (book := self.books_without.get(act.batch)) is None:
            book = self.books_without[act.batch] = replace(
                self,
                ticket_facts=some(self.ticket_facts, lambda fact: fact.batch != act.batch),
                market_facts=some(self.market_facts, lambda fact: fact.batch != act.batch),
                states={},
                memories={},
                books_without={},
                book_unpinned=None,
            )
        return book.wanted(ticket)

    def unpinned(self, ticket: StoredTicket) -> Wanted:
        """Return what a ticket's facts would come to if nobody had fixed it, or a leg, by hand."""
        if self.book_unpinned is None:
            heard = {
                number: [fact for fact in facts if fact.kind not in PINNING]
                for number, facts in self.ticket_facts.items()
            }
            self.book_unpinned = replace(self, ticket_facts=heard, books_without={})
        return self.book_unpinned.wanted(ticket)

    def narrowed(self, ticket: StoredTicket, said: Callable[[Fact], bool]) -> "Book":
        """Return one ticket with some of its facts."""
        outcomes = [self.outcomes[one.outcome] for one in self.legs[ticket.id]]
        outcomes += [
            self.outcomes[one.place_outcome] for one in self.legs[ticket.id] if one.place_outcome
        ]
        of_ticket = {ticket.id: self.ticket_facts.get(ticket.id, [])}
        of_markets = {one.market: self.market_facts.get(one.market, []) for one in outcomes}
        return replace(
            self,
            tickets=[ticket],
            ticket_facts=some(of_ticket, said),
            market_facts=some(of_markets, said),
            states={},
            memories={},
        )

    def state_of(self, outcome: int, rules: Rules) -> OutcomeState:
        """Return what is said of an outcome, by these rules."""
        known = self.outcomes[outcome]
        facts = self.market_facts.get(known.market)
        return outcome_state(known.ref, facts, rules) if facts else NOTHING_SAID

    def agreed(self, ticket: StoredTicket) -> Agreed:
        """Return a ticket as it was bet."""
        kind = f"system:{ticket.system}" if ticket.kind == BetKind.SYSTEM else ticket.kind.lower()
        return Agreed(
            ticket.bet_id,
            shape_of(kind, legs=ticket.legs, bankers=ticket.bankers),
            ticket.stake,
            ticket.currency,
            self.units[ticket.currency].precision,
            ticket.accepted,
            tuple([self.agreed_leg(leg) for leg in self.legs[ticket.id]]),
            ticket.each_way,
            ticket.free_bet,
        )

    def agreed_leg(self, leg: StoredLeg) -> AgreedLeg:
        """Return a selection as it was bet; the same terms are the same object."""
        if (found := self.agreed_legs.get(leg[1:10])) is None:
            found = self.agreed_legs[leg[1:10]] = self.leg_on_terms(leg)
        return found

    def leg_on_terms(self, leg: StoredLeg) -> AgreedLeg:
        """Return a selection as it was bet."""
        known = self.outcomes[leg.outcome]
        return AgreedLeg(
            leg.position,
            leg.outcome,
            known.ref,
            known.event,
            leg.place_outcome,
            leg.group,
            leg.banker,
            exact(leg.price),
            exact(leg.part_price),
            exact(leg.place_fraction),
            exact(leg.place_price),
        )


def some(
    facts: Mapping[int, Sequence[Said]], said: Callable[[Fact], bool]
) -> dict[int, list[Said]]:
    """Return some of the facts."""
    return {key: [one for one in all_of_it if said(one)] for key, all_of_it in facts.items()}


def exact(number: str | None) -> Fraction | None:
    """Return a stored number."""
    return None if number is None else ratio(number)


def locked(ticket_ids: Sequence[int]) -> Book:
    """Lock tickets in the order of their ids until the transaction ends; then read the rest.

    What is read in later statements was committed when the locks were held, or is somebody's who
    leaves a due row.
    """
    return book_of([StoredTicket(*row) for row in rows_of(TICKETS + LOCKED, ticket_ids)])


def unlocked(ticket_ids: Sequence[int]) -> Book:
    """Read tickets and facts without a lock, for those who only look."""
    return book_of([StoredTicket(*row) for row in rows_of(TICKETS + ORDERED, ticket_ids)])


def rows_of(statement: str, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """Return the rows for a set of ids."""
    return arrays.fetch(statement, [arrays.numbers(sorted(ids))])


def book_of(tickets: list[StoredTicket]) -> Book:
    """Return tickets with their legs and everything that was said."""
    ids = [ticket.id for ticket in tickets]
    legs: dict[int, list[StoredLeg]] = {number: [] for number in ids}
    for row in rows_of(SELECTIONS, ids):
        legs[row[0]].append(StoredLeg._make((*row[1:11], row[11:])))
    wanted = {one.outcome for each in legs.values() for one in each}
    wanted |= {one.place_outcome for each in legs.values() for one in each if one.place_outcome}
    outcomes = {row[0]: KnownOutcome(*row) for row in rows_of(OUTCOMES, wanted)}
    return Book(
        tickets=tickets,
        legs=legs,
        ticket_facts=ticket_facts(ids),
        outcomes=outcomes,
        market_facts=market_facts({known.market for known in outcomes.values()}),
        rules=rules_by_id({ticket.rule_set for ticket in tickets}),
        units=units_of({ticket.currency for ticket in tickets}),
        last_settled=last_settled(
            [one.id for one in tickets if one.version and one.status == TicketStatus.OPEN]
        ),
    )


def last_settled(reopened: Sequence[int]) -> dict[int, LastSettled]:
    """Return what tickets that are open again were settled to last, by a provider."""
    if not reopened:
        return {}
    return {row[0]: LastSettled(*row[1:]) for row in rows_of(LAST_SETTLED, reopened)}


LAST_SETTLED = """
SELECT DISTINCT ON (ticket_id) ticket_id, after_payout, settled_ticks
  FROM settlement_settlementevent
 WHERE ticket_id = ANY (%s::bigint[]) AND after_status <> 'OPEN' AND source <> 'OPERATOR'
 ORDER BY ticket_id, sequence DESC
"""


def ticket_facts(ticket_ids: Iterable[int]) -> dict[int, list[TicketFact]]:
    """Return the facts about tickets themselves."""
    found: dict[int, list[TicketFact]] = {}
    for ticket_id, kind, position, content, *common in rows_of(TICKET_FACTS, ticket_ids):
        result = kind == TicketFactKind.RESULT
        found.setdefault(ticket_id, []).append(
            TicketFact(
                kind=TICKET_KIND[kind],
                position=position,
                result=RESULT_CONTENT.decode(content) if result else None,
                act=NO_ACT if result else ACT_CONTENT.decode(content),
                **commonly(common),
            )
        )
    return found


NO_ACT = ActSaid()


def market_facts(market_ids: Iterable[int]) -> dict[int, list[MarketFact]]:
    """Return the facts about markets."""
    found: dict[int, list[MarketFact]] = {}
    ids = arrays.numbers(sorted(market_ids))
    rows = arrays.fetch(MARKET_FACTS, [ids]) + arrays.fetch(EVENT_FACTS, [ids])
    for market_id, kind, certainty, content, *common in rows:
        found.setdefault(market_id, []).append(
            MarketFact(
                kind=MARKET_KIND[kind],
                certainty=certainty,
                content=MARKET_CONTENT.decode(content),
                **commonly(common),
            )
        )
    return found


def commonly(row: Sequence[Any]) -> dict[str, Any]:
    """Return what both kinds of facts have."""
    number, source, ticks, key, actor, reason, note, batch = row
    return {
        "id": number,
        "source": SOURCE[source],
        "ticks": ticks,
        "key": bytes(key),
        "actor": actor,
        "reason": reason,
        "note": note,
        "batch": batch,
    }


def rules_by_id(ids: Iterable[int]) -> dict[int, Rules]:
    """Return rule sets; they never change, so each is read once in a process."""
    if missing := [number for number in ids if number not in RULES_READ]:
        for row in RuleSet.objects.filter(pk__in=missing):
            RULES_READ[row.pk] = rule_set(row.settings)
    return RULES_READ


def units_of(codes: Iterable[str]) -> dict[str, Unit]:
    """Return currencies, which never change either."""
    if missing := [code for code in codes if code not in UNITS_READ]:
        UNITS_READ.update(wallet.units(missing))
    return UNITS_READ


RULES_READ: dict[int, Rules] = {}
UNITS_READ: dict[str, Unit] = {}

TICKETS = """
SELECT t.id, t.bet_id, t.kind, t.system, t.legs, t.bankers, t.stake, t.currency_id, t.each_way,
       t.free_bet_ref <> '', floor(extract(epoch FROM t.accepted_at) * 1000)::bigint,
       t.rule_set_id, t.status, t.result, t.payout, t.cashed_out_stake, t.cashed_out_amount,
       t.settled_ticks, t.version, t.player_id, a.id
  FROM settlement_ticket t
  LEFT JOIN wallet_account a
    ON a.player_id = t.player_id AND a.kind = 'PLAYER_CASH' AND a.currency_id = t.currency_id
 WHERE t.id = ANY (%s::bigint[])
"""
ORDERED = " ORDER BY t.id"
LOCKED = ORDERED + " FOR NO KEY UPDATE OF t"

SELECTIONS = """
SELECT ticket_id, id, position, outcome_id, place_outcome_id, "group", banker, price, part_price,
       place_fraction, place_price, win_factor, void_factor, place_win_factor, place_void_factor,
       deduction_percent, starting_price, result
  FROM settlement_selection WHERE ticket_id = ANY (%s::bigint[])
 ORDER BY ticket_id, position
"""

OUTCOMES = """
SELECT o.id, o.ref, o.market_id, e.ref
  FROM settlement_outcome o
  JOIN settlement_market m ON m.id = o.market_id
  JOIN settlement_sportevent e ON e.id = m.event_id
 WHERE o.id = ANY (%s::bigint[])
"""

TICKET_FACTS = """
SELECT ticket_id, kind, position, content, id, source, ticks, key, actor, reason, note, batch
  FROM settlement_ticketfact WHERE ticket_id = ANY (%s::bigint[])
"""

MARKET_FACTS = """
SELECT market_id, kind, certainty, content, id, source, ticks, key, actor, reason, note, batch
  FROM settlement_marketfact WHERE market_id = ANY (%s::bigint[])
"""

# Acts on whole events are few: they are looked for by a small index of their own.
EVENT_FACTS = """
SELECT m.id, f.kind, f.certainty, f.content, f.id, f.source, f.ticks, f.key, f.actor, f.reason,
       f.note, f.batch
  FROM settlement_market m JOIN settlement_marketfact f ON f.event_id = m.event_id
 WHERE m.id = ANY (%s::bigint[])
"""
