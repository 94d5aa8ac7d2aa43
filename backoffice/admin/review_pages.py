"""A review's page: what is asked, what is held back, and the choices there are."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from backoffice import markets
from backoffice.admin.act_pages import may
from backoffice.admin.act_words import state_in_words
from backoffice.admin.acts import TICKET_ACTS, about, act_page, is_offered
from backoffice.admin.feeds import WALL
from backoffice.admin.market_desk import event_page as markets_page
from backoffice.admin.recovery_words import event_page_named
from backoffice.by_hand import is_held_by_hand
from backoffice.facts import word_of
from backoffice.markets import LastWord, OutcomeBetOn
from backoffice.recoveries import MAY_ASK, MAY_READ
from backoffice.review_words import meaning_of
from backoffice.standing import amount
from backoffice.words import person, signed, worded
from feeds.names import name_of
from feeds.recoveries import TELLERS
from settlement.acts.actors import AMOUNT, PERMISSIONS
from settlement.bets import outcome_name
from settlement.models import Review, SportEvent, Ticket
from settlement.vocabulary import DISMISSABLE, HOLDING, ActKind, Provider
from wallet.money import text

MOST_TICKETS = 50
# What providers call what is bet on.
EVENTS: dict[str, str] = {Provider.SPORTRADAR: "event", Provider.LSPORTS: "fixture"}
BY_HAND = ("settle", "settle-legs", "resettle", "resettle-legs", "void", "void-legs", "release")
KEEPS = ("WIN", "LOSE", "REFUND", "HALF_WIN", "HALF_LOSE", "PLACE_WIN")


def age(since: datetime) -> str:
    """Return how long something waits, in the largest unit that says it."""
    seconds = int((datetime.now(UTC) - since).total_seconds())
    for unit, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if count := seconds // unit:
            return f"{count} {word}{'s'[: count > 1]}"
    return "a moment"


def page_of(request: HttpRequest, review: Review) -> dict[str, Any]:
    """Return all that a review's page shows."""
    ticket = review.ticket
    title, where = place_of(request, review.subject)
    shown: dict[str, Any] = {
        "review": review,
        "kind": worded(review.kind),
        "place": title,
        "place_page": where,
        "waits": age(review.opened_at),
        "closed_by": person(review.closed_by),
        "end": worded(review.end) if review.end else "",
        "choices": choices_of(request, review) if review.closed_at is None else [],
        "meaning": meaning_of(review.kind, review.subject),
        "markets_page": "",
    }
    if (event := event_of(review)) is not None:
        shown |= of_event(request, review, event)
    if ticket is not None:
        shown |= {
            "ticket": ticket,
            "about": about(ticket),
            "ticket_page": reverse("admin:settlement_ticket_change", args=[ticket.pk]),
            "held": held(review, ticket),
        }
    return shown


def place_of(request: HttpRequest, subject: str) -> tuple[str, str]:
    """Return what a review about no ticket and no market is about, and the page for it."""
    kind, _, rest = subject.partition(":")
    title = title_of(subject)
    if kind == "feed":
        _, _, number = rest.partition(":")
        page = f"{reverse(WALL)}#producer-{number}" if number else reverse(WALL)
        return title, page if request.user.has_perm("feeds.view_feedlease") else ""
    if kind in TELLERS:
        return title, event_page_named(rest, kind) if request.user.has_perm(MAY_READ) else ""
    return title, ""


def title_of(subject: str) -> str:
    """Return what a review about no ticket and no market is about."""
    kind, _, rest = subject.partition(":")
    if kind == "feed":
        feed, _, number = rest.partition(":")
        return f"{name_of(feed)}, producer {number}" if number else name_of(feed)
    return f"{EVENTS[kind]} {rest}" if kind in EVENTS else subject


def event_of(review: Review) -> SportEvent | None:
    """Return the event that a review is about, as a whole or by one of its markets."""
    if review.market is not None:
        return review.market.event
    provider, _, ref = review.subject.partition(":")
    if provider not in EVENTS:
        return None
    return SportEvent.objects.filter(provider=provider, ref=ref).first()


def of_event(request: HttpRequest, review: Review, event: SportEvent) -> dict[str, Any]:
    """Return what a review's page shows of its event or market: who bets on it, what to do."""
    may_settle = may(request, PERMISSIONS[ActKind.MARKET_SETTLE])
    shown: dict[str, Any] = {"markets_page": markets_page(event) if may_settle else ""}
    if review.market is not None:
        found = markets.outcomes_bet_on(review.market)
        shown["outcomes"] = [outcome_row(one, may_settle=may_settle) for one in found]
        return shown
    waiting, count = markets.open_tickets_on(event, MOST_TICKETS)
    return shown | {
        "event": event,
        "waiting": [ticket_row(one) for one in waiting],
        "more_waiting": count - len(waiting),
    }


