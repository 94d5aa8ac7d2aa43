"""Reviews are opened, replaced and closed as the folds and messages say; people come in later."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from settlement import arrays
from settlement.fold.facts import Doubt, Wanted
from settlement.plans import By, Plan
from settlement.vocabulary import HOLDING, OF_THE_FOLD, ReviewEnd, ReviewKind, TicketStatus
from settlement.writing import BY_US
from wallet.money import MOST_MINOR_UNITS

LONGEST_SENTENCE = 1000
# What closes by itself when a ticket's fold asks for it no more.
CLOSING = (*OF_THE_FOLD, ReviewKind.STALE_OPEN)


class Asked(NamedTuple):
    """A review that ought to be open. `wanted` is the state held back, `amount` what it moves."""

    kind: ReviewKind
    subject: str
    sentence: str
    ticket: int | None = None
    market: int | None = None
    message: int | None = None
    wanted: str = ""
    amount: int | None = None


def ticket_subject(ticket_id: int) -> str:
    """Return how a ticket's reviews name it."""
    return f"ticket:{ticket_id}"


def market_subject(market_id: int) -> str:
    """Return how a market's reviews name it."""
    return f"market:{market_id}"


def sync(plans: Sequence[Plan]) -> None:
    """Open what the folds of these tickets ask for, and close what they ask for no more.

    A ticket that could not be folded keeps what is asked about it.
    """
    asked = [one for plan in plans for one in asked_by(plan)]
    kept = {(one.ticket, str(one.kind)) for one in asked}
    kept |= {(one.ticket.id, str(ReviewKind.STALE_OPEN)) for one in plans if stays_open(one)}
    open_now = arrays.fetch(
        OPEN, [arrays.numbers([plan.ticket.id for plan in plans]), arrays.texts(CLOSING)]
    )
    known = {plan.ticket.id for plan in plans if plan.wanted is not None}
    over = [
        number
        for number, ticket, kind in open_now
        if ticket in known and (ticket, kind) not in kept
    ]
    open_reviews(asked)
    close(over, end=ReviewEnd.BY_ITSELF, by=BY_US)


def stays_open(plan: Plan) -> bool:
    """Whether a ticket is still open after what is done about it now."""
    status = plan.move.wanted.status if plan.move else plan.applied.status
    return status == TicketStatus.OPEN


def asked_by(plan: Plan) -> list[Asked]:
    """Return the reviews that a ticket's fold asks for."""
    asked = [review_of(plan, doubt) for doubt in plan.doubts]
    if plan.hold is not None:
        asked.append(review_of(plan, plan.hold))
    return asked


def review_of(plan: Plan, doubt: Doubt) -> Asked:
    """Return a doubt as a review; one that holds a state back says which."""
    holds = doubt.kind in HOLDING and plan.wanted is not None
    return Asked(
        doubt.kind,
        ticket_subject(plan.ticket.id),
        doubt.sentence,
        ticket=plan.ticket.id,
        wanted=state_text(plan.wanted) if holds and plan.wanted else "",
        amount=amount_of(plan) if holds else None,
    )


def amount_of(plan: Plan) -> int | None:
    """Return the money that a held state would move; none, when no ledger could hold it."""
    if plan.wanted is None:
        return None
    change = plan.wanted.payout - plan.applied.payout
    return change if abs(change) <= MOST_MINOR_UNITS else None


def state_text(wanted: Wanted) -> str:
    """Return a wanted state as it is stored."""
    said = {
        "status": wanted.status,
        "result": wanted.result,
        "payout": wanted.payout,
        "cashed_out_stake": wanted.cashed_out_stake,
        "cashed_out_amount": wanted.cashed_out_amount,
        "ticks": wanted.ticks,
    }
    return msgspec.json.encode(said).decode()


def open_reviews(asked: Iterable[Asked]) -> None:
    """Open reviews; one that is open already for its subject gets the newer sentence."""
    rows = sorted({(one.subject, one.kind): one for one in asked}.values(), key=identity)
    if not rows:
        return
    arrays.execute(
        INSERT,
        [
            arrays.texts([one.kind for one in rows]),
            arrays.texts([one.subject for one in rows]),
            arrays.texts([one.sentence[:LONGEST_SENTENCE] for one in rows]),
            arrays.optional([one.ticket for one in rows]),
            arrays.optional([one.market for one in rows]),
            arrays.optional([one.message for one in rows]),
            arrays.texts([one.wanted for one in rows]),
            arrays.optional([one.amount for one in rows]),
        ],
    )


def identity(asked: Asked) -> tuple[str, str]:
    """Return what a review is known by while it is open."""
    return (asked.subject, asked.kind)


