"""Facts in words: what providers and our own people said of a ticket or of what it bets on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from backoffice.standing import amount
from backoffice.words import grouped, person, source_name, whose, within_a_sentence
from feeds.sportradar.void_reasons import reason_text
from settlement import bets
from settlement.fold.naming import Named, refs_named
from settlement.fold.outcomes import factors_of
from settlement.fold.results import exactly
from settlement.models import MarketFact, Outcome, Selection, Ticket, TicketFact
from settlement.models.facts import Fact
from settlement.reading import ACT_CONTENT, MARKET_CONTENT, RESULT_CONTENT
from settlement.rules.legs import word
from settlement.said import (
    ActSaid,
    Ended,
    LegSaid,
    MarketContent,
    OutcomeSaid,
    ResultSaid,
    moment_of,
)
from settlement.vocabulary import MarketFactKind, Source, TicketFactKind, TicketResult

VOID: Ended = ("0", "1")
MOST_NAMED = 5
TICKS_A_MILLISECOND = 10_000
ENDED = {
    TicketResult.WIN: "won",
    TicketResult.LOSE: "lost",
    TicketResult.REFUND: "refunded",
    TicketResult.HALF_WIN: "half won",
    TicketResult.HALF_LOSE: "half lost",
    TicketResult.PLACE_WIN: "placed",
    TicketResult.CASH_OUT: "cashed out",
}
DEEDS = {
    TicketFactKind.VOID: "voids the bet",
    TicketFactKind.REOPEN: "opens the bet again",
    TicketFactKind.CANCEL: "cancels the bet",
    TicketFactKind.REJECT: "rejects the bet",
    TicketFactKind.RELEASE: "lets the providers' results count again",
}
PROVIDERS_DEEDS = {
    MarketFactKind.ROLLBACK: "takes back its result of",
    MarketFactKind.CANCEL: "cancels",
    MarketFactKind.CANCEL_ROLLBACK: "takes back its cancellation of",
}
OUR_DEEDS = {
    MarketFactKind.ROLLBACK: "opens again",
    MarketFactKind.CANCEL: "voids",
    MarketFactKind.CANCEL_ROLLBACK: "takes back the cancellation of",
}
SURE = {1: " (live)", 2: " (confirmed)"}


class Told(NamedTuple):
    """What was said, as one sentence that can be read aloud, and what else there is to know.

    `retracts` are the facts that it takes back.
    """

    title: str
    details: tuple[str, ...] = ()
    retracts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bet:
    """A ticket and its selections, which facts are put in words for.

    `acts` are the numbers of the acts that facts by hand are a part of, by the facts' numbers;
    `void_reasons` what Sportradar's numbers mean, as it told.
    """

    ticket: Ticket
    selections: list[Selection]
    acts: Mapping[int, int]
    void_reasons: Mapping[int, str] = field(default_factory=dict)

    def legs_on(self, market: int | None, event: int | None = None) -> list[tuple[str, Outcome]]:
        """Return what this ticket bets on there: the leg, or its place part, and on what."""
        found = []
        for one in self.selections:
            if is_on(one.outcome, market, event):
                found.append((f"Leg {one.position}", one.outcome))
            elif one.place_outcome is not None and is_on(one.place_outcome, market, event):
                found.append((f"Leg {one.position}, place part", one.place_outcome))
        return found

    def leg_named(self, said: LegSaid) -> str:
        """Return the number of the leg that a provider speaks of, or his own word for it."""
        for one in self.selections:
            ours = one.outcome.market.event.ref
            if one.outcome.ref == said.ref and said.event in ("", ours):
                return f"leg {one.position}"
        return f"“{said.ref}”"


def is_on(outcome: Outcome, market: int | None, event: int | None) -> bool:
    """Whether an outcome is one of a market's or, when none is named, of an event's."""
    if market is None:
        return outcome.market.event_id == event
    return outcome.market_id == market


def legs_told(on: Iterable[tuple[str, Outcome]]) -> list[str]:
    """Return legs with the names of what is bet on."""
    return [f"{leg}: {bets.name_of(outcome)}." for leg, outcome in on]


def told_of_ticket(fact: TicketFact, bet: Bet) -> Told:
    """Put in words what was said of the whole ticket, or of a leg by one of our own."""
    if fact.kind == TicketFactKind.RESULT:
        return told_result(fact, RESULT_CONTENT.decode(fact.content), bet)
    said = ACT_CONTENT.decode(fact.content)
    if fact.kind == TicketFactKind.ACCEPT:
        return told_acceptance(fact, said, bet)
    on = [(f"Leg {one.position}", one.outcome) for one in bet.selections
          if one.position == fact.position]  # fmt: skip
    title = f"{person(fact.actor)} {deed(fact, said, bet)}{why(fact)}."
    return Told(title, tuple(legs_told(on)), said.retracts)


def told_acceptance(fact: TicketFact, said: ActSaid, bet: Bet) -> Told:
    """Put in words that one of our own accepts what a provider answered."""
    who = source_name(said.source or "")
    title = f"{person(fact.actor)} accepts {whose(who)} result{why(fact)}."
    if said.says is None:
        return Told(title)
    told = told_answer(said.says, who, bet)
    asked = f"{who} was asked in look-up {said.lookup} at {clock(moment_of(fact.ticks))}."
    return Told(title, (told.title, asked, *told.details))


def told_result(fact: TicketFact, said: ResultSaid, bet: Bet) -> Told:
    """Put in words how a provider says that the bet ended."""
    told = told_answer(said, source_name(fact.source), bet)
    return told._replace(details=(f"{by_clock(fact)}{multiplied(said)}.", *told.details))


def multiplied(said: ResultSaid) -> str:
    """Return what a provider multiplies the stake by."""
    return "" if said.multiplier is None else f", multiplier {said.multiplier}"


def told_answer(said: ResultSaid, who: str, bet: Bet) -> Told:
    """Put in words what a provider says of a bet, whenever he says it."""
    if said.flag:
        title = f"{who} says: the whole bet is {said.flag.lower()}."
    elif said.result == TicketResult.NONE:
        title = f"{who} takes its settlement back."
    else:
        pays = f", pays {padded(said.payout, bet.ticket)}" if said.payout is not None else ""
        title = f"{who} says: {ENDED.get(said.result, said.result.lower())}{pays}."
    legs = [f"{bet.leg_named(leg)} {parts(leg.win, leg.place)}" for leg in said.legs]
    told = []
    if said.partial_refund is not None and exactly(said.partial_refund):
        told.append(f"Of that, {padded(said.partial_refund, bet.ticket)} is a partial refund.")
    if legs:
        told.append(f"Of the legs it says: {'; '.join(legs)}.")
    return Told(title, tuple(told))


def deed(fact: TicketFact, said: ActSaid, bet: Bet) -> str:
    """Return what one of our own does to a ticket."""
    ticket = bet.ticket
    money = f"{amount(ticket, said.amount or 0)} {ticket.currency_id}"
    result = within_a_sentence(said.result or "")
    match fact.kind:
        case TicketFactKind.SETTLE:
            return f"settles the bet as {result}"
        case TicketFactKind.AMOUNT:
            return f"settles the bet at {money} in all" + (f", as {result}" if result else "")
        case TicketFactKind.CASH_OUT:
            taken = f"{amount(ticket, said.stake or 0)} {ticket.currency_id}"
            return f"cashes out {taken} of the stake for {money}"
        case TicketFactKind.LEG:
            return deed_on_leg(fact.position or 0, said)
        case TicketFactKind.RETRACTION:
            return taking_back(said.retracts, bet.acts)
    return DEEDS[TicketFactKind(fact.kind)]


def deed_on_leg(position: int, said: ActSaid) -> str:
    """Return what one of our own says of a leg."""
    told = [settling(position, said.win, said.place)]
    if said.percent is not None:
        told.append(f"takes {said.percent} % off the profit on leg {position} (Rule 4)")
    if said.starting_price is not None:
        told.append(f"gives leg {position} the starting price {said.starting_price}")
    return " and ".join(filter(None, told))


def settling(position: int, win: Ended, place: Ended) -> str:
    """Return how one of our own settles a leg, or its parts where they end otherwise."""
    if win is None and place is None:
        return ""
    if win is None:
        return f"settles the place part of leg {position} as {word_of(place)}"
    if place is not None and place != win:
        return f"settles leg {position} as {word_of(win)}, its place part as {word_of(place)}"
    return f"voids leg {position}" if win == VOID else f"settles leg {position} as {word_of(win)}"


def told_of_market(fact: MarketFact, bet: Bet) -> Told:
    """Put in words what was said of a market, as far as it reaches what was bet on there."""
    said = MARKET_CONTENT.decode(fact.content)
    ours = fact.source == Source.OPERATOR
    who = person(fact.actor) if ours else source_name(fact.source)
    on = bet.legs_on(fact.market_id, fact.event_id)
    legs = legs_told(on)
    what = said_of_market(fact, said, [outcome for _, outcome in on], bet.acts)
    title = f"{who} {what}{why(fact)}."
    if not ours:
        legs.append(f"{by_clock(fact)}{void_reason_of(fact, said, bet)}.")
    return Told(title, tuple(legs), said.retracts)


def void_reason_of(fact: MarketFact, said: MarketContent, bet: Bet) -> str:
    """Return why a provider voids; only Sportradar's numbers have a text."""
    if said.void_reason is None:
        return ""
    if fact.source != Source.SPORTRADAR:
        return f", void reason {said.void_reason}"
    return f", {reason_text(said.void_reason, bet.void_reasons)}"


