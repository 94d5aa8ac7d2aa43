"""The inbox: messages are stored first, and processed afterwards, as often as need be.

`receive` keeps what comes and never asks what it means. `process` reads, writes facts and settles.
Whoever brings a ticket commits it, and then looks here for what came before it; a message is done
with only after its tickets were looked for in a transaction that began when it could be found.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from django.db import DataError, IntegrityError

from feeds import store
from feeds.asking import (
    Question,
    ahead,
    asked_by,
    asked_of_the_gone,
    asked_where_bet,
    bearer_of,
    from_the_future,
    not_the_ticket,
    partly_ahead,
)
from feeds.matching import NotTheTicket, bet_on_at, market_key, matches, tracked
from feeds.models import MessageState
from feeds.readers import ALL_MATTER, events_of, leaves_out, provider_of, read
from feeds.store import Ended, Stored
from settlement import arrays, services
from settlement.recording import (
    ForMarket,
    ForTicket,
    look_for_all_tickets,
    look_for_tickets,
    record_market_facts,
    record_results,
)
from settlement.reviews import close_about, close_of_messages, open_reviews
from settlement.said import (
    TICKS_A_SECOND,
    MarketSaid,
    Told,
    Unreadable,
    ticks_of,
)
from settlement.vocabulary import ReviewKind

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 1000
MOST_AHEAD = 60 * TICKS_A_SECOND


class Received(NamedTuple):
    """What was stored: the numbers of all messages, in their order, and of those never seen."""

    ids: list[int]
    fresh: set[int]


@dataclass(slots=True)
class Processed:
    """What came of processing, by the state that the messages ended in.

    `due` are tickets on markets that heard something: they wait to be settled.
    """

    states: dict[MessageState, int] = field(default_factory=dict)
    settled: services.Done = field(default_factory=services.Done)
    due: set[int] = field(default_factory=set)

    def __add__(self, other: "Processed") -> "Processed":
        both = self.states.keys() | other.states.keys()
        return Processed(
            {state: self.states.get(state, 0) + other.states.get(state, 0) for state in both},
            self.settled + other.settled,
            self.due | other.due,
        )


def receive(*, feed: str, bodies: Sequence[bytes]) -> Received:
    """Keep messages as they came; one that came before is counted and not stored again."""
    if not bodies:
        return Received([], set())
    return services.retried(lambda: Received(*store.store(feed, bodies)))


class Read(NamedTuple):
    """A message and what it says, or the sentence why it can't be read."""

    id: int
    feed: str
    told: Told | None
    complaint: str = ""


def process(*, message_ids: Iterable[int], now: datetime | None = None) -> Processed:
    """Read messages, write their facts, look for their tickets, settle what is known by its id.

    Tickets of markets are left due: `drain` or a worker settles them.
    """
    ids, whole = sorted(set(message_ids)), Processed()
    at = now or datetime.now(UTC)
    for start in range(0, len(ids), MOST_AT_ONCE):
        whole += processed(ids[start : start + MOST_AT_ONCE], at)
    return whole


def processed(message_ids: Sequence[int], now: datetime) -> Processed:
    """Process some messages together; one that the database refuses is quarantined alone."""
    try:
        return Batch(message_ids, now).processed()
    except (IntegrityError, DataError, ValueError) as error:
        if len(message_ids) == 1:
            return quarantined(message_ids[0], error)
        half = len(message_ids) // 2
        return processed(message_ids[:half], now) + processed(message_ids[half:], now)


def quarantined(message_id: int, error: Exception) -> Processed:
    """Set a message aside that can be read and can't be written down."""
    log.error("message_refused", message=message_id, error=str(error))
    store.finish([Ended(message_id, MessageState.QUARANTINED, f"It was refused: {error}")])
    return Processed({MessageState.QUARANTINED: 1})


class Step(NamedTuple):
    """What one transaction came to: messages at their end, and markets that have their facts."""

    ended: list[Ended]
    tracked: dict[tuple[str, ...], int]


