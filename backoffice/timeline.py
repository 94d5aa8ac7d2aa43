"""All that happened to a ticket in one list, oldest first, told like a story.

Messages, what they say, what our own people do, how the ticket moves and with it the money, and
what a person was asked. A transfer is told with the event that makes it, never by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from backoffice import tickets
from backoffice.calls import answer_told, asked_by, took
from backoffice.facts import Bet, Told, clock, in_act, legs_told, told_of_market, told_of_ticket
from backoffice.heard import OLDER, Hearing
from backoffice.standing import amount, sentence, stake_from
from backoffice.words import grouped, person, signed, within_a_sentence, worded
from feeds import selectors as feeds
from feeds.models import FeedMessage, LookupCall, VoidReason
from feeds.names import name_of
from feeds.remembering import calls_about
from feeds.sportradar.speaking import spoken_by
from settlement import histories, selectors
from settlement.models import (
    MarketFact,
    Review,
    Selection,
    SettlementEvent,
    Ticket,
    TicketFact,
)
from settlement.vocabulary import (
    HOLDING,
    EventKind,
    ReviewEnd,
    Source,
    TicketFactKind,
    TicketResult,
)
from settlement.writing import transfer_key
from wallet import selectors as wallet
from wallet.money import text
from wallet.selectors import StatementLine

AnyFact = TicketFact | MarketFact


class What(StrEnum):
    """What sort of thing happened. The order is that of things of the same moment."""

    PLACED = "PLACED"
    MESSAGE = "MESSAGE"
    LOOKUP = "LOOKUP"
    SAID = "SAID"
    ACT = "ACT"
    EVENT = "EVENT"
    REVIEW_OPENED = "REVIEW_OPENED"
    REVIEW_CLOSED = "REVIEW_CLOSED"


MOST_CALLS = 200
VOIDED = '"void_reason"'  # As it stands in a fact's content.
# What is said and what is done about it are told in the order of their numbers.
RANK = {What.PLACED: 0, What.MESSAGE: 1, What.LOOKUP: 1}
RANK |= {What.SAID: 2, What.ACT: 2, What.EVENT: 3}
RANK |= {What.REVIEW_OPENED: 4, What.REVIEW_CLOSED: 5}
BECAME = {
    "STORED": "it waits to be read",
    "DONE": "done",
    "IGNORED": "it says nothing of bets",
    "PARKED": "parked until its ticket comes",
    "QUARANTINED": "set aside for a person",
}
MOVED = {
    EventKind.SETTLE: "Settled",
    EventKind.RESETTLE: "Settled anew",
    EventKind.VOID: "Settled",
    EventKind.REOPEN: "Reopened",
    EventKind.CASH_OUT: "Cashed out",
    EventKind.CANCEL: "Cancelled",
    EventKind.REJECT: "Rejected",
}
ENDS = {ReviewEnd.ACCEPTED: "accepts", ReviewEnd.DISMISSED: "dismisses"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. Amounts are decimal text in major units.

    `kind` is the stored word for it, `title` a sentence to read aloud. The numbers of the message,
    fact, event, review, look-up and act (`batch`) and the transfer's key lead to where more stands.
    """

    at: datetime
    what: What
    kind: str
    title: str
    details: tuple[str, ...] = ()
    actor: str = ""
    source: str = ""
    reason: str = ""
    note: str = ""
    payout: str | None = None
    change: str | None = None
    balance_after: str | None = None
    message: int | None = None
    fact: int | None = None
    event: int | None = None
    transfer: str | None = None
    review: int | None = None
    batch: int | None = None
    lookup: int | None = None


class Placed(NamedTuple):
    """An entry and its place in the story."""

    at: datetime
    rank: int
    number: int
    entry: Entry


