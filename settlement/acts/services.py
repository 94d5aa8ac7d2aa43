"""Acts by hand are previewed, done, agreed to and finished here.

Locks are taken in the project's order: the act, its tickets by id, accounts. What the preview
showed is compared under the tickets' locks; whoever came in between has won, and is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from settlement import arrays, histories, reading, reviews
from settlement.acts import carrying, limits, tokens
from settlement.acts.actors import APPROVE, Actor, NotAllowed, actor_named, needed_for, person
from settlement.acts.effects import Effect, Total, effects_of, totals_of
from settlement.acts.market_sayings import lock_markets
from settlement.acts.previews import Seen, digest_of, looked_at, previewed, unknown
from settlement.acts.tokens import StalePreview, Token
from settlement.acts.work import Work, work_of
from settlement.acts.writing import ask, number_of_batch, numbers_of_facts, write_batch
from settlement.book import Book
from settlement.models import Batch
from settlement.orders import ActRefused, BadOrder, Order, read_note, refuse_old_answers
from settlement.plans import By
from settlement.said import encoded
from settlement.services import retried
from settlement.vocabulary import ActKind, ApprovalStep, BatchState, EventKind, called
from settlement.wakeup import FINISH_ACTS, wake

# Up to so many tickets are done while somebody waits for the page, in the transaction that checks.
AT_ONCE = 200
NOT_WRITTEN = 0


class NothingToDo(ActRefused):
    """The act would change nothing at all."""

    code = "nothing_to_do"


class NotWaiting(ActRefused):
    """Nobody waits for a decision about this act any more."""

    code = "not_waiting"


class SameHands(ActRefused):
    """Whoever asked for an act may not agree to it."""

    code = "same_hands"


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would do. `asks` says why it needs another person; `token` lets it be done."""

    order: Order
    seen: Sequence[Seen]
    totals: Sequence[Total]
    effects: Sequence[Effect]
    asks: str
    token: str


def preview(*, order: Order, actor: Actor) -> Preview:
    """Show what an act would do, and change nothing."""
    work = allowed(order, actor)
    refuse_old_answers(order, datetime.now(UTC))
    seen = previewed(work, reading.unlocked)
    refuse_on_settled(actor, order, seen)
    refuse_nothing(work, seen)
    return Preview(
        order,
        seen,
        totals_of(seen),
        effects_of(seen),
        asks_of(order, actor, seen),
        tokens.issued(digest_of(order, seen), actor.name),
    )


def act(*, order: Order, actor: Actor, token: str) -> Batch:
    """Do what a preview showed, or ask another person to agree; refuse when it has changed.

    The same token again returns the act that it was used for. What is left to do of a large one is
    done by `finish`, in whichever process calls it.
    """
    shown = tokens.read(token, actor.name)
    return retried(lambda: acted(order, actor, shown))


def acted(order: Order, actor: Actor, shown: Token) -> Batch:
    """Do the act in a transaction."""
    lock_key(shown.key.int)
    if earlier := Batch.objects.filter(key=shown.key).first():
        if earlier.content != encoded(order):
            raise StalePreview("This preview was for something else, which is done already.")
        return earlier
    work = allowed(order, actor)
    refuse_old_answers(order, datetime.now(UTC))
    if work.is_on_markets:
        lock_markets(work.markets)
        work = allowed(order, actor)
    work.by = work.by._replace(batch=number_of_batch())
    lock_reviews(order)
    book, seen = look(work)
    refuse_on_settled(actor, order, seen)
    if digest_of(order, seen) != shown.digest:
        raise StalePreview(what_changed(work, shown.at))
    refuse_nothing(work, seen)
    asks = asks_of(order, actor, seen)
    batch = write_batch(work, seen, shown, asks)
    if asks:
        ask(batch, ApprovalStep.ASKED, note=asks)
    else:
        begin(batch, work, book, seen)
    return batch


def look(work: Work) -> tuple[Book | None, Sequence[Seen]]:
    """Look at what an act would do; a small one's tickets are locked, and their book returned."""
    if len(work.ids) > AT_ONCE or work.is_on_markets:
        return None, previewed(work, reading.unlocked)
    book, seen = looked_at(work, work.ids, reading.locked, numbers_of_facts)
    return book, [*seen, *unknown(work)]