class Batch:
    """Some messages on their way through the inbox."""

    def __init__(self, message_ids: Sequence[int], now: datetime) -> None:
        self.latest = ticks_of(now) + MOST_AHEAD
        self.stored = store.bodies_of(message_ids)
        self.events = {event for one in self.stored for event in events_named(one)}
        self.known = bet_on_at(self.events)
        self.messages = [read_stored(one, self.known) for one in self.stored]
        self.ended: dict[int, Ended] = {}
        self.heard: set[int] = set()
        self.due: set[int] = set()
        self.tracked: dict[tuple[str, ...], int] = {}
        self.waiting: dict[int, MarketSaid] = {}

    def processed(self) -> Processed:
        """Take the messages to their ends, and settle the tickets that they name."""
        self.take(services.retried(self.write))
        while self.left():
            self.take(services.retried(self.look))
        done = services.settle(ticket_ids=self.heard)
        return Processed(Counter(end.state for end in self.ended.values()), done, self.due)

    def take(self, step: Step) -> None:
        """Note what was committed."""
        self.ended |= {end.message: end for end in step.ended}
        self.tracked |= step.tracked

    def left(self) -> list[Read]:
        """The messages that are not at their end."""
        return [one for one in self.messages if one.id not in self.ended]

    def write(self) -> Step:
        """Write whom the messages name, and the facts that can be placed already."""
        ended = [end for one in self.messages if (end := end_unread(one))]
        early = [one for one in self.messages if one.told and self.is_early(one.told)]
        ended += [Ended(one.id, MessageState.PARKED, store.EARLY) for one in early]
        open_reviews(
            [
                ahead(provider_of(one.feed), one.told.subjects[0], one.id)
                for one in early
                if one.told
            ]
        )
        store.write_subjects(
            (provider_of(one.feed), subject, one.id)
            for one in self.messages
            if one.told
            for subject in one.told.subjects
        )
        self.write_reviews()
        self.ask_where_bet()
        ended += self.place_results(last=False)
        found = self.place_market_facts()
        store.finish(ended)
        return Step(ended, found)

    def look(self) -> Step:
        """Look again, now that everybody who comes later can find the messages.

        A market that was bet on in between gets its facts, and another look after the commit: only
        then can whoever brings a ticket for it see them.
        """
        self.read_more()
        ended = self.place_results(last=True)
        self.ask_where_bet()
        found = self.place_market_facts()
        if not found:
            self.due.update(look_for_tickets(self.tracked.values()) or ())
            over = {end.message for end in ended}
            ended += [self.end_of(one) for one in self.left() if one.id not in over]
            open_reviews(
                [
                    partly_ahead(provider_of(one.feed), self.waiting[one.id], one.id)
                    for one in self.left()
                    if one.id in self.waiting
                ]
            )
        store.finish(ended)
        return Step(ended, found)

    def read_more(self) -> None:
        """Read again what speaks of events with markets that nobody had bet on before."""
        known = bet_on_at(self.events)
        if known == self.known:
            return
        before, self.known = self.known, known
        self.messages = [
            read_stored(stored, known) if learned(stored, before, known) else one
            for stored, one in zip(self.stored, self.messages, strict=True)
        ]

    def place_results(self, *, last: bool) -> list[Ended]:
        """Write the results whose tickets are known; return the messages that this ends.

        The last look parks a message whose ticket is not there.
        """
        said = [(one, each) for one in self.left() if one.told for each in one.told.tickets]
        facts, asked, unknown, early = [], [], set(), set()
        for (one, each), found in zip(said, matches([s for _, s in said]), strict=True):
            if found is None:
                unknown.add(one.id)
            elif isinstance(found, NotTheTicket):
                asked.append(not_the_ticket(found, one.id))
            elif each.ticks > self.latest:
                early.add(one.id)
                asked.append(from_the_future(found, each, one.id))
            else:
                facts.append(ForTicket(found, each, one.id))
        self.heard.update(record_results(facts))
        close_of_messages(ReviewKind.FROM_THE_FUTURE, [fact.message or 0 for fact in facts])
        open_reviews(asked)
        ended = [Ended(number, MessageState.PARKED, PARKED) for number in unknown if last]
        ended += [Ended(number, MessageState.PARKED, store.EARLY) for number in early]
        unknown |= early
        return ended + [
            Ended(one.id, MessageState.DONE)
            for one in self.left()
            if one.told and one.told.tickets and not one.told.markets and one.id not in unknown
        ]

    def place_market_facts(self) -> dict[tuple[str, ...], int]:
        """Write the facts of markets that are bet on; return those that were not known to be.

        A fact that bears a time of its own ahead of our clock waits, and its message with it.
        """
        said = [
            (one, each)
            for one in self.left()
            if one.told and not self.is_early(one.told)
            for each in one.told.markets
        ]
        found = tracked(each for _, each in said)
        new = {key: number for key, number in found.items() if key not in self.tracked}
        self.waiting = {
            one.id: each
            for one, each in said
            if each.ticks > self.latest and market_key(each) in found
        }
        close_of_messages(
            ReviewKind.FROM_THE_FUTURE, [one.id for one, _ in said if one.id not in self.waiting]
        )
        record_market_facts(
            [
                ForMarket(new[market_key(each)], each, one.id)
                for one, each in said
                if market_key(each) in new and each.ticks <= self.latest
            ]
        )
        return new

    def end_of(self, one: Read) -> Ended:
        """Return the end of a message that was looked at for all its tickets."""
        if one.id in self.waiting:
            return Ended(one.id, MessageState.PARKED, store.EARLY)
        return Ended(one.id, MessageState.DONE)

    def is_early(self, told: Told) -> bool:
        """Whether a message speaks of markets as they will be, by our clock."""
        return told.ticks > self.latest

    def write_reviews(self) -> None:
        """Ask a person about what the messages say that is no fact."""
        for one in self.messages:
            if one.told and any(not said.event for said in one.told.reviews):
                self.forget_strangers(one)
                open_reviews(asked_by(provider_of(one.feed), one.id, one.told))

    def ask_where_bet(self) -> None:
        """Ask about events and markets that somebody has bet on, as far as is known by now."""
        questions = [
            Question(provider_of(one.feed), one.id, said)
            for one in self.left()
            if one.told and one.told.reviews and not self.is_early(one.told)
            for said in one.told.reviews
            if said.event
        ]
        if questions:
            open_reviews(asked_where_bet(questions))

    def forget_strangers(self, one: Read) -> None:
        """Close what a message asked before its ticket was there: it asks at the ticket now."""
        if one.told and bearer_of(provider_of(one.feed), one.told) is not None:
            for said in one.told.reviews:
                close_about(said.kind, [f"{provider_of(one.feed)}:{said.subject}"])