def said_of_market(
    fact: MarketFact, said: MarketContent, outcomes: list[Outcome], acts: Mapping[int, int]
) -> str:
    """Return what somebody says of a market that these outcomes belong to."""
    kind = MarketFactKind(fact.kind)
    if fact.source == Source.LSPORTS and kind == MarketFactKind.SETTLEMENT:
        return said_of_bets(fact, said, outcomes)
    deeds = OUR_DEEDS if fact.source == Source.OPERATOR else PROVIDERS_DEEDS
    named = {one.ref: one for one in outcomes if one.ref and one.ref in said.outcomes}
    what = " and ".join(map(outcome_label, named.values())) or about(fact)
    held = [one for one in outcomes if one.ref in said.held]
    match kind:
        case MarketFactKind.SETTLEMENT if held and not named:
            came = ", ".join(f"{said.held[one.ref]} for {outcome_label(one)}" for one in held)
            return f"says what has no known meaning: {came}"
        case MarketFactKind.SETTLEMENT if not named:
            return f"speaks of {what} and not of what was bet on: {some_of(said)}"
        case MarketFactKind.SETTLEMENT:
            ends = {outcome_label(one): said.outcomes[ref].ended for ref, one in named.items()}
            return f"{settled(fact, ends)}{window(said)}"
        case MarketFactKind.DEDUCTION:
            return f"takes {said.percent} % off the profit on {what}{window(said)} (Rule 4)"
        case MarketFactKind.RETRACTION:
            return taking_back(said.retracts, acts)
    return f"{deeds[kind]} {what}{window(said)}"


