"""Short words for tests that act by hand: people, orders, acts previewed and done."""

from typing import Any
from uuid import uuid4

from django.db import transaction

from settlement.acts import services
from settlement.acts.actors import Actor
from settlement.models import ActLimit, Batch, BatchLine, Ticket, TicketFact
from settlement.orders import read_order
from settlement.said import ActSaid, encoded, key_of

EVERYTHING = frozenset(
    "settle_ticket resettle_ticket settle_by_amount void_ticket reopen_ticket cash_out_ticket "
    "cancel_ticket release_ticket undo_act decide_review act_on_market act_in_bulk "
    "approve_act".split()
)
OLGA = Actor("user:olga", frozenset({"Operator"}), EVERYTHING)
SAM = Actor("user:sam", frozenset({"Senior"}), EVERYTHING)


def limit(role: str, currency: str | None, most: int) -> None:
    """Set up to what a role acts alone."""
    ActLimit.objects.create(role=role, currency_id=currency, most=most, actor="user:admin")


def no_limits() -> None:
    """Let both act alone on nearly anything."""
    for role in ("Operator", "Senior"):
        limit(role, "EUR", 10**12)
        limit(role, None, 10**6)


def words(act: str, *bet_ids: str, **more: Any) -> dict[str, Any]:
    """Return an order in a client's words; `each` is said of every ticket."""
    each = more.pop("each", {})
    said = {"act": act, "reason": "PROVIDER_DOWN", "note": "He does not answer.", **more}
    return said | ({"tickets": [{"bet_id": one, **each} for one in bet_ids]} if bet_ids else {})


def previewed(act: str, *bet_ids: str, actor: Actor = OLGA, **more: Any) -> services.Preview:
    """Preview an act."""
    return services.preview(order=read_order(words(act, *bet_ids, **more)), actor=actor)


def confirmed(shown: services.Preview, actor: Actor = OLGA) -> Batch:
    """Do what a preview showed, to the end."""
    done = services.act(order=shown.order, actor=actor, token=shown.token)
    return services.finish(batch=done)


def done(act: str, *bet_ids: str, actor: Actor = OLGA, **more: Any) -> Batch:
    """Preview an act and do it."""
    return confirmed(previewed(act, *bet_ids, actor=actor, **more), actor)


@transaction.atomic
def running_act(**changes: Any) -> Batch:
    """Begin an act of olga's on the only ticket, past the services: a void unless told."""
    ticket = Ticket.objects.get()
    words = {
        "key": uuid4(), "act": "VOID", "maker": "user:olga", "reason": "WRONG_RESULT",
        "note": "He said so", "content": "{}", "digest": b"", "total": 1, "state": "RUNNING",
    }  # fmt: skip
    batch = Batch.objects.create(**(words | changes))
    BatchLine.objects.create(
        batch=batch, position=1, ticket=ticket, bet_id=ticket.bet_id, state="WAITING"
    )
    return batch


def act_said(batch: Batch, kind: str, said: ActSaid | None = None, /, **changes: Any) -> TicketFact:
    """Return something that an act says of the only ticket, before it is written down."""
    words = {
        "ticket": Ticket.objects.get(), "kind": kind, "content": encoded(said or ActSaid()),
        "source": "OPERATOR", "ticks": 0, "key": key_of("act", uuid4()), "actor": batch.maker,
        "reason": batch.reason, "note": batch.note, "batch": batch.pk,
    }  # fmt: skip
    return TicketFact(**(words | changes))
