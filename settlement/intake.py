"""Tickets come in: many at once, each of them once, and their stakes are taken with them.

Locks are taken in the project's order: markets, tickets, accounts. A ticket that is being written
is seen by nobody yet, so the accounts may be locked first: two callers who bring the same bet wait
for each other at its player's account.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction

from settlement import selectors
from settlement.asked import TicketRefusal
from settlement.contents import difference
from settlement.copying import copy_row
from settlement.drafts import Draft, DraftOutcome, DraftSelection
from settlement.drafts import content_of as content_of_draft
from settlement.vocabulary import Provider
from settlement.writing import transfer_key
from wallet import services as wallet
from wallet.money import Money
from wallet.prepared import copy_rows, execute_planned, fetch_all, number_array, text_array
from wallet.services import LockedAccount, Posting, WalletRefusal
from wallet.vocabulary import PlayerStatus, TransferKind

MOST_AT_ONCE = 1000
MOST_ATTEMPTS = 5
RETRIED = ("40P01", "40001", "55P03")  # Deadlock, serialization, lock not to be had.
MOST_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A ticket that stands in the books; `repeated` when it stood there before."""

    bet_id: str
    ticket_id: int
    repeated: bool = False


class CameBetween(Exception):
    """Somebody else took in one of these bets while we counted its stake."""


@dataclass(slots=True)
class Batch:
    """What is on its way in, and what is known about it so far."""

    drafts: list[Draft]
    answers: dict[int, TakenIn | TicketRefusal] = field(default_factory=dict)
    players: dict[str, selectors.Bettor] = field(default_factory=dict)

    def left(self) -> list[tuple[int, Draft]]:
        """The drafts that have no answer yet, with their places."""
        return [(n, d) for n, d in enumerate(self.drafts) if n not in self.answers]

    def refuse(self, place: int, text: str, *, field: str = "", code: str = "refused") -> None:
        """Answer a draft with a refusal."""
        self.answers[place] = TicketRefusal(text, field=field, code=code)


def take_in(*, drafts: Sequence[Draft], actor: str) -> list[TakenIn | TicketRefusal]:
    """Take in each ticket that can be, with its stake; answer each, in their order.

    A bet that is there already with the same content is that ticket; with another content it is
    refused. One that is refused leaves nothing behind and stops no other.
    """
    if not actor:
        raise ValueError("Nobody is named as the one who brings the tickets.")
    if len(drafts) > MOST_AT_ONCE:
        raise ValueError(f"At most {MOST_AT_ONCE} tickets are taken in at once.")
    batch = Batch(list(drafts))
    answer_repeats(batch)
    refuse_the_future(batch, datetime.now(UTC))
    refuse_unknown_players(batch)
    for attempt in range(MOST_ATTEMPTS):
        if not batch.left() or written(batch, actor, last=attempt + 1 == MOST_ATTEMPTS):
            break
    answer_copies(batch)
    return [batch.answers[place] for place in range(len(batch.drafts))]


def written(batch: Batch, actor: str, *, last: bool) -> bool:
    """Write the tickets that are left; look again at all when others came in between."""
    before = dict(batch.answers)
    try:
        with transaction.atomic():
            write(batch, actor, last=last)
    except (CameBetween, WalletRefusal, OperationalError) as error:
        if last or not may_go_better(error):
            raise
        batch.answers = before
        answer_repeats(batch)
        refuse_unknown_players(batch)
        return False
    return True


def may_go_better(error: Exception) -> bool:
    """Whether another look is worth it: not when the database is ill."""
    return getattr(error.__cause__, "sqlstate", None) in RETRIED or not isinstance(
        error, OperationalError
    )


def answer_repeats(batch: Batch, places: Collection[int] | None = None) -> None:
    """Answer the drafts whose bet is there already: all that are left, or those in some places."""
    left = [(n, d) for n, d in batch.left() if places is None or n in places]
    there = selectors.tickets_by_bet_id([draft.bet_id for _, draft in left])
    for place, draft in left:
        if (ticket := there.get(draft.bet_id)) is not None:
            batch.answers[place] = answer_repeated(draft, ticket)