def timeline_of(ticket: Ticket) -> list[Entry]:
    """Return all that happened to a ticket, the oldest first; a few queries whatever its length."""
    selections = selectors.selections_of(ticket.pk)
    facts = facts_of(ticket, selections)
    acts = {fact.pk: fact.batch for fact in facts if fact.batch}
    bet = Bet(ticket, selections, acts, void_reasons_for(facts))
    numbers = {fact.message for fact in facts if fact.message}
    messages = feeds.messages_about(
        provider=ticket.provider, subjects=histories.subjects_of(ticket), also=numbers
    )
    lines = lines_of(ticket)
    story = [placed(taken_in(ticket, lines.get(transfer_key(ticket.pk, 0))), 0)]
    speakers = speakers_of(ticket, messages)
    story += [placed(message_entry(one, speakers.get(one.pk, "")), one.pk) for one in messages]
    for call in calls_about(ticket=ticket.pk, most=MOST_CALLS):
        story.append(placed(call_entry(call, bet), call.pk))
    story += fact_entries(facts, bet)
    story += event_entries(ticket, facts, lines)
    for review in histories.reviews_of(ticket, selections):
        story += [placed(entry, review.pk) for entry in review_entries(review, bet)]
    return [one.entry for one in sorted(story, key=lambda one: one[:3])]


def placed(entry: Entry, number: int) -> Placed:
    """Return an entry with its place: by time, then by what it is, then by its number."""
    return Placed(entry.at, RANK[entry.what], number, entry)


def facts_of(ticket: Ticket, selections: Sequence[Selection]) -> list[AnyFact]:
    """Return what was said of a ticket and of its markets, in the order of being written down."""
    found: list[AnyFact] = [*histories.ticket_facts_of(ticket)]
    found += histories.market_facts_of(selections)
    return sorted(found, key=lambda fact: fact.pk)


def void_reasons_for(facts: Sequence[AnyFact]) -> dict[int, str]:
    """Return what Sportradar's void reasons mean, where it gave any."""
    if not any(fact.source == Source.SPORTRADAR and VOIDED in fact.content for fact in facts):
        return {}
    return dict(VoidReason.objects.values_list("code", "description"))


def lines_of(ticket: Ticket) -> dict[str, StatementLine]:
    """Return the money that moved for a ticket, by the transfers' keys."""
    unit = ticket.currency.unit
    return {one.key: wallet.statement_line(one, unit) for one in tickets.transfers_of(ticket)}


def taken_in(ticket: Ticket, line: StatementLine | None) -> Entry:
    """Tell that the bet came in, and whose money its stake was."""
    staked = f"{amount(ticket, ticket.stake)} {ticket.currency_id} staked, {stake_from(ticket)}"
    return Entry(
        at=ticket.created_at,
        what=What.PLACED,
        kind="PLACED",
        title=f"The bet was taken in: {staked}{balance_told(line)}.",
        details=(f"{ticket.player} placed it at {clock(ticket.placed_at.astimezone(UTC))}.",),
        actor=line.actor if line else "",
        reason=line.reason if line else "",
        **money_of(line),
    )


def balance_told(line: StatementLine | None) -> str:
    """Return what the player held after a transfer."""
    return f", balance {grouped(line.balance_after)} after" if line else ""


def money_of(line: StatementLine | None) -> dict[str, Any]:
    """Return the money that moved with something."""
    if line is None:
        return {}
    return {"change": line.change, "balance_after": line.balance_after, "transfer": line.key}


def speakers_of(ticket: Ticket, messages: Sequence[FeedMessage]) -> dict[int, str]:
    """Return which of Sportradar's producers said what, by the messages' numbers."""
    if ticket.provider != Source.SPORTRADAR:
        return {}
    return spoken_by(one.pk for one in messages)


def message_entry(message: FeedMessage, speaker: str) -> Entry:
    """Tell that a provider's message came, how often, and what became of it."""
    times = f", {message.times_received} times in all" if message.times_received > 1 else ""
    whose = name_of(message.feed)
    return Entry(
        at=message.received_at,
        what=What.MESSAGE,
        kind=message.state,
        title=f"Message {message.pk} came from {whose}{times}: {BECAME[message.state]}.",
        details=tuple(filter(None, [speaker and f"Its producer is {speaker}.", message.note])),
        source=message.feed.partition("-")[0],
        note=message.note,
        message=message.pk,
    )