def said_of_bets(fact: MarketFact, said: MarketContent, outcomes: list[Outcome]) -> str:
    """Return what LSports says of the bets of a market that these outcomes are."""
    of_market = f" of {market_name(fact)}"
    refs = {ref_of(one, said.outcomes): one for one in outcomes}
    told = [
        said_of_bet(bet_label(refs[ref], one), of_market, one.ended)
        for ref, one in said.outcomes.items()
        if ref in refs
    ]
    told += [
        f"says what has no known meaning: {said.held[one.ref]} for bet {name_or_ref(one)}"
        for one in outcomes
        if one.ref in said.held
    ]
    if open_bets := [f"bet {name_or_ref(one)}" for one in outcomes if one.ref in said.opened]:
        told.append(f"shows {' and '.join(open_bets)}{of_market} open")
    if told:
        return ", ".join(told)
    return f"speaks of {about(fact)} and not of what was bet on" + (
        f": {some_of(said)}" if said.outcomes else ""
    )


def said_of_bet(label: str, of_market: str, ended: Ended) -> str:
    """Return how a bet ended, or that this is taken back."""
    if ended is None:
        return (
            f"takes its settlement of bet {label}{of_market} back (VAR or a mistake): "
            "the bet is open again"
        )
    return f"settles bet {label}{of_market}: {word_of(ended)}"


def ref_of(outcome: Outcome, told: Mapping[str, OutcomeSaid]) -> str:
    """Return which of the bets told an outcome is; nothing when it is none, or several may be."""
    if outcome.ref:
        return outcome.ref if outcome.ref in told else ""
    found = refs_named(told, Named(outcome.name, outcome.line))
    return found[0] if len(found) == 1 else ""