def answer_repeated(draft: Draft, ticket: selectors.Known) -> TakenIn | TicketRefusal:
    """Return the ticket that is there, or the refusal that names what differs."""
    if draft.content_hash == ticket.content_hash:
        return TakenIn(draft.bet_id, ticket.id, repeated=True)
    field = difference(selectors.content_of(ticket.id), content_of_draft(draft))
    return TicketRefusal(
        "the bet is there already with another content.", field=field or "bet_id", code="conflict"
    )


def refuse_the_future(batch: Batch, now: datetime) -> None:
    """Refuse bets of tomorrow: a clock may be wrong, but not by a day."""
    for place, draft in batch.left():
        if draft.placed_at > now + MOST_AHEAD:
            batch.refuse(
                place, "is more than a day ahead of our clock.", field="placed_at", code="invalid"
            )


def refuse_unknown_players(batch: Batch) -> None:
    """Find the players and their accounts; refuse what can't be anybody's bet."""
    left = batch.left()
    batch.players = selectors.bettors([(d.player, d.stake.unit.code) for _, d in left])
    for place, draft in left:
        bettor = batch.players.get(key_of(draft))
        if bettor is None:
            batch.refuse(
                place, f"there is no player “{draft.player}”.", field="player", code="unknown"
            )
        elif draft.free_bet_ref and draft.stake_taken and bettor.status != PlayerStatus.ACTIVE:
            batch.refuse(place, f"{draft.player} is {bettor.status.lower()}.", code="not_active")
        elif draft.cash_stake and bettor.account_id is None:
            batch.refuse(
                place,
                f"{draft.player} holds no {draft.stake.unit.code}: "
                f"too little for {draft.stake} {draft.stake.unit.code}.",
                field="stake",
                code="insufficient_funds",
            )


def key_of(draft: Draft) -> str:
    """Return how a draft's player and currency are looked up together."""
    return f"{draft.stake.unit.code} {draft.player}"


def write(batch: Batch, actor: str, *, last: bool) -> None:
    """Write the tickets that are left, in one transaction.

    A bet that somebody else took in meanwhile costs nothing here; if its stake, counted in vain,
    may have cost another bet its place, all is looked at again.
    """
    first = {draft.bet_id: place for place, draft in reversed(batch.left())}
    wanted = [(place, batch.drafts[place]) for place in sorted(first.values())]
    outcomes = track_outcomes([draft for _, draft in wanted])
    accounts = lock_accounts(batch, [draft for _, draft in wanted])
    answer_repeats(batch)  # Somebody may have brought them while we waited.
    wanted = [(n, d) for n, d in wanted if n not in batch.answers]
    paid = [(n, d) for n, d in wanted if affordable(batch, n, accounts)]
    ids = insert_tickets([draft for _, draft in paid], batch)
    if len(ids) < len(paid) < len(wanted) and not last:
        raise CameBetween
    new = [(n, d) for n, d in paid if d.bet_id in ids]
    copy_selections([(ids[d.bet_id], d) for _, d in new], outcomes)
    leave_to_look([(ids[d.bet_id], d) for _, d in new])
    take_stakes([(ids[d.bet_id], d) for _, d in new], batch, actor)
    for place, draft in new:
        batch.answers[place] = TakenIn(draft.bet_id, ids[draft.bet_id])
    answer_repeats(batch, [place for place, draft in paid if draft.bet_id not in ids])


def answer_copies(batch: Batch) -> None:
    """Answer the drafts whose bet came twice in this batch, and was not there before."""
    answered = {
        d.bet_id: n for n, d in reversed(list(enumerate(batch.drafts))) if n in batch.answers
    }
    for place, draft in batch.left():
        first = answered[draft.bet_id]
        answer = batch.answers[first]
        if batch.drafts[first].content_hash != draft.content_hash:
            field = difference(content_of_draft(batch.drafts[first]), content_of_draft(draft))
            batch.refuse(
                place, "the same bet_id stands twice, with another content.", field=field,
                code="conflict",
            )  # fmt: skip
        elif isinstance(answer, TakenIn):
            batch.answers[place] = TakenIn(draft.bet_id, answer.ticket_id, repeated=True)
        else:
            batch.answers[place] = answer


