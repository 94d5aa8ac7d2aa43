"""What the demo's people did by hand before you came: each role finds something to do."""

import random
from collections.abc import Iterable
from itertools import islice

from backoffice.acting import actor_for, order_of
from backoffice.demo_results import FEED, result, wrapped
from backoffice.models import User
from feeds import inbox
from settlement.acts import services
from settlement.models import ActLimit, Batch, Ticket
from settlement.stale import ask_about_stale_tickets
from wallet.models import Currency

# Up to what each acts alone, in hundreds of the smallest bet; nobody has a limit in BTC.
LIMITS = {"Operator": 100, "Senior": 2000}
TICKETS_AT_ONCE = {"Operator": 1, "Senior": 100}
WORTH = {"EUR": 1, "GBP": 1, "USD": 1, "JPY": 100}
DOWN = {"reason": "PROVIDER_DOWN", "note": "Odds88 does not answer; the result is on its own page."}


def add_acts() -> int:
    """Act as the operator and the senior would on a busy day; return how many acts that took."""
    if Batch.objects.exists():
        return 0
    add_limits()
    settle_by_hand()
    contradict()
    void_a_leg()
    ask_for_approval()
    act_on_many()
    ask_about_stale_tickets(hours=12, most=5)
    return Batch.objects.count()


def add_limits() -> None:
    """Say up to what each role acts alone."""
    rows = [ActLimit(role=role, most=most) for role, most in TICKETS_AT_ONCE.items()]
    for currency in Currency.objects.filter(code__in=WORTH).order_by("code"):
        unit = 10**currency.precision * WORTH[currency.code]
        rows += [
            ActLimit(role=role, currency=currency, most=most * unit)
            for role, most in LIMITS.items()
        ]
    for row in rows:
        row.actor = "system:demo"
    ActLimit.objects.bulk_create(rows)


def act(login: str, **words: object) -> Batch:
    """Let somebody preview an act and do it."""
    actor = actor_for(User.objects.get(username=login))
    shown = services.preview(order=order_of(words), actor=actor)
    done = services.act(order=shown.order, actor=actor, token=shown.token)
    return services.finish(batch=done)


def some(found: Iterable[Ticket], count: int, **each: object) -> list[dict[str, object]]:
    """Return some tickets in an order's words."""
    return [{"bet_id": one.bet_id, **each} for one in islice(found, count)]


def waiting() -> list[Ticket]:
    """Return Odds88's single bets in euros that wait for their result, the oldest first."""
    found = Ticket.objects.filter(provider="ODDS88", status="OPEN", currency="EUR", kind="SINGLE")
    small = found.filter(stake__lte=2000, each_way=False, free_bet_ref="")
    return list(small.select_related("currency").order_by("id"))


def settle_by_hand() -> None:
    """Settle three tickets while the provider is down."""
    for ticket, end in zip(waiting(), ("lose", "refund", "lose"), strict=False):
        act("operator", act="settle", tickets=some([ticket], 1, result=end), **DOWN)


def contradict() -> None:
    """Let Odds88 come back, and say something else of the tickets that were settled by hand."""
    chance = random.Random(7)  # noqa: S311 - the same demo for everybody
    settled = Ticket.objects.filter(batch_lines__batch__act="SETTLE").select_related("currency")
    for ticket in settled.order_by("id")[:2]:
        said = result(ticket, chance, later=1) | {"betSettlement": 1, "payoutMultiplier": 2.0}
        amount = said["amount"]
        said |= {"payout": 2 * amount["value"] / 10 ** amount["precision"], "isCancelled": False}
        received = inbox.receive(feed=FEED, bodies=[wrapped(said)])
        inbox.process(message_ids=received.ids)
    inbox.drain()


def void_a_leg() -> None:
    """Void one leg of an accumulator: the rest goes on."""
    found = Ticket.objects.filter(kind="ACCUMULATOR", status="OPEN", currency="EUR")
    ticket = found.exclude(provider="ODDS88").order_by("stake", "id")[:1]
    if ticket:
        act(
            "senior",
            act="void",
            tickets=some(ticket, 1, legs=[{"position": 2}]),
            reason="RULES",
            note="The match was abandoned after ten minutes.",
        )


def ask_for_approval() -> None:
    """Correct a large win, which needs another person."""
    large = Ticket.objects.filter(status="SETTLED", result="WIN", currency="EUR", payout__gt=20_000)
    tickets = some(large.order_by("-payout", "id"), 1, result="refund")
    if tickets:
        act(
            "operator",
            act="resettle",
            tickets=tickets,
            reason="WRONG_RESULT",
            note="The league declared the match void this morning.",
        )


def act_on_many() -> None:
    """Void a day's bets of one kind, and take another such act back."""
    found = Ticket.objects.filter(provider="MANUAL", status="OPEN", currency="EUR", stake__lte=2000)
    tickets = list(found.order_by("id")[:60])
    why = {"reason": "RULES", "note": "The competition was called off; all stakes go back."}
    for part in (tickets[:40], tickets[40:]):
        if part:
            done = act("senior", act="void", tickets=some(part, 40), **why)
    if tickets[40:]:
        again = {"reason": "OTHER", "note": "That was another competition."}
        act("senior", act="undo", undoes=done.pk, **again)