def allowed(order: Order, actor: Actor) -> Work:
    """Find what an order is about, for somebody who may do it."""
    actor.refuse_without(*needed_for(order, None))
    work = work_of(order, By(actor.name, order.reason, order.note, NOT_WRITTEN))
    if work.undone is not None:
        actor.refuse_without(*needed_for(order, work.undone))
    return work


def refuse_on_settled(actor: Actor, order: Order, seen: Sequence[Seen]) -> None:
    """Refuse to change settled tickets without the permission for that, whatever the act is."""
    if order.act in (ActKind.UNDO, ActKind.ACCEPT, ActKind.DISMISS):
        return
    accepts = order.act == ActKind.ACCEPT_RESULT
    settled = [one for one in seen if one.ticket and one.ticket.status != "OPEN"]
    if any(one.difference or accepts for one in settled):
        actor.refuse_without("resettle_ticket")


def refuse_nothing(work: Work, seen: Sequence[Seen]) -> None:
    """Refuse an act on tickets that would do nothing to any of them, and say why."""
    if work.order.act == ActKind.DISMISS or work.is_on_markets:
        return
    if all(one.skipped for one in seen):
        said = list(dict.fromkeys(f"{one.bet_id}: {one.skipped}" for one in seen))
        more = f" And {len(said) - 5:,} more." if len(said) > 5 else ""
        raise NothingToDo(" ".join(said[:5]) + more)


def asks_of(order: Order, actor: Actor, seen: Sequence[Seen]) -> str:
    """Return why another person has to agree."""
    return "" if order.act == ActKind.DISMISS else limits.why_asked(actor, seen)


def lock_key(key: int) -> None:
    """Let a confirmation that was sent twice wait for its first."""
    arrays.fetch("SELECT pg_advisory_xact_lock(%s)", [key % 2**63])


def lock_reviews(order: Order) -> None:
    """Lock the reviews that an act decides: two people can't decide one."""
    if order.reviews and len(reviews.lock_open(order.reviews)) < len(order.reviews):
        raise StalePreview("A review was closed in the meantime. Look again.")


def begin(batch: Batch, work: Work, book: Book | None, seen: Sequence[Seen]) -> None:
    """Start an act that nobody has to agree to any more; do all of it when it is small."""
    if work.order.act == ActKind.DISMISS:
        reviews.dismiss(work.order.reviews, work.by)
        carrying.end(batch)
    elif work.is_on_markets:
        carrying.say_of_markets(batch, work)
    elif book is not None:
        carrying.carry_out(carrying.running(batch), book, seen)
        carrying.end(batch)
    if batch.state == BatchState.RUNNING:
        transaction.on_commit(lambda: wake(FINISH_ACTS))


def finish(*, batch: Batch) -> Batch:
    """Do what is left of a running act, in chunks; many processes may share it."""
    carrying.finish(batch)
    batch.refresh_from_db()
    return batch


def accept(*, batch_id: int, actor: Actor, note: str) -> Batch:
    """Agree to somebody else's act, which is done then; if it has changed it goes back to him."""
    said = read_note(note)
    return retried(lambda: accepted(batch_id, actor, said))


def accepted(batch_id: int, actor: Actor, note: str) -> Batch:
    """Agree to an act in a transaction."""
    batch = waiting(batch_id, actor)
    order = carrying.order_of(batch)
    try:
        work, book, seen = looked_at_again(batch, order, actor)
    except (BadOrder, StalePreview) as changed:
        ask(batch, ApprovalStep.RETURNED, checker=actor.name, note=str(changed))
        carrying.move(batch, BatchState.RETURNED)
        return batch
    ask(batch, ApprovalStep.ACCEPTED, checker=actor.name, note=note)
    carrying.move(batch, BatchState.RUNNING)
    begin(batch, work, book, seen)
    return batch