def track_outcomes(drafts: Iterable[Draft]) -> dict[DraftOutcome, int]:
    """Find or create the outcomes that these tickets are about; return their ids."""
    wanted = list(
        {outcome for draft in drafts for one in draft.selections for outcome in outcomes_of(one)}
    )
    if not wanted:
        return {}
    rows = fetch_all(
        TRACK,
        [
            text_array([o.provider for o in wanted]),
            text_array([o.event for o in wanted]),
            time_array([o.start_at for o in wanted]),
            text_array([o.event_name for o in wanted]),
            text_array([o.market for o in wanted]),
            text_array([o.specifiers for o in wanted]),
            text_array([o.market_name for o in wanted]),
            text_array([o.outcome for o in wanted]),
            text_array([o.outcome_name for o in wanted]),
            text_array([o.line for o in wanted]),
        ],
    )
    return dict(zip(wanted, rows[0][0], strict=True))


TRACK = "SELECT settlement_track_outcomes(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def outcomes_of(selection: DraftSelection) -> tuple[DraftOutcome, ...]:
    """Return the one outcome that a selection is about, or both."""
    place = selection.place_outcome
    return (selection.outcome, place) if place else (selection.outcome,)


def time_array(times: Iterable[datetime | None]) -> str:
    """Return PostgreSQL's literal for an array of points in time."""
    return "{" + ",".join("NULL" if at is None else f'"{at.isoformat()}"' for at in times) + "}"


def lock_accounts(batch: Batch, drafts: Iterable[Draft]) -> dict[int, LockedAccount]:
    """Lock the accounts that pay, until the transaction ends."""
    ids = {batch.players[key_of(draft)].account_id for draft in drafts if draft.cash_stake}
    return wallet.lock_accounts([number for number in ids if number is not None])


def affordable(batch: Batch, place: int, accounts: Mapping[int, LockedAccount]) -> bool:
    """Take a draft's stake from its account in our head, or refuse the draft."""
    draft = batch.drafts[place]
    account_id = batch.players[key_of(draft)].account_id
    if not draft.cash_stake or account_id is None:
        return True
    posting = posting_of(0, draft, account_id)
    try:
        wallet.refuse_for(accounts[account_id], posting)
    except WalletRefusal as refusal:
        batch.refuse(place, str(refusal), field="stake", code=CODES.get(type(refusal), "refused"))
        return False
    accounts[account_id].balance += posting.change.minor
    return True


CODES: dict[type, str] = {
    wallet.InsufficientFunds: "insufficient_funds",
    wallet.PlayerNotActive: "not_active",
}


def posting_of(ticket_id: int, draft: Draft, account_id: int) -> Posting:
    """Return the stake's transfer."""
    return Posting(
        key=stake_key(ticket_id),
        account_id=account_id,
        kind=TransferKind.STAKE,
        change=Money(-draft.cash_stake, draft.stake.unit),
        reason="BET_PLACED",
        reference_kind="TICKET",
        reference_id=draft.bet_id,
    )


def stake_key(ticket_id: int) -> str:
    """Return the key of a ticket's stake in the ledger: its transfer number 0."""
    return transfer_key(ticket_id, 0)


