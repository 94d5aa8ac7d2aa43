"""What an act says of one ticket, as facts; or why it can't be said of that ticket."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from settlement.book import StoredLeg, StoredTicket
from settlement.fold.acts import Acts, standing
from settlement.fold.facts import TicketFact
from settlement.orders import (
    ActRefused,
    BadOrder,
    LegAsked,
    Order,
    TicketAnswered,
    TicketAsked,
)
from settlement.rules.exact import NeedsDecision, RulesRefusal, ratio
from settlement.rules.legs import PLACE_PART, WIN_PART, Factors
from settlement.said import ActSaid, Ended
from settlement.vocabulary import (
    ActKind,
    LegResult,
    TicketFactKind,
    TicketResult,
    TicketStatus,
)
from wallet.money import Money, MoneyError, Unit, text


class NotForTicket(ActRefused):
    """The act makes no sense for this ticket as it stands; others in the act go on."""

    code = "skipped"


class About(NamedTuple):
    """A ticket with what an act has to know about it."""

    ticket: StoredTicket
    legs: Sequence[StoredLeg]
    unit: Unit
    acts: Acts

    @property
    def left(self) -> int:
        """The stake that was not cashed out."""
        return self.ticket.stake - self.acts.stake


class Saying(NamedTuple):
    """One thing that an act says of a ticket, before it is written down; `ticks` as in a fact."""

    kind: TicketFactKind
    said: ActSaid
    position: int | None = None
    ticks: int = 0


def sayings_of(order: Order, asked: TicketAsked, about: About) -> list[Saying]:
    """Return what an order says of one ticket; refuse what can't be said of it."""
    if asked.currency and asked.currency.upper() != about.ticket.currency:
        raise NotForTicket(
            f"The ticket is in {about.ticket.currency}, not in {asked.currency.upper()}."
        )
    return SAID_BY[order.act](asked, about)


def settled(asked: TicketAsked, about: About) -> list[Saying]:
    """Return how an open ticket is settled."""
    if about.ticket.status != TicketStatus.OPEN:
        raise NotForTicket(f"It is {where_it_stands(about)} already: resettle it to change that.")
    return ended(asked, about)


def resettled(asked: TicketAsked, about: About) -> list[Saying]:
    """Return how a settled ticket is settled anew."""
    if about.ticket.status == TicketStatus.OPEN:
        raise NotForTicket("It is open: settle it.")
    return ended(asked, about)


def where_it_stands(about: About) -> str:
    """Say where a ticket stands."""
    ticket = about.ticket
    word = ticket.status if ticket.result == TicketResult.NONE else f"settled as {ticket.result}"
    paid = f"{text(ticket.payout, about.unit.precision)} {about.unit.code}"
    return f"{word.replace('_', ' ').lower()} with {paid} paid"


def ended(asked: TicketAsked, about: About) -> list[Saying]:
    """Return a result, the legs' results or an amount, as asked for."""
    if asked.legs:
        return [leg_said(one, about, None) for one in distinct(asked.legs, about)]
    if asked.payout is not None:
        return [amount_said(asked, about)]
    refuse_result(asked.result, about)
    return [Saying(TicketFactKind.SETTLE, ActSaid(result=asked.result))]


BY_RESULT = frozenset(
    {
        TicketResult.WIN,
        TicketResult.LOSE,
        TicketResult.REFUND,
        TicketResult.HALF_WIN,
        TicketResult.HALF_LOSE,
        TicketResult.PLACE_WIN,
    }
)
OF_ONE_LEG = BY_RESULT - {TicketResult.WIN, TicketResult.LOSE, TicketResult.REFUND}


def refuse_result(result: TicketResult | None, about: About) -> None:
    """Refuse a result that the ticket can't end with as a whole."""
    if result not in BY_RESULT:
        raise NotForTicket(f"No ticket is settled as {result}: name its legs or its payout.")
    if result in OF_ONE_LEG and about.ticket.legs > 1:
        raise NotForTicket(f"{result} is for single bets: settle the legs one by one.")
    if result == TicketResult.PLACE_WIN and not about.ticket.each_way:
        raise NotForTicket("It is no each-way bet: it has no place part to win.")