def call_entry(call: LookupCall, bet: Bet) -> Entry:
    """Tell what was asked of Odds88, and what it said."""
    return Entry(
        at=call.created_at,
        what=What.LOOKUP,
        kind=call.kind,
        title=f"{asked_by(call)}.",
        details=(answer_told(call, bet), took(call)),
        actor=call.actor,
        source="odds88",
        lookup=call.pk,
    )


def fact_entries(facts: Sequence[AnyFact], bet: Bet) -> list[Placed]:
    """Tell what was said, in the order of being written down."""
    found: list[Placed] = []
    titles: dict[int, str] = {}
    latest = 0
    hearing = Hearing(bet)
    for fact in facts:
        told = told_of(fact, bet)
        details = [*told.details, *taken_back(fact, told, titles)]
        if fact.kind == TicketFactKind.RESULT and fact.ticks < latest:
            details.append(OLDER)
        if isinstance(fact, MarketFact) and (remark := hearing.remark(fact)):
            details.append(remark)
        latest = max(latest, fact.ticks)
        titles[fact.pk] = told.title
        found.append(placed(fact_entry(fact, told.title, details), fact.pk))
    return found


def told_of(fact: AnyFact, bet: Bet) -> Told:
    """Put a fact in words."""
    return told_of_ticket(fact, bet) if isinstance(fact, TicketFact) else told_of_market(fact, bet)


def taken_back(fact: AnyFact, told: Told, titles: Mapping[int, str]) -> list[str]:
    """Return what the facts that are taken back, or replaced, had said."""
    start = "Fact" if fact.kind == TicketFactKind.RETRACTION else "In the place of fact"
    return [f"{start} {number}: {titles[number]}" for number in told.retracts if number in titles]


def fact_entry(fact: AnyFact, title: str, details: Sequence[str]) -> Entry:
    """Tell what a provider or one of our own said."""
    return Entry(
        at=fact.created_at,
        what=What.ACT if fact.source == Source.OPERATOR else What.SAID,
        kind=fact.kind,
        title=title,
        details=tuple(details),
        actor=fact.actor,
        source=fact.source.lower(),
        reason=fact.reason,
        note=fact.note,
        message=fact.message,
        fact=fact.pk,
        batch=fact.batch,
    )


def event_entries(
    ticket: Ticket, facts: Sequence[AnyFact], lines: Mapping[str, StatementLine]
) -> list[Placed]:
    """Tell how the ticket moved; who made it move and why, where no act has told that."""
    acts = {(fact.actor, fact.reason, fact.note, fact.batch) for fact in facts}
    found = []
    for event in histories.events_of(ticket):
        unsaid = (event.actor, event.reason, event.note, event.batch) not in acts
        by_us = event.batch or event.source == Source.OPERATOR
        details = (by_whom(event),) if unsaid and by_us else ()
        line = lines.get(transfer_key(ticket.pk, event.sequence))
        found.append(placed(event_entry(event, ticket, line, details), event.sequence))
    return found


def event_entry(
    event: SettlementEvent, ticket: Ticket, line: StatementLine | None, details: tuple[str, ...]
) -> Entry:
    """Tell how the ticket moved, and the money that moved with it."""
    return Entry(
        at=event.created_at,
        what=What.EVENT,
        kind=event.kind,
        title=f"{moved(event)}, {paid(event, ticket)}{balance_told(line)}.",
        details=details,
        actor=event.actor,
        source=event.source.lower(),
        reason=event.reason,
        note=event.note,
        payout=text(event.after_payout, ticket.currency.precision),
        event=event.sequence,
        batch=event.batch,
        **money_of(line),
    )


def moved(event: SettlementEvent) -> str:
    """Return how a ticket moved: Settled: WIN."""
    word = MOVED[EventKind(event.kind)]
    if event.after_result == TicketResult.NONE:
        return word
    before = event.before_result
    instead = f" instead of {capitals(before)}" if event.kind == EventKind.RESETTLE else ""
    return (
        f"{word}: {capitals(event.after_result)}{instead if before != event.after_result else ''}"
    )


