"""Up to what somebody acts alone, and why an act needs another person."""

from collections.abc import Iterable, Mapping, Sequence

from settlement import arrays
from settlement.acts.actors import Actor
from settlement.acts.previews import Seen
from settlement.models import ActLimit
from wallet.money import Unit, text


def why_asked(actor: Actor, seen: Iterable[Seen]) -> str:
    """Return why somebody else has to agree to an act; nothing, when nobody has to.

    All that an act moves counts together. A currency without a limit always asks.
    """
    acted_on = [one for one in seen if not one.skipped and one.unit is not None]
    limits = limits_of(actor.roles)
    reasons = []
    if not limits:
        reasons.append("No limit is set for you at all: every act asks.")
    most = limits.get("", 1)
    if len(acted_on) > most:
        reasons.append(
            f"The act is on {len(acted_on):,} tickets; alone you act on at most {most:,}."
        )
    if unknown := [one.bet_id for one in acted_on if not one.is_measured]:
        reasons.append(f"What {unknown[0]} may pay later can't be computed.")
    for unit, moved in sorted(moved_by_unit(actor, acted_on).items(), key=lambda one: one[0].code):
        reasons += over_limit(unit, moved, limits)
    return " ".join(reasons)


def over_limit(unit: Unit, moved: int, limits: Mapping[str, int]) -> list[str]:
    """Return why what is moved in one currency needs another person."""
    if not limits:
        return []
    if (limit := limits.get(unit.code)) is None:
        return [f"No limit is set for you in {unit.code}: every act asks."]
    if moved <= limit:
        return []
    return [
        f"The act moves {text(moved, unit.precision)} {unit.code}; "
        f"alone you move at most {text(limit, unit.precision)} {unit.code}."
    ]


def moved_by_unit(actor: Actor, seen: Sequence[Seen]) -> Mapping[Unit, int]:
    """Return what an act moves, by currency.

    A ticket counts from where it stood before its maker began to act on it today, alone: many small
    steps are one large one.
    """
    began = payouts_before(actor, [one.ticket.id for one in seen if one.ticket is not None])
    moved: dict[Unit, int] = {}
    for one in seen:
        if one.unit is None or one.ticket is None or one.after is None:
            continue
        since = abs(one.after.payout - began.get(one.ticket.id, one.ticket.payout))
        moved[one.unit] = moved.get(one.unit, 0) + max(one.moved, since)
    return moved


def payouts_before(actor: Actor, ticket_ids: Iterable[int]) -> dict[int, int]:
    """Return what tickets paid before somebody first moved them alone, within a day."""
    rows = arrays.fetch(BEGAN, [arrays.numbers(sorted(ticket_ids)), actor.name])
    return dict(rows)


BEGAN = """
SELECT DISTINCT ON (e.ticket_id) e.ticket_id, e.before_payout
  FROM settlement_settlementevent e JOIN settlement_batch b ON b.id = e.batch
 WHERE e.ticket_id = ANY (%s::bigint[]) AND b.maker = %s AND b.why_asked = ''
   AND e.created_at > now() - interval '1 day'
 ORDER BY e.ticket_id, e.sequence
"""


def limits_of(roles: Iterable[str]) -> Mapping[str, int]:
    """Return the greatest limit that one of the roles gives: by currency, and "" for tickets."""
    rows = ActLimit.objects.filter(role__in=sorted(roles)).order_by("id")
    newest = {
        (role, code or ""): most
        for role, code, most in rows.values_list("role", "currency_id", "most")
    }
    found: dict[str, int] = {}
    for (_, code), most in newest.items():
        found[code] = max(most, found.get(code, 0))
    return found
