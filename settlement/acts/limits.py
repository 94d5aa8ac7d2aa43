"""Up to what somebody acts alone, and why an act needs another person."""

from collections.abc import Iterable, Mapping

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
    most = limits.get("", 1)
    if len(acted_on) > most:
        reasons.append(
            f"The act is on {len(acted_on):,} tickets; alone you act on at most {most:,}."
        )
    for unit, moved in sorted(moved_by_unit(acted_on).items(), key=lambda one: one[0].code):
        if (limit := limits.get(unit.code)) is None:
            reasons.append(f"No limit is set for you in {unit.code}: every act asks.")
        elif moved > limit:
            reasons.append(
                f"The act moves {text(moved, unit.precision)} {unit.code}; "
                f"alone you move at most {text(limit, unit.precision)} {unit.code}."
            )
    return " ".join(reasons)


def moved_by_unit(seen: Iterable[Seen]) -> Mapping[Unit, int]:
    """Return what an act moves, by currency."""
    moved: dict[Unit, int] = {}
    for one in seen:
        if one.unit is not None:
            moved[one.unit] = moved.get(one.unit, 0) + one.moved
    return moved


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