def ticket_row(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket that waits as the page shows it."""
    return {
        "page": reverse("admin:settlement_ticket_change", args=[ticket.pk]),
        "bet_id": ticket.bet_id,
        "player": ticket.player,
        "kind": ticket.shape.title,
        "stake": f"{amount(ticket, ticket.stake)} {ticket.currency_id}",
        "accepted_at": ticket.accepted_at,
    }


def outcome_row(found: OutcomeBetOn, *, may_settle: bool) -> dict[str, Any]:
    """Return an outcome that people bet on as the page shows it."""
    one, said = found.outcome, found.word
    settle = reverse("admin:settlement_market_act", args=[one.market_id, "settle"])
    return {
        "name": outcome_name(one) if one.name else f"outcome {one.ref}",
        "ref": one.ref,
        "tickets": found.tickets,
        "still_open": found.still_open,
        "said": said_told(said),
        "look": "warn" if said and said.held else "",
        "page": f"{settle}?{urlencode({'outcome': one.pk})}"
        if may_settle and one.ref and found.still_open
        else "",
    }


def said_told(said: LastWord | None) -> str:
    """Say what a provider said of an outcome last."""
    if said is None:
        return "nothing yet"
    if said.held:
        return f"{said.held}: it has no known meaning"
    return "taken back" if said.ended is None else word_of(said.ended)


def held(review: Review, ticket: Ticket) -> dict[str, Any] | None:
    """Return the state that is held back, beside the one that stands."""
    if not review.wanted:
        return None
    wanted = json.loads(review.wanted)
    change = int(wanted["payout"]) - ticket.payout
    return {
        "before": state_in_words(ticket.status, ticket.result),
        "before_payout": amount(ticket, ticket.payout),
        "after": state_in_words(wanted["status"], wanted["result"]),
        "after_payout": amount(ticket, int(wanted["payout"])),
        "difference": signed(text(change, ticket.currency.precision)) if change else "no change",
        "look": "credit" if change > 0 else "debit" if change < 0 else "hint",
        "code": ticket.currency_id,
    }


def choices_of(request: HttpRequest, review: Review) -> list[dict[str, str]]:
    """Return what whoever looks may choose, and what each choice would do."""
    found = []
    if may(request, PERMISSIONS[ActKind.ACCEPT]):
        if review.kind in HOLDING:
            told = "What is held back is applied. The preview shows it as it stands now."
            found.append(choice("Accept", told, decide_page(review, "accept")))
        if review.kind in DISMISSABLE:
            told = "Nothing changes. It is not asked again unless something else is said."
            found.append(choice("Dismiss", told, decide_page(review, "dismiss")))
    kind, _, ref = review.subject.partition(":")
    if kind in TELLERS and request.user.has_perm(MAY_ASK):
        told = "Its provider is asked once more, before all others. It moves no money by itself."
        found.insert(0, choice("Have its results told again", told, event_page_named(ref, kind)))
    if review.ticket is not None:
        found += keeping(request, review, review.ticket)
        found += by_hand(request, review.ticket)
    return found


def choice(title: str, told: str, page: str) -> dict[str, str]:
    """Return a choice as the page shows it."""
    return {"title": title, "told": told, "page": page}


def decide_page(review: Review, word: str) -> str:
    """Return the address of a decision."""
    return reverse("admin:settlement_review_decide", args=[review.pk, word])


def keeping(request: HttpRequest, review: Review, ticket: Ticket) -> list[dict[str, str]]:
    """Return how what stands is kept: said by hand, it outranks the provider.

    The amount that was paid keeps it to the cent; a result pays what the prices say.
    """
    if review.kind not in HOLDING or not may(request, PERMISSIONS[ActKind.RESETTLE]):
        return []
    paid = f"{amount(ticket, ticket.payout)} {ticket.currency_id}"
    until = "Said by hand, it outranks the provider until it is released."
    if ticket.status == "SETTLED" and may(request, AMOUNT):
        told = f"It stays {worded(ticket.result).lower()}, {paid}. {until}"
        exact = text(ticket.payout, ticket.currency.precision)
        return [keep(ticket, "resettle-amount", told, payout=exact, result=ticket.result)]
    if ticket.result in KEEPS:
        told = (
            f"It stays {worded(ticket.result).lower()}; the preview shows what that pays. {until}"
        )
        return [keep(ticket, "resettle", told, result=ticket.result)]
    return []


def keep(ticket: Ticket, word: str, told: str, **first: str) -> dict[str, str]:
    """Return the way to an act whose form is filled with what stands."""
    return choice("Keep what stands", told, f"{act_page(ticket, word)}?{urlencode(first)}")


def by_hand(request: HttpRequest, ticket: Ticket) -> list[dict[str, str]]:
    """Return the acts on the ticket itself that may answer a review."""
    held = is_held_by_hand(ticket)
    return [
        choice(one.title, one.told, act_page(ticket, one.word))
        for one in map(TICKET_ACTS.__getitem__, BY_HAND)
        if is_offered(request, ticket, one, held=held)
    ]