def amount_said(asked: TicketAsked, about: About) -> Saying:
    """Return a payout by hand: all that the ticket pays."""
    amount = money(asked.payout or "", about.unit)
    if amount < about.ticket.cashed_out_amount:
        already = text(about.ticket.cashed_out_amount, about.unit.precision)
        raise NotForTicket(f"{already} {about.unit.code} were cashed out: it can't pay less.")
    if asked.result in (TicketResult.NONE, TicketResult.CASH_OUT):
        raise NotForTicket(f"No ticket is settled as {asked.result}.")
    said = ActSaid(result=asked.result, amount=amount)
    return Saying(TicketFactKind.AMOUNT, said)


def money(given: str, unit: Unit) -> int:
    """Return an amount in minor units."""
    try:
        amount = Money.parse(given, unit)
    except MoneyError as error:
        raise NotForTicket(str(error)) from None
    if amount.minor < 0:
        raise NotForTicket(f"“{given}” is less than nothing.")
    return amount.minor


def distinct(legs: Sequence[LegAsked], about: About) -> Sequence[LegAsked]:
    """Return the legs; refuse one that is named twice, and legs of a ticket fixed as a whole."""
    if (pin := about.acts.pin) is not None:
        raise NotForTicket(
            f"The whole ticket was fixed by hand, by {pin.actor.removeprefix('user:')}: release it "
            "first, or take that act back."
        )
    if len({leg.position for leg in legs}) < len(legs):
        raise NotForTicket("A leg is named twice.")
    return legs


def leg_said(asked: LegAsked, about: About, result: LegResult | None) -> Saying:
    """Return what is said of one leg; without a `result` its own words say it."""
    leg = next((one for one in about.legs if one.position == asked.position), None)
    if leg is None:
        raise NotForTicket(f"It has no leg {asked.position}: it has {len(about.legs)}.")
    each_way = about.ticket.each_way and leg.has_place_terms
    result = result or asked.result
    place = asked.place_result or (result if each_way else None)
    refuse_place(asked, result, each_way=each_way)
    said = ActSaid(
        win=part(WIN_PART, result, asked.dead_heat, asked.position),
        place=part(PLACE_PART, place, asked.place_dead_heat, asked.position),
        percent=number(asked.rule4, "Rule 4", most=100),
        starting_price=number(asked.starting_price, "A starting price", least=1),
    )
    if said == ActSaid():
        raise NotForTicket(f"Nothing is said of leg {asked.position}.")
    return Saying(TicketFactKind.LEG, said, asked.position)


def refuse_place(asked: LegAsked, result: LegResult | None, *, each_way: bool) -> None:
    """Refuse words about a place where there is none, and a place that no loser's part can have."""
    named = asked.place_result or asked.place_dead_heat or result == LegResult.PLACE
    if named and not each_way:
        raise NotForTicket(f"Leg {asked.position} has no place part: it is not each-way.")
    if result == LegResult.WIN and asked.place_result == LegResult.LOSE:
        raise NotForTicket(f"Leg {asked.position} won, so it was placed.")
    if each_way and result in (LegResult.HALF_WIN, LegResult.HALF_LOSE) and not asked.place_result:
        raise NotForTicket(f"Leg {asked.position} ends by halves: say how its place part ended.")


def part(
    parts: dict[LegResult, Factors], result: LegResult | None, dead_heat: str | None, position: int
) -> Ended:
    """Return how one part of a leg ended."""
    if result is None:
        if dead_heat:
            raise NotForTicket(f"Leg {position} has a dead heat, but no result.")
        return None
    tied = number(dead_heat, "A dead heat", most=1)
    if (factors := parts.get(result)) is None:
        raise NotForTicket(f"The place part of leg {position} can't end as {result}.")
    if tied and not factors.win:
        raise NotForTicket(f"Leg {position} has a dead heat, and did not win.")
    try:
        factors = factors.tied(ratio(tied) if tied else None)
    except NeedsDecision as reason:
        raise NotForTicket(str(reason)) from None
    return str(factors.win), str(factors.void)