def bet_label(outcome: Outcome, told: OutcomeSaid) -> str:
    """Return a bet's name and line, as LSports has them."""
    named = " ".join(filter(None, (told.player, told.name, told.line)))
    return named or name_or_ref(outcome)


def name_or_ref(outcome: Outcome) -> str:
    """Return an outcome's name, or its provider's id."""
    return bets.outcome_name(outcome) if outcome.name else outcome.ref


def market_name(fact: MarketFact) -> str:
    """Return a market's name, or its provider's word for it."""
    if fact.market is None:
        return about(fact)
    return fact.market.name or f"market {fact.market.ref}"


def settled(fact: MarketFact, ends: Mapping[str, Ended]) -> str:
    """Return how outcomes ended; only Sportradar says how sure that is."""
    if fact.source == Source.OPERATOR:
        return "settles " + ", ".join(f"{one} as {word_of(end)}" for one, end in ends.items())
    sure = SURE[fact.certainty] if fact.source == Source.SPORTRADAR else ""
    return "says: " + ", ".join(f"{one} {word_of(end)}" for one, end in ends.items()) + sure


def some_of(said: MarketContent) -> str:
    """Return the first outcomes that a settlement names, and how many more there are."""
    told = [
        f"{one.name or f'outcome {ref}'} {word_of(one.ended)}"
        for ref, one in list(said.outcomes.items())[:MOST_NAMED]
    ]
    more = len(said.outcomes) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def why(fact: Fact) -> str:
    """Return in which act and why one of our own says it; a provider gives no reasons."""
    reason = f": {within_a_sentence(fact.reason)}" if fact.reason else ""
    return in_act(fact.batch) + reason + (f" — “{fact.note}”" if fact.note else "")


def in_act(number: int | None) -> str:
    """Return in which act something was said or done."""
    return f" in act {number}" if number else ""


def taking_back(retracts: tuple[int, ...], acts: Mapping[int, int]) -> str:
    """Return which act is taken back; or which facts, when they are no part of the same one."""
    known = {acts.get(number) for number in retracts}
    if len(known) == 1 and None not in known:
        return f"takes back act {known.pop()}"
    return f"takes back fact{'s'[: len(retracts) > 1]} {' and '.join(map(str, retracts))}"


def window(said: MarketContent) -> str:
    """Return which bets a fact is about, by when they were accepted."""
    start, end = said.start, said.end
    if start is None and end is None:
        return ""
    since = "" if start is None else f" from {clock(at_millisecond(start))}"
    until = "" if end is None else f" until {clock(at_millisecond(end))}"
    return f" for bets accepted{since}{until}"


def at_millisecond(number: int) -> datetime:
    """Return a millisecond since 1970 as a point in time."""
    return moment_of(number * TICKS_A_MILLISECOND)


def parts(win: Ended, place: Ended) -> str:
    """Return how a leg ended; its place part is named where it ended otherwise."""
    if place is None or place == win:
        return word_of(win)
    said = f"its place part {word_of(place)}"
    return said if win is None else f"{word_of(win)}, {said}"


def word_of(ended: Ended) -> str:
    """Return how an outcome ended."""
    if (found := factors_of(ended)) is None:
        return "undecided"
    tied = f" in a dead heat, {found.dead_heat} of the stake counts" if found.dead_heat else ""
    return f"{word(found)}{tied}"


def outcome_label(outcome: Outcome) -> str:
    """Return an outcome's name, or what its provider calls it."""
    return bets.outcome_name(outcome) if outcome.name else f"outcome {outcome.ref}"


def about(fact: MarketFact) -> str:
    """Return the name of the market or event that a fact is about, or its provider's word."""
    if fact.market is None:
        return f"all markets of {fact.event}"
    return f"“{fact.market.name}”" if fact.market.name else f"market {fact.market}"


def by_clock(fact: Fact) -> str:
    """Return a provider's own time of what he says."""
    return f"By {whose(source_name(fact.source))} clock: {clock(moment_of(fact.ticks))}"


def clock(at: datetime) -> str:
    """Return a moment for a sentence."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def padded(given: str, ticket: Ticket) -> str:
    """Return a provider's amount with at least the places that the currency has."""
    whole, _, part = given.partition(".")
    part = part.ljust(ticket.currency.precision, "0")
    return f"{grouped(f'{whole}.{part}' if part else whole)} {ticket.currency_id}"