def insert_tickets(drafts: Sequence[Draft], batch: Batch) -> dict[str, int]:
    """Write the tickets; return the ids of those that nobody else brought in the meantime."""
    if not drafts:
        return {}
    rule_sets = selectors.rule_sets_at([draft.placed_at for draft in drafts])
    rows = fetch_all(
        INSERT_TICKETS,
        [
            text_array([d.bet_id for d in drafts]),
            text_array(["\\x" + d.content_hash.hex() for d in drafts]),
            text_array([d.provider for d in drafts]),
            text_array([d.provider_bet_id for d in drafts]),
            number_array([batch.players[key_of(d)].player_id for d in drafts]),
            text_array([d.stake.unit.code for d in drafts]),
            number_array(rule_sets),
            number_array([d.stake.minor for d in drafts]),
            number_array([d.cash_stake for d in drafts]),
            text_array([d.shape.kind for d in drafts]),
            text_array([d.shape.system for d in drafts]),
            number_array([len(d.selections) for d in drafts]),
            number_array([d.legs for d in drafts]),
            number_array([d.bankers for d in drafts]),
            number_array([d.lines for d in drafts]),
            text_array(["t" if d.each_way else "f" for d in drafts]),
            text_array([d.free_bet_ref for d in drafts]),
            time_array([d.placed_at for d in drafts]),
            time_array([d.accepted_at for d in drafts]),
        ],
    )
    return {bet_id: number for number, bet_id in rows}


INSERT_TICKETS = """
INSERT INTO settlement_ticket
       (bet_id, content_hash, provider, provider_bet_id, player_id, currency_id, rule_set_id,
        stake, cash_stake, kind, system, selection_count, legs, bankers, lines, each_way,
        free_bet_ref, placed_at, accepted_at)
SELECT * FROM unnest(
       %s::text[], %s::bytea[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[],
       %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::smallint[], %s::smallint[],
       %s::smallint[], %s::bigint[], %s::boolean[], %s::text[], %s::timestamptz[],
       %s::timestamptz[]) AS t (bet_id)
 ORDER BY t.bet_id
    ON CONFLICT (bet_id) DO NOTHING
RETURNING id, bet_id
"""

COPY_SELECTIONS = """
COPY settlement_selection
    (ticket_id, position, provider, outcome_id, place_outcome_id, line, "group", price, part_price,
     place_fraction, place_price, banker)
FROM STDIN
"""


def copy_selections(
    tickets: Sequence[tuple[int, Draft]], outcomes: Mapping[DraftOutcome, int]
) -> None:
    """Write the tickets' selections."""
    if not tickets:
        return
    rows = [
        copy_row(selection_values(ticket_id, position, one, outcomes))
        for ticket_id, draft in tickets
        for position, one in enumerate(draft.selections, start=1)
    ]
    copy_rows(COPY_SELECTIONS, "".join(rows))


def selection_values(
    ticket_id: int, position: int, one: DraftSelection, outcomes: Mapping[DraftOutcome, int]
) -> tuple[Any, ...]:
    """Return a selection's row."""
    return (
        ticket_id,
        position,
        one.provider,
        outcomes[one.outcome],
        outcomes[one.place_outcome] if one.place_outcome else None,
        one.line,
        one.group,
        one.price,
        one.part_price,
        one.place_fraction,
        one.place_price,
        "t" if one.banker else "f",
    )


def leave_to_look(tickets: Sequence[tuple[int, Draft]]) -> None:
    """Leave word that what was said before these tickets came has to be looked for.

    An event whose market is bet on for the first time gets its row where the market is written.
    """
    refs = {
        ref
        for _, draft in tickets
        if draft.provider == Provider.ODDS88
        for ref in (draft.bet_id, draft.provider_bet_id)
        if ref
    }
    if tickets:
        ids = sorted(number for number, _ in tickets)
        execute_planned(LEAVE_TO_LOOK, [number_array(ids), text_array(sorted(refs))])


LEAVE_TO_LOOK = """
WITH due AS (
    INSERT INTO settlement_dueticket (ticket_id) SELECT unnest(%s::bigint[]))
INSERT INTO settlement_lookback (provider, subject_ref) SELECT 'ODDS88', unnest(%s::text[])
"""


def take_stakes(tickets: Iterable[tuple[int, Draft]], batch: Batch, actor: str) -> None:
    """Take the stakes from the players' cash."""
    postings = []
    for ticket_id, draft in tickets:
        account_id = batch.players[key_of(draft)].account_id
        if draft.cash_stake and account_id is not None:
            postings.append(posting_of(ticket_id, draft, account_id))
    wallet.post_transfers(postings=postings, actor=actor)