def looked_at_again(
    batch: Batch, order: Order, actor: Actor
) -> tuple[Work, Book | None, Sequence[Seen]]:
    """Look at an act that somebody agrees to; refuse it when it is not what its maker was shown."""
    work = work_of_batch(batch, order)
    actor.refuse_without(*needed_for(order, work.undone))
    refuse_without_its_maker(batch, order, work)
    if work.is_on_markets:
        lock_markets(work.markets)
        work = work_of_batch(batch, order)
    lock_reviews(order)
    book, seen = look(work)
    refuse_on_settled(actor, order, seen)
    if digest_of(order, seen) != bytes(batch.digest):
        raise StalePreview(what_changed(work, batch.created_at))
    return work, book, seen


def refuse_without_its_maker(batch: Batch, order: Order, work: Work) -> None:
    """Refuse an act whose maker may not do it any more."""
    try:
        actor_named(batch.maker).refuse_without(*needed_for(order, work.undone))
    except NotAllowed as reason:
        raise StalePreview(str(reason)) from None


def refuse(*, batch_id: int, actor: Actor, note: str) -> Batch:
    """Refuse somebody else's act: nothing is done."""
    said = read_note(note)

    def refused() -> Batch:
        batch = waiting(batch_id, actor)
        ask(batch, ApprovalStep.REFUSED, checker=actor.name, note=said)
        carrying.move(batch, BatchState.REFUSED)
        return batch

    return retried(refused)


def withdraw(*, batch_id: int, actor: Actor, note: str) -> Batch:
    """Take back one's own act that waits for somebody's agreement."""
    said = read_note(note)

    def withdrawn() -> Batch:
        batch = locked_batch(batch_id)
        if batch.maker != actor.name:
            raise NotAllowed(f"Only {person(batch.maker)}, who asked for it, may withdraw it.")
        refuse_decided(batch)
        ask(batch, ApprovalStep.WITHDRAWN, note=said)
        carrying.move(batch, BatchState.REFUSED)
        return batch

    return retried(withdrawn)


def waiting(batch_id: int, actor: Actor) -> Batch:
    """Lock an act that waits, for somebody who may decide about it."""
    actor.refuse_without(APPROVE)
    batch = locked_batch(batch_id)
    if batch.maker == actor.name:
        raise SameHands("You asked for this act yourself: somebody else has to decide about it.")
    refuse_decided(batch)
    return batch


def locked_batch(batch_id: int) -> Batch:
    """Lock an act."""
    found = Batch.objects.select_for_update(no_key=True).filter(pk=batch_id).first()
    if found is None:
        raise BadOrder(f"There is no act {batch_id}.")
    return found


def refuse_decided(batch: Batch) -> None:
    """Refuse to decide twice."""
    if batch.state != BatchState.WAITING:
        raise NotWaiting(f"Act {batch.pk} waits for nobody: it is {batch.state.lower()}.")


def work_of_batch(batch: Batch, order: Order) -> Work:
    """Find again what an act is about."""
    return work_of(order, By(batch.maker, batch.reason, batch.note, batch.pk))


def what_changed(work: Work, since: datetime) -> str:
    """Say what happened to an act's tickets since they were looked at."""
    happened = histories.happened_to(work.ids, since)
    if not happened:
        spoken = histories.spoken_of(work.ids, since)
        told = [f"{called(source)} has spoken of {bet_id}." for source, bet_id in spoken]
        return " ".join([*(told or [CHANGED]), "Look again, then confirm."])
    told = [
        f"{one.ticket.bet_id} was {DONE[EventKind(one.kind)]} by {person(one.actor)} "
        f"at {one.created_at:%H:%M:%S} UTC."
        for one in happened
    ]
    return f"{' '.join(told)} Look again, then confirm."


CHANGED = "What the act would do has changed since you looked."
DONE = {
    EventKind.SETTLE: "settled",
    EventKind.RESETTLE: "resettled",
    EventKind.VOID: "voided",
    EventKind.REOPEN: "opened again",
    EventKind.CASH_OUT: "cashed out",
    EventKind.CANCEL: "cancelled",
    EventKind.REJECT: "rejected",
}
