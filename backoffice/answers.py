"""What a look-up found of a ticket, for the desk and for programs."""

from collections.abc import Sequence
from typing import Any

from feeds.answers import is_open
from feeds.comparing import Compared
from feeds.differences import differences
from feeds.looking_up import LookUp
from settlement.models import Ticket


def comparison_of(ticket: Ticket, found: LookUp) -> Sequence[Compared]:
    """Return our fields beside theirs; nothing when nothing is known of theirs."""
    return [] if found.trouble else differences(ticket=ticket, found=found)


def may_be_accepted(found: LookUp) -> bool:
    """Whether a look-up found a result that is this ticket's."""
    return found.result is not None and not found.complaint and not is_open(found.result)


def look_up_object(ticket: Ticket, found: LookUp) -> dict[str, Any]:
    """Return a look-up as programs read it; `lookup` is what accepting its result names."""
    compared = comparison_of(ticket, found)
    return {
        "bet_id": ticket.bet_id,
        "provider": ticket.provider.lower(),
        "asked_at": found.asked_at.isoformat(),
        "calls": list(found.calls),
        "lookup": found.settlement_call if may_be_accepted(found) else None,
        "status": found.status.label if found.status else None,
        "reject_reason": (found.status.reject_label or None) if found.status else None,
        "cancellation": (found.status.cancellation_label or None) if found.status else None,
        "complaint": found.complaint or None,
        "sentences": list(found.sentences),
        "differs": any(one.differs for one in compared),
        "fields": [field_object(one) for one in compared],
    }


def field_object(one: Compared) -> dict[str, Any]:
    """Return one field on both sides; what a side says nothing of is null."""
    return {
        "field": one.field,
        "ours": one.ours or None,
        "theirs": one.theirs or None,
        "differs": one.differs,
    }
