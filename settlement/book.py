"""Tickets with all that was said of them, and what that comes to; nothing is read or written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple, TypeVar

from settlement.fold.acts import PINNING
from settlement.fold.computing import Agreed, Memory
from settlement.fold.facts import AgreedLeg, Fact, MarketFact, TicketFact, Wanted
from settlement.fold.holding import Applied, LastSettled
from settlement.fold.missing import passed_over
from settlement.fold.naming import Named, is_unclear, ref_meant
from settlement.fold.outcomes import NOTHING_SAID, OutcomeState, outcome_state
from settlement.fold.tickets import fold
from settlement.rules.exact import ratio
from settlement.rules.kinds import shape_of
from settlement.rules.ruleset import RuleSet as Rules
from settlement.vocabulary import BetKind, TicketResult, TicketStatus
from wallet.money import Unit

STATUS = {str(word): word for word in TicketStatus}
RESULT = {str(word): word for word in TicketResult}
Said = TypeVar("Said", bound=Fact)


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
    name: str = ""
    line: str = ""

    @property
    def named(self) -> Named:
        """What it is called, for want of an id."""
        return Named(self.name, self.line)


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
        if not facts:
            return NOTHING_SAID
        return outcome_state(known.ref or ref_meant(facts, known.named), facts, rules)

    def markets_with_gaps(self) -> list[int]:
        """Return the markets settled without a clear word of what these tickets bet on."""
        return sorted({one.market for one in self.outcomes.values() if self.is_gap(one)})

    def is_gap(self, known: KnownOutcome) -> bool:
        """Whether an outcome's market was settled, and of the outcome nothing clear was said."""
        facts = self.market_facts.get(known.market, ())
        if not known.ref:
            return is_unclear(facts, known.named)
        return passed_over(facts, known.ref)

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
