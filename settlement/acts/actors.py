"""Who acts: a person with roles and permissions, however he came in."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser

from settlement.models import Batch
from settlement.orders import ActRefused, Order
from settlement.vocabulary import ActKind

PERMISSIONS = {
    ActKind.SETTLE: "settle_ticket",
    ActKind.RESETTLE: "resettle_ticket",
    ActKind.VOID: "void_ticket",
    ActKind.REOPEN: "reopen_ticket",
    ActKind.CASH_OUT: "cash_out_ticket",
    ActKind.CANCEL: "cancel_ticket",
    ActKind.REJECT: "cancel_ticket",
    ActKind.RELEASE: "release_ticket",
    ActKind.ACCEPT_RESULT: "settle_ticket",
    ActKind.UNDO: "undo_act",
    ActKind.ACCEPT: "decide_review",
    ActKind.DISMISS: "decide_review",
    ActKind.MARKET_SETTLE: "act_on_market",
    ActKind.MARKET_VOID: "act_on_market",
    ActKind.MARKET_DEDUCT: "act_on_market",
    ActKind.MARKET_REOPEN: "act_on_market",
}
APPROVE = "approve_act"
BULK = "act_in_bulk"
AMOUNT = "settle_by_amount"
RESETTLE = "resettle_ticket"


class NotAllowed(ActRefused):
    """The person has not the permission."""

    code = "not_allowed"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person: `name` is how the books call him, `permissions` are settlement's that he has."""

    name: str
    roles: frozenset[str]
    permissions: frozenset[str]

    def refuse_without(self, *needed: str) -> None:
        """Refuse whoever lacks one of these permissions."""
        for permission in needed:
            if permission not in self.permissions:
                raise NotAllowed(
                    f"{person(self.name)} may not do this: the permission "
                    f"“settlement.{permission}” is missing. Nothing was changed."
                )


def actor_for(user: AbstractUser) -> Actor:
    """Return a user as acts know him; who is not active any more may do nothing."""
    return Actor(
        f"user:{user.get_username()}",
        frozenset(user.groups.values_list("name", flat=True)),
        frozenset(
            name.removeprefix(OURS) for name in user.get_all_permissions() if name.startswith(OURS)
        ),
    )


OURS = "settlement."


def actor_named(name: str) -> Actor:
    """Return the person whom the books call by this name; a stranger may do nothing."""
    known = get_user_model().objects.filter(username=person(name), is_active=True).first()
    return Actor(name, frozenset(), frozenset()) if known is None else actor_for(known)


def person(name: str) -> str:
    """Return a name in the books as people say it."""
    return name.removeprefix("user:")


def needed_for(order: Order, undone: Batch | None) -> list[str]:
    """Return the permissions that an order needs before anything is looked at."""
    needed = [PERMISSIONS[order.act]]
    if any(one.payout for one in order.tickets):
        needed.append(AMOUNT)
    many = undone.total if undone else max(len(order.tickets), len(order.reviews))
    if many > 1 and not order.is_on_a_market:
        needed.append(BULK)
    if undone is not None:
        needed.append(PERMISSIONS[ActKind(undone.act)])
    return needed
