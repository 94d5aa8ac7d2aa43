"""What messages make a person look at, said in sentences."""

from collections.abc import Sequence
from typing import NamedTuple

from feeds.matching import NotTheTicket, Place, bearer, bet_on
from settlement import arrays
from settlement.reviews import Asked, market_subject, ticket_subject
from settlement.said import MarketSaid, ReviewSaid, TicketSaid, Told, moment_of
from settlement.vocabulary import ReviewKind, Source


def not_the_ticket(found: NotTheTicket, message: int) -> Asked:
    """Ask about a result that bears a ticket's id and is not its own."""
    return Asked(
        ReviewKind.NOT_THE_TICKET,
        ticket_subject(found.ticket),
        f"{found.sentence} It was not applied.",
        ticket=found.ticket,
        message=message,
    )


def from_the_future(ticket: int, said: TicketSaid, message: int) -> Asked:
    """Ask about a result whose settlement has not happened yet, by our clock."""
    return Asked(
        ReviewKind.FROM_THE_FUTURE,
        ticket_subject(ticket),
        f"The result says that it was settled at {moment_of(said.ticks):%Y-%m-%d %H:%M:%S} UTC, "
        "which is ahead of our clock. It is applied when its time has come.",
        ticket=ticket,
        message=message,
    )


def ahead(provider: str, event: str, message: int) -> Asked:
    """Ask about a message on an event's markets that bears a time which has not come yet."""
    return Asked(
        ReviewKind.FROM_THE_FUTURE,
        f"{provider}:{event}",
        f"A message about {event} bears a time ahead of our clock. "
        "It is applied when its time has come.",
        message=message,
    )


def partly_ahead(provider: str, said: MarketSaid, message: int) -> Asked:
    """Ask about a part of a message that bears a time of its own which has not come yet."""
    return Asked(
        ReviewKind.FROM_THE_FUTURE,
        f"{provider}:{said.event}",
        f"A message about {said.event} says something of market {said.market} that bears a time "
        "ahead of our clock. That part is applied when its time has come; the rest was applied.",
        message=message,
    )


def bearer_of(provider: str, told: Told) -> int | None:
    """Return the ticket that a message is about; only Odds88's messages name one."""
    if provider != Source.ODDS88 or not told.subjects:
        return None
    return bearer(told.subjects[0])


def asked_by(provider: str, message: int, told: Told) -> list[Asked]:
    """Return a message's own questions, at the ticket that it names if there is one."""
    ticket = bearer_of(provider, told)
    return [
        Asked(
            said.kind,
            ticket_subject(ticket) if ticket else f"{provider}:{said.subject}",
            said.sentence,
            ticket=ticket,
            message=message,
        )
        for said in told.reviews
        if not said.event
    ]


class Question(NamedTuple):
    """What a message asks about an event or a market, with the message's number."""

    provider: str
    message: int
    said: ReviewSaid

    @property
    def place(self) -> Place:
        """What it is about."""
        said = self.said
        return Place(self.provider, said.event, said.market, said.specifiers)


def asked_where_bet(questions: Sequence[Question]) -> list[Asked]:
    """Return the questions about what somebody has bet on; a message's own of a kind are one."""
    known = bet_on([one.place for one in questions])
    found: dict[tuple[str, ReviewKind, int], Asked] = {}
    for one in questions:
        if one.place not in known:
            continue
        market = known[one.place]
        subject = market_subject(market) if market else f"{one.provider}:{one.said.subject}"
        key = (subject, one.said.kind, one.message)
        before = found[key].sentence if key in found else ""
        if one.said.sentence not in before:
            sentence = f"{before} {one.said.sentence}".strip()
            found[key] = Asked(one.said.kind, subject, sentence, market=market, message=one.message)
    return list(found.values())


def asked_of_the_gone(look_backs: Sequence[int], messages: Sequence[int]) -> list[Asked]:
    """Ask about events of which something was said that is no longer kept."""
    if not messages:
        return []
    rows = arrays.fetch(GONE, [arrays.numbers(look_backs)])
    return [
        Asked(
            ReviewKind.PAST_RETENTION,
            f"{provider}:{ref}",
            f"Messages about {ref} are too old to be kept, and a ticket that names it came after "
            "them: settle it by hand if they would have.",
        )
        for provider, ref in rows
    ]


GONE = """
SELECT DISTINCT l.provider, l.subject_ref
  FROM settlement_lookback l
  JOIN feeds_messagesubject s ON s.subject_ref = l.subject_ref AND s.provider = l.provider
  JOIN feeds_feedmessage m ON m.id = s.message_id
 WHERE l.id = ANY (%s::bigint[]) AND NOT EXISTS (
       SELECT FROM feeds_messagebody b
        WHERE b.message_id = m.id AND b.received_on = (m.received_at AT TIME ZONE 'UTC')::date)
"""