def capitals(result: str) -> str:
    """Return a result as it stands out of a sentence."""
    return result.replace("_", " ")


def paid(event: SettlementEvent, ticket: Ticket) -> str:
    """Return what a ticket has paid by now, and by how much that changed."""
    total = f"paid {amount(ticket, event.after_payout)} {ticket.currency_id}"
    if not event.difference:
        return total if event.after_payout else "nothing paid"
    return f"{total} ({signed(text(event.difference, ticket.currency.precision))})"


def by_whom(event: SettlementEvent) -> str:
    """Say who made a ticket move, and why, where no act says so."""
    note = f" — “{event.note}”" if event.note else ""
    who = f"{person(event.actor)}{in_act(event.batch)}"
    return f"By {who}: {within_a_sentence(event.reason)}{note}."


def review_entries(review: Review, bet: Bet) -> list[Entry]:
    """Tell what a person was asked about the ticket or a leg's market, and how that ended."""
    asked = Entry(
        at=review.opened_at,
        what=What.REVIEW_OPENED,
        kind=review.kind,
        title=f"A person has to look: {review.sentence}",
        details=(held_back(review, bet.ticket), *legs_told(bet.legs_on(review.market_id))),
        message=review.message,
        review=review.pk,
    )
    if review.closed_at is None:
        return [asked]
    return [asked, review_closed(review, review.closed_at)]


def held_back(review: Review, ticket: Ticket) -> str:
    """Return the kind of a question, and the money that waits for its answer."""
    kind = worded(review.kind)
    if review.amount is None or review.kind not in HOLDING:
        return f"{kind}."
    held = signed(text(review.amount, ticket.currency.precision))
    return f"{kind}: {held} {ticket.currency_id} is held back until then."


def review_closed(review: Review, at: datetime) -> Entry:
    """Tell how a question ended: by an answer, or because nobody asks it any more."""
    about = f"review {review.pk}, {within_a_sentence(review.kind)}"
    title = f"Nobody has to look any more: {about}."
    if review.end in ENDS:
        note = f" — “{review.note}”" if review.note else ""
        who, ends = person(review.closed_by), ENDS[ReviewEnd(review.end)]
        title = f"{who} {ends} {about},{in_act(review.batch)}{note}."
    return Entry(
        at=at,
        what=What.REVIEW_CLOSED,
        kind=review.end,
        title=title,
        actor=review.closed_by,
        note=review.note,
        review=review.pk,
        batch=review.batch,
    )


def timeline_object(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket's timeline as programs read it."""
    return {
        "bet_id": ticket.bet_id,
        "status": ticket.status,
        "sentence": standing_of(ticket),
        "currency": ticket.currency_id,
        "entries": [entry_object(one) for one in timeline_of(ticket)],
    }


def standing_of(ticket: Ticket) -> str:
    """Say in a sentence where a ticket stands."""
    selections = selectors.selections_of(ticket.pk)
    held = histories.waits_for_a_person(ticket, histories.reviews_of(ticket, selections))
    return sentence(ticket, tickets.explained(ticket, selections), held=held)


def entry_object(entry: Entry) -> dict[str, Any]:
    """Return an entry as programs read it; what it has not is null."""
    return {
        "at": entry.at.isoformat(),
        "what": entry.what,
        "kind": entry.kind,
        "title": entry.title,
        "details": entry.details,
        "actor": entry.actor or None,
        "source": entry.source or None,
        "reason": entry.reason or None,
        "note": entry.note or None,
        "payout": entry.payout,
        "change": entry.change,
        "balance_after": entry.balance_after,
        "message": entry.message,
        "fact": entry.fact,
        "event": entry.event,
        "transfer": entry.transfer,
        "review": entry.review,
        "batch": entry.batch,
        "lookup": entry.lookup,
    }