def number(
    given: str | None, name: str, *, least: Fraction | int = 0, most: int | None = None
) -> str | None:
    """Return an exact number as it is stored; refuse one out of bounds."""
    if given is None or not given.strip():
        return None
    try:
        found = ratio(given.strip().removesuffix("%").strip())
    except (RulesRefusal, ValueError, ZeroDivisionError):
        raise NotForTicket(f"{name}: “{given}” is not a number.") from None
    if found <= least or (most is not None and found > most):
        raise NotForTicket(f"{name} can't be {given}.")
    return str(found)


def voided(asked: TicketAsked, about: About) -> list[Saying]:
    """Return that a ticket, or some of its legs, are void."""
    if asked.legs:
        return [leg_said(one, about, LegResult.VOID) for one in distinct(asked.legs, about)]
    return [Saying(TicketFactKind.VOID, ActSaid())]


def reopened(asked: TicketAsked, about: About) -> list[Saying]:
    """Return that a ticket is open again."""
    if about.ticket.status == TicketStatus.OPEN:
        raise NotForTicket("It is open already.")
    return [Saying(TicketFactKind.REOPEN, ActSaid())]


def cashed_out(asked: TicketAsked, about: About) -> list[Saying]:
    """Return a cash-out of all the stake that is left, or of a part of it."""
    if about.ticket.status != TicketStatus.OPEN:
        raise NotForTicket(f"It is {where_it_stands(about)}: only open tickets are cashed out.")
    if about.acts.pin is not None:
        raise NotForTicket("It was opened by hand: release it before it is cashed out.")
    stake = money(asked.stake, about.unit) if asked.stake else about.left
    if not 0 < stake <= about.left:
        left = text(about.left, about.unit.precision)
        raise NotForTicket(f"{left} {about.unit.code} of its stake are left, not {asked.stake}.")
    amount = money(asked.amount or "", about.unit)
    return [Saying(TicketFactKind.CASH_OUT, ActSaid(stake=stake, amount=amount))]


def whole(kind: TicketFactKind, status: TicketStatus) -> Callable[..., list[Saying]]:
    """Return what cancels or rejects a whole bet."""

    def said(asked: TicketAsked, about: About) -> list[Saying]:
        if about.ticket.status == status:
            raise NotForTicket(f"It is {status.lower()} already.")
        return [Saying(kind, ActSaid())]

    return said


def released(asked: TicketAsked, about: About) -> list[Saying]:
    """Return that the providers are heard again."""
    if about.acts.pin is None and not about.acts.legs:
        raise NotForTicket("No act holds it: its providers are heard.")
    return [Saying(TicketFactKind.RELEASE, ActSaid())]


def accepted(asked: TicketAsked, about: About) -> list[Saying]:
    """Return that what a provider answered counts, from when he was asked."""
    answer = asked.answer if isinstance(asked, TicketAnswered) else None
    if answer is None:
        raise BadOrder(f"{asked.bet_id}: nobody has read look-up {asked.lookup}.", "lookup")
    said = ActSaid(says=answer.result, source=answer.source, lookup=asked.lookup)
    return [Saying(TicketFactKind.ACCEPT, said, ticks=answer.ticks)]


SAID_BY: dict[ActKind, Callable[[TicketAsked, About], list[Saying]]] = {
    ActKind.SETTLE: settled,
    ActKind.RESETTLE: resettled,
    ActKind.VOID: voided,
    ActKind.REOPEN: reopened,
    ActKind.CASH_OUT: cashed_out,
    ActKind.CANCEL: whole(TicketFactKind.CANCEL, TicketStatus.CANCELLED),
    ActKind.REJECT: whole(TicketFactKind.REJECT, TicketStatus.REJECTED),
    ActKind.RELEASE: released,
    ActKind.ACCEPT_RESULT: accepted,
}


def retracted(facts: Sequence[TicketFact], batch: int) -> list[Saying]:
    """Return what takes back the part of an act that reaches a ticket."""
    ours = [fact.id for fact in standing(facts) if fact.batch == batch]
    if not ours:
        raise NotForTicket("It was taken back already.")
    return [Saying(TicketFactKind.RETRACTION, ActSaid(retracts=tuple(sorted(ours))))]
