"""An act asked for at the desk: its form, the preview, the confirmation. One way for all acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from backoffice import by_hand
from backoffice.acting import actor_for
from backoffice.admin.act_forms import ActForm
from backoffice.admin.act_words import order_in_words, reason_of, state_in_words, title_of
from backoffice.models import User
from backoffice.words import grouped, signed, worded
from settlement.acts import services
from settlement.acts.actors import Actor
from settlement.acts.effects import Effect, Total
from settlement.acts.previews import Seen
from settlement.acts.services import Preview
from settlement.acts.tokens import StalePreview
from settlement.models import Batch
from settlement.orders import ActRefused
from wallet.money import Unit, text

MOST_SHOWN = 200
OURS = "settlement."


@dataclass(slots=True)
class Asking:
    """A page that asks for an act. `leave` is where it goes without, `then` where when done."""

    title: str
    form: ActForm
    leave: str
    then: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


def actor_at(request: HttpRequest) -> Actor:
    """Return who sits at the desk, as acts know him."""
    return actor_for(cast("User", request.user))


def may(request: HttpRequest, *permissions: str) -> bool:
    """Whether the person at the desk has all of these permissions of settlement's."""
    return request.user.has_perms([OURS + one for one in permissions])


def refuse_without(request: HttpRequest, *permissions: str) -> None:
    """Answer with 403 whoever lacks one of these permissions of settlement's."""
    if not may(request, *permissions):
        raise PermissionDenied


def asked(request: HttpRequest, asking: Asking) -> HttpResponse:
    """Ask what to do, show what it would do, and do it when that is confirmed."""
    form = asking.form
    if request.method != "POST" or "edit" in request.POST or not form.is_valid():
        return page(request, asking)
    changed = ""
    actor = actor_at(request)
    try:
        order = form.order()
        if token := request.POST.get("token", ""):
            try:
                return done(request, asking, services.act(order=order, actor=actor, token=token))
            except StalePreview as refusal:
                changed = str(refusal)
        shown = services.preview(order=order, actor=actor)
    except ActRefused as refusal:
        form.add_error(None, " ".join(filter(None, [changed, str(refusal)])))
        return page(request, asking)
    return page(request, asking, preview=preview_shown(shown), changed=changed)


def page(request: HttpRequest, asking: Asking, **shown: Any) -> HttpResponse:
    """Show the form, or the preview of what it asks for."""
    context = {
        **asking.context,
        "title": asking.title,
        "form": asking.form,
        "leave": asking.leave,
        **shown,
    }
    return TemplateResponse(request, "admin/acts/act.html", context)


def done(request: HttpRequest, asking: Asking, batch: Batch) -> HttpResponse:
    """Say what became of an act, and go on."""
    tell(request, batch)
    if batch.state == "DONE" and asking.then:
        return redirect(asking.then)
    return redirect(batch_page(batch))


def tell(request: HttpRequest, batch: Batch) -> None:
    """Say where an act stands now."""
    name = f"Act {batch.pk} ({title_of(batch.act).lower()})"
    if batch.state == "WAITING":
        messages.warning(request, f"{name} waits for another person. {batch.why_asked}")
    elif batch.state == "RUNNING":
        messages.info(request, f"{name} is running: its page says how far it is.")
    elif batch.state == "RETURNED":
        messages.warning(request, f"{name} has changed, and went back to its maker.")
    elif batch.state == "REFUSED":
        messages.info(request, f"{name} is refused: nothing was done.")
    else:
        told = by_hand.what_became(batch)
        say = messages.error if told.failed else messages.success
        say(request, f"{name} is done{told.in_words}.")


def batch_page(batch: Batch) -> str:
    """Return the address of an act's page."""
    return reverse("admin:settlement_batch_change", args=[batch.pk])


def preview_shown(preview: Preview) -> dict[str, Any]:
    """Return a preview as its page shows it. Its totals count all tickets, shown or not."""
    acted_on = [one for one in preview.seen if not one.skipped]
    left_alone = [one for one in preview.seen if one.skipped]
    return {
        "order": order_in_words(preview.order),
        "act": title_of(preview.order.act),
        "reason": reason_of(preview.order.reason),
        "note": preview.order.note,
        "acted_on": [seen_row(one) for one in acted_on[:MOST_SHOWN]],
        "acted_on_count": len(acted_on),
        "left_alone": [seen_row(one) for one in left_alone[:MOST_SHOWN]],
        "left_alone_count": len(left_alone),
        "most_shown": MOST_SHOWN,
        "totals": [total_row(one) for one in preview.totals],
        "effects": [effect_row(one) for one in preview.effects[:MOST_SHOWN]],
        "effects_count": len(preview.effects),
        "below_zero": sum(one.goes_below_zero for one in preview.effects),
        "asks": preview.asks,
        "token": preview.token,
    }


def seen_row(seen: Seen) -> dict[str, Any]:
    """Return what an act would do to one ticket."""
    ticket, after, unit = seen.ticket, seen.after, seen.unit
    row: dict[str, Any] = {"bet_id": seen.bet_id, "skipped": seen.skipped, "why": why(seen)}
    if ticket is None or unit is None:
        return row
    row |= {
        "page": reverse("admin:settlement_ticket_change", args=[ticket.id]),
        "code": unit.code,
        "before": state_in_words(ticket.status, ticket.result),
        "before_payout": amount(ticket.payout, unit),
    }
    if after is not None and not seen.skipped:
        row |= {
            "after": state_in_words(after.status, after.result),
            "after_payout": amount(after.payout, unit),
            **change(seen.difference, unit),
        }
    return row


def why(seen: Seen) -> list[str]:
    """Return what there is to say about what an act does to a ticket."""
    legs = [
        f"Leg {position}: {worded(before).lower() or 'open'} → {worded(after).lower() or 'open'}."
        for position, before, after in seen.legs
    ]
    held = [f"Is held back for a review: {seen.held}"] if seen.held else []
    return [*legs, *held, *seen.doubts]


def amount(minor: int, unit: Unit) -> str:
    """Return an amount for people."""
    return grouped(text(minor, unit.precision))


def change(minor: int, unit: Unit) -> dict[str, Any]:
    """Return what a balance changes by, with its sign and colour."""
    if not minor:
        return {"difference": "no change", "look": "hint"}
    look = "credit" if minor > 0 else "debit"
    return {"difference": signed(text(minor, unit.precision)), "look": look}


def total_row(total: Total) -> dict[str, Any]:
    """Return what an act comes to in a currency."""
    return {
        "code": total.unit.code,
        "tickets": total.tickets,
        "to_players": amount(total.to_players, total.unit),
        "from_players": amount(total.from_players, total.unit),
        **change(total.difference, total.unit),
    }


def effect_row(effect: Effect) -> dict[str, Any]:
    """Return what an act does to a player's balance."""
    return {
        "player": effect.player,
        "code": effect.unit.code,
        "before": amount(effect.before, effect.unit),
        "after": amount(effect.after, effect.unit),
        "below_zero": effect.goes_below_zero,
        **change(effect.change, effect.unit),
    }


def crumbs(*steps: tuple[str, str]) -> Sequence[Mapping[str, str]]:
    """Return the way to a page, as its head shows it."""
    return [{"title": title, "link": link} for title, link in steps]