PARKED = "No ticket bears this id yet."
GONE = "It was not processed in time: its body is no longer kept."


KnownByProvider = Mapping[str, Mapping[str, set[str]]]
NOTHING_KNOWN: KnownByProvider = {}


def events_named(stored: Stored) -> list[tuple[str, str]]:
    """Return the events that a message seems to be about, each with its provider."""
    provider = str(provider_of(stored.feed))
    return [(provider, event) for event in events_of(stored.feed, stored.raw)]


def learned(stored: Stored, before: KnownByProvider, known: KnownByProvider) -> bool:
    """Whether somebody has bet on more of a message's events than before."""
    return any(
        before[provider][event] != known[provider][event]
        for provider, event in events_named(stored)
    )


def read_stored(stored: Stored, known: KnownByProvider = NOTHING_KNOWN) -> Read:
    """Return a stored message with what it says. What nobody foresaw stops no other message."""
    try:
        told = read(stored.feed, stored.raw, known.get(provider_of(stored.feed), ALL_MATTER))
        return Read(stored.id, stored.feed, told)
    except Unreadable as reason:
        return Read(stored.id, stored.feed, None, str(reason))
    except Exception:
        log.exception("message_cannot_be_read", message=stored.id, feed=stored.feed)
        return Read(stored.id, stored.feed, None, "Our own program failed on it; see the log.")


def end_unread(one: Read) -> Ended | None:
    """Return the end of a message that says nothing to us."""
    if one.told is None:
        return Ended(one.id, MessageState.QUARANTINED, one.complaint)
    if one.told.ignored:
        return Ended(one.id, MessageState.IGNORED, one.told.ignored)
    return None


def process_stored(*, feed: str) -> Processed | None:
    """Process the oldest of a feed's messages that nobody processed yet; nothing when none is."""
    waiting = store.waiting(MOST_AT_ONCE, feed=feed)
    return processed_or_gone(waiting) if waiting else None


def processed_or_gone(message_ids: Sequence[int]) -> Processed:
    """Process messages; one whose body is no longer kept is set aside."""
    gone = store.gone(message_ids)
    store.finish(Ended(one, MessageState.QUARANTINED, GONE) for one in gone)
    return process(message_ids=set(message_ids) - set(gone))


def process_again(*, message_id: int) -> Processed:
    """Process one message once more, and finish all that it causes."""
    done = process(message_ids=[message_id])
    done.settled += services.settle(ticket_ids=done.due)
    return done


def look_back() -> Processed:
    """Process the messages that new tickets ask for, until no ticket asks."""
    whole = Processed()
    while rows := arrays.fetch(LOOK_BACKS, [MOST_AT_ONCE]):
        numbers = [row[0] for row in rows]
        messages = store.about(numbers)
        open_reviews(asked_of_the_gone(numbers, messages))
        whole += process(message_ids=worth_reading(messages))
        arrays.execute(LOOKED_BACK, [arrays.numbers(numbers)])
    return whole


def worth_reading(message_ids: Sequence[int]) -> Iterator[int]:
    """Yield the messages that may say something of what somebody has bet on.

    All of them were read before, or they would not be known to be about an event.
    """
    for start in range(0, len(message_ids), MOST_AT_ONCE):
        some = store.bodies_of(message_ids[start : start + MOST_AT_ONCE])
        known = bet_on_at(named for one in some for named in events_named(one))
        for one in some:
            if not leaves_out(one.feed, one.raw, known.get(provider_of(one.feed), ALL_MATTER)):
                yield one.id


def settle_left() -> services.Done:
    """Settle what is due, whoever made it so; what others are at is left to them."""
    look_for_all_tickets()
    return services.drain()


def drain(*, older_than: float = 0) -> Processed:
    """Finish all that is left undone by anybody: messages, look-backs, markets, tickets.

    A sweeper leaves messages alone that came less than `older_than` seconds ago: somebody is at
    them. Those of a feed that is running, or whose processing was stopped, are left to it.
    """
    whole = Processed()
    while waiting := store.abandoned(MOST_AT_ONCE, older_than=older_than):
        whole += processed_or_gone(waiting)
    whole += process(message_ids=store.early())
    whole += look_back()
    whole.settled += settle_left()
    return whole


LOOK_BACKS = "SELECT id FROM settlement_lookback ORDER BY id LIMIT %s"
LOOKED_BACK = "DELETE FROM settlement_lookback WHERE id = ANY (%s::bigint[])"
