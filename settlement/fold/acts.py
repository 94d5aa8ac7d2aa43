"""Our own people's acts on a ticket: which of them stand."""

from collections.abc import Sequence

import msgspec

from settlement.fold.facts import TicketFact
from settlement.vocabulary import Source, TicketFactKind

PINS = frozenset(
    {
        TicketFactKind.SETTLE,
        TicketFactKind.AMOUNT,
        TicketFactKind.VOID,
        TicketFactKind.REOPEN,
        TicketFactKind.CANCEL,
        TicketFactKind.REJECT,
    }
)

PINNING = PINS | {TicketFactKind.LEG}
RELEASING = frozenset({TicketFactKind.RELEASE, TicketFactKind.ACCEPT})


class Acts(msgspec.Struct, frozen=True):
    """Our own people's acts on one ticket that stand."""

    pin: TicketFact | None = None
    cash_outs: tuple[TicketFact, ...] = ()
    legs: tuple[TicketFact, ...] = ()

    @property
    def pinned_since(self) -> bool:
        """Whether the ticket was fixed after its last cash-out."""
        last = max((fact.id for fact in self.cash_outs), default=0)
        return self.pin is not None and self.pin.id > last

    @property
    def stake(self) -> int:
        """The stake that was cashed out."""
        return sum(fact.act.stake or 0 for fact in self.cash_outs)

    @property
    def amount(self) -> int:
        """What was paid for it."""
        return sum(fact.act.amount or 0 for fact in self.cash_outs)


NO_ACTS = Acts()


def acts_of(facts: Sequence[TicketFact]) -> Acts:
    """Return the acts that were not taken back.

    A release ends pins and acts on legs before it, and so does a provider's result once accepted.
    """
    heard: list[TicketFact] = []
    released = False
    for fact in standing(facts):
        if fact.kind in RELEASING:
            released = True
        elif fact.kind == TicketFactKind.CASH_OUT or (fact.kind in PINNING and not released):
            heard.append(fact)
    if not heard:
        return NO_ACTS
    return Acts(
        pin=next((fact for fact in heard if fact.kind in PINS), None),
        cash_outs=tuple(fact for fact in heard if fact.kind == TicketFactKind.CASH_OUT),
        legs=tuple(fact for fact in heard if fact.kind == TicketFactKind.LEG),
    )


def standing(facts: Sequence[TicketFact]) -> list[TicketFact]:
    """Return our own people's acts that were not taken back, the newest first."""
    retracted: set[int] = set()
    found = []
    for fact in sorted((f for f in facts if f.source == Source.OPERATOR), key=lambda f: -f.id):
        if fact.id not in retracted:
            retracted.update(fact.act.retracts)
            found.append(fact)
    return found