def close(reviews: Iterable[int], *, end: ReviewEnd, by: str) -> None:
    """Close reviews."""
    if numbers := sorted(reviews):
        arrays.execute(CLOSE, [str(end), by, arrays.numbers(numbers)])


def lock_open(numbers: Iterable[int]) -> list[int]:
    """Lock reviews, and return those that are open."""
    return [row[0] for row in arrays.fetch(LOCK_OPEN, [arrays.numbers(sorted(numbers))])]


def dismiss(numbers: Iterable[int], by: By) -> None:
    """Close reviews that somebody has looked at; nothing is applied."""
    decide(ReviewEnd.DISMISSED, numbers, None, by)


def accept(numbers: Iterable[int], tickets: Iterable[int], by: By) -> None:
    """Close reviews about tickets whose held state is being applied."""
    decide(ReviewEnd.ACCEPTED, numbers, tickets, by)


def decide(end: ReviewEnd, numbers: Iterable[int], tickets: Iterable[int] | None, by: By) -> None:
    """Close reviews as a person decided, all or those about some tickets."""
    about = None if tickets is None else arrays.numbers(sorted(tickets))
    arrays.execute(
        DECIDE,
        [str(end), by.actor, by.note, by.batch, arrays.numbers(sorted(numbers)), about],
    )


def close_about(kind: ReviewKind, subjects: Iterable[str]) -> None:
    """Close the reviews of a kind about these subjects: what they asked is over."""
    if wanted := sorted(set(subjects)):
        arrays.execute(
            CLOSE_ABOUT, [str(ReviewEnd.BY_ITSELF), BY_US, str(kind), arrays.texts(wanted)]
        )


def close_of_messages(kind: ReviewKind, messages: Iterable[int]) -> None:
    """Close the reviews of a kind that these messages asked for: they were applied."""
    if wanted := sorted(set(messages)):
        arrays.execute(
            CLOSE_OF_MESSAGES, [str(ReviewEnd.BY_ITSELF), BY_US, str(kind), arrays.numbers(wanted)]
        )


OPEN = """
SELECT id, ticket_id, kind FROM settlement_review
 WHERE ticket_id = ANY (%s::bigint[]) AND kind = ANY (%s::text[]) AND closed_at IS NULL
"""

INSERT = """
INSERT INTO settlement_review AS r
       (kind, subject, sentence, ticket_id, market_id, message, wanted, amount, "end", closed_by,
        note)
SELECT *, '', '', ''
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
              %s::text[], %s::bigint[])
       AS a (kind, subject, sentence, ticket, market, message, wanted, amount)
 WHERE (a.message IS NULL OR NOT EXISTS (
       SELECT FROM settlement_review c WHERE c.subject = a.subject AND c.kind = a.kind
          AND c.message = a.message AND c.closed_at IS NOT NULL))
   AND NOT EXISTS (
       SELECT FROM settlement_review c WHERE c.subject = a.subject AND c.kind = a.kind
          AND c.sentence = a.sentence AND c."end" = 'DISMISSED')
    ON CONFLICT (subject, kind) WHERE closed_at IS NULL DO UPDATE
   SET sentence = excluded.sentence, wanted = excluded.wanted, amount = excluded.amount,
       message = coalesce(excluded.message, r.message)
 WHERE (r.sentence, r.wanted, r.amount) IS DISTINCT FROM
       (excluded.sentence, excluded.wanted, excluded.amount)
"""

CLOSE_ABOUT = """
UPDATE settlement_review SET closed_at = statement_timestamp(), "end" = %s, closed_by = %s
 WHERE kind = %s AND subject = ANY (%s::text[]) AND closed_at IS NULL
"""

CLOSE_OF_MESSAGES = """
UPDATE settlement_review SET closed_at = statement_timestamp(), "end" = %s, closed_by = %s
 WHERE kind = %s AND message = ANY (%s::bigint[]) AND closed_at IS NULL
"""

LOCK_OPEN = """
SELECT id FROM settlement_review WHERE id = ANY (%s::bigint[]) AND closed_at IS NULL
 ORDER BY id FOR UPDATE
"""

DECIDE = """
UPDATE settlement_review r
   SET closed_at = statement_timestamp(), "end" = d.how, closed_by = d.who, note = d.note,
       batch = d.batch
  FROM (SELECT %s AS how, %s AS who, %s AS note, %s::bigint AS batch, %s::bigint[] AS ids,
               %s::bigint[] AS tickets) d
 WHERE r.id = ANY (d.ids) AND (d.tickets IS NULL OR r.ticket_id = ANY (d.tickets))
   AND r.closed_at IS NULL
"""

CLOSE = """
UPDATE settlement_review SET closed_at = statement_timestamp(), "end" = %s, closed_by = %s
 WHERE id = ANY (%s::bigint[]) AND closed_at IS NULL
"""
