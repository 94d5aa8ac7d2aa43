"""A settled bet of Odds88 → what it says in our words."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from msgspec.structs import replace

from feeds.odds88.endpoints import SettledBetV2, read_settled
from feeds.odds88.messages import Amount, BetItem, BuilderItem, Id, Ping, SettledBet, Settlement
from feeds.odds88.parser import parse
from settlement.rules.exact import recovered_factor
from settlement.said import (
    TICKS_A_SECOND,
    Ended,
    LegSaid,
    ResultSaid,
    ReviewSaid,
    TicketSaid,
    Told,
    Unreadable,
    ticks_of,
)
from settlement.vocabulary import ReviewKind, Source, TicketResult

RESULTS = {
    0: TicketResult.NONE,
    1: TicketResult.WIN,
    2: TicketResult.LOSE,
    3: TicketResult.REFUND,
    4: TicketResult.HALF_WIN,
    5: TicketResult.HALF_LOSE,
    6: TicketResult.CASH_OUT,
    7: TicketResult.PLACE_WIN,
}
WON, LOST, VOID = ("1", "0"), ("0", "0"), ("0", "1")
HALF_WON, HALF_LOST = ("1/2", "1/2"), ("0", "1/2")
WIN_PART: dict[int, Ended] = {1: WON, 2: LOST, 3: VOID, 4: HALF_WON, 5: HALF_LOST, 7: LOST}
PLACE_PART: dict[int, Ended] = {1: WON, 2: LOST, 3: VOID, 7: WON}  # A half result leaves it open.
PLACE_WIN = 7
EACH_WAY_TYPE = 7

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
LONGEST_TEXT = 200
MOST_PRECISION = 18
LONGEST_FACTOR = len("0.") + 20  # What the rules read back.
GREATEST_DIVISOR = 20

TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}):([0-5][0-9])(?:\.([0-9]{0,9}))?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?"
)
TICK_DIGITS = 7
TICKS_A_MINUTE = 60 * TICKS_A_SECOND
FIRST_TICK = ticks_of(datetime(2000, 1, 1, tzinfo=UTC))
END_TICK = ticks_of(datetime(2201, 1, 1, tzinfo=UTC))


def read(raw: bytes) -> Told:
    """Return what a message of the settlement feed says."""
    message = parse(raw)
    return Told(ignored="ping") if isinstance(message, Ping) else told(message)


def told(message: SettledBet) -> Told:
    """Return what a settled bet says of its ticket; a review when its result is not known."""
    bet_ref = text_in("betId", message.bet_id)
    if not bet_ref.strip():
        raise Unreadable("betId is missing.")
    code = message.bet_settlement
    result = None if code is None else RESULTS.get(code)
    if result is None:
        return unknown_result(bet_ref, code)
    said = ticket_of(message, bet_ref, result, ticks_from(message.settlement_time or ""))
    return Told(said.subjects, (said,))


def unknown_result(bet_ref: str, code: int | None) -> Told:
    """Return the review that asks how a bet ended."""
    sentence = "Odds88 does not say how this bet ended: betSettlement is missing."
    if code is not None:
        sentence = f"Odds88 sent the result {str(code)[:20]}, which has no known meaning."
    _, request = player_and_request(bet_ref)
    subjects = (bet_ref, request) if request else (bet_ref,)
    return Told(subjects, reviews=(ReviewSaid(ReviewKind.UNKNOWN_RESULT, sentence, bet_ref),))


def ticket_of(message: SettledBet, bet_ref: str, result: TicketResult, ticks: int) -> TicketSaid:
    """Return the result with what tells whose ticket it is about."""
    player, request = player_and_request(bet_ref)
    amount = message.amount or Amount()
    return TicketSaid(
        source=Source.ODDS88,
        bet_ref=bet_ref,
        player=player,
        request=request,
        currency=text_in("currency", amount.currency).upper(),
        stake=stake_of(amount),
        precision=precision_of(amount),
        ticks=ticks,
        result=result_of(message, amount, result),
    )


def player_and_request(bet_ref: str) -> tuple[str, str]:
    """Return what stands before and after the first colon; no player's id holds one."""
    player, colon, request = bet_ref.partition(":")
    return (player, request) if colon else ("", "")


def result_of(message: SettledBet, amount: Amount, result: TicketResult) -> ResultSaid:
    """Return the result with its money and its legs."""
    return ResultSaid(
        result=result,
        flag="REJECTED" if message.is_rejected else "CANCELLED" if message.is_cancelled else "",
        multiplier=number_text("payoutMultiplier", message.payout_multiplier),
        payout=number_text("payout", message.payout),
        rate=number_text("settlementExchangeRate", amount.settlement_exchange_rate),
        partial_refund=number_text("partialRefund", message.partial_refund),
        legs=tuple([leg for item in message.selections or () for leg in legs_of(item)]),
        version=sum(builder_version(item) for item in message.selections or ()),
    )


def builder_version(item: BetItem) -> int:
    """Return the version of a bet builder as a whole; its parts, the legs, have their own."""
    settlement = item.settlement if item.bet_builder_items else None
    return (settlement.settlement_version or 0) if settlement else 0


def legs_of(item: BetItem) -> list[LegSaid]:
    """Return a selection as a leg, a bet builder as the legs that it is made of."""
    event = text_in("event.id", item.event.id) if item.event else ""
    if item.bet_builder_items:
        return [leg_of(part, event) for part in item.bet_builder_items]
    return [leg_of(item, event)]


def leg_of(item: BetItem | BuilderItem, event: str) -> LegSaid:
    """Return how one selection ended."""
    settlement = item.settlement or Settlement()
    code = settlement.settlement_result
    win, place = (None, None) if code is None else parts_of(item, code)
    return LegSaid(
        ref=text_in("selectionId", item.selection_id),
        win=win,
        place=place,
        event=event,
        market=text_in("market.id", item.market.id) if item.market else "",
        version=settlement.settlement_version or 0,
        ticks=ticks_or_zero(settlement.settlement_time),
    )


def parts_of(item: BetItem | BuilderItem, code: int) -> tuple[Ended, Ended]:
    """Return how the win part ended and, where there is one, the place part."""
    win = WIN_PART.get(code)
    if isinstance(item, BuilderItem):
        return win, None
    win = tied(win, "deadHeatFactor", item.dead_heat_factor)
    if item.each_way_price is None and item.type != EACH_WAY_TYPE and code != PLACE_WIN:
        return win, None
    place = PLACE_PART.get(code)
    return win, tied(place, "placeDeadHeatFactor", item.place_dead_heat_factor)


def tied(ended: Ended, name: str, factor: Decimal | None) -> Ended:
    """Return a won part after a dead heat. Odds88 also writes 0 where there was none."""
    if ended != WON or not factor or factor >= 1:
        return ended
    return factor_text(name, factor), "0"


def factor_text(name: str, factor: Decimal) -> str:
    """Return a dead heat's factor as the ratio that was meant: 0.33 is 1/3."""
    given = (number_text(name, factor) or "")[:LONGEST_FACTOR]
    meant = recovered_factor(given)
    if not meant:
        raise Unreadable(f"{name} is too small for a dead heat: {factor}.")
    return str(meant) if meant.denominator <= GREATEST_DIVISOR else given


def number_text(name: str, number: Decimal | None) -> str | None:
    """Return a number written in the one way that its value has."""
    if number is None:
        return None
    if number < 0:
        raise Unreadable(f"{name} is negative: {number}.")
    text = format(number.copy_abs(), "f")  # Zero may come with a sign.
    return text.rstrip("0").rstrip(".") if "." in text else text


def text_in(name: str, value: Id | None) -> str:
    """Return an id or a word as text; nothing when it is absent."""
    if value is None:
        return ""
    text = str(value)
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"{name} is longer than {LONGEST_TEXT} characters.")
    if not text.isprintable() and UNPRINTABLE.search(text):
        raise Unreadable(f"{name} holds a character that can't be shown.")
    return text


def stake_of(amount: Amount) -> int | None:
    """Return the stake in the units of its precision."""
    if amount.value is not None and amount.value < 0:
        raise Unreadable(f"amount.value is negative: {amount.value}.")
    return amount.value


def precision_of(amount: Amount) -> int:
    """Return how many digits of the stake stand after the point."""
    precision = amount.precision or 0
    if not 0 <= precision <= MOST_PRECISION:
        raise Unreadable(f"amount.precision is not 0 to {MOST_PRECISION}: {str(precision)[:20]}.")
    return precision


def ticks_from(text: str) -> int:
    """Return a settlementTime in 100-ns ticks; one without a zone is in UTC."""
    if not text:
        raise Unreadable("settlementTime is missing.")
    ticks = ticks_written(text)
    if ticks is None:
        raise Unreadable(f"settlementTime is not a time: “{text[:50]}”.")
    if not FIRST_TICK <= ticks < END_TICK:
        raise Unreadable(f"settlementTime lies outside 2000 to 2200: “{text[:50]}”.")
    return ticks


def ticks_or_zero(text: str | None) -> int:
    """Return a leg's time, 0 when it has none: only the ticket's decides."""
    try:
        return ticks_from(text) if text else 0
    except Unreadable:
        return 0


@lru_cache(1024)  # A leg's time is its ticket's, as a rule.
def ticks_written(text: str) -> int | None:
    """Return the ticks that are written as `2024-05-01T10:00:00.1234567Z`."""
    if (match := TIME.fullmatch(text)) is None:
        return None
    minute, second, fraction, zone = match.groups("")
    before = ticks_of_minute(minute, zone)
    if before is None:
        return None
    part = int(fraction[:TICK_DIGITS].ljust(TICK_DIGITS, "0"))
    return before + int(second) * TICKS_A_SECOND + part


@lru_cache(4096)
def ticks_of_minute(minute: str, zone: str) -> int | None:
    """Return a minute's first tick, nothing when no calendar or clock has that minute."""
    try:
        start = ticks_of(datetime.fromisoformat(f"{minute}+00:00"))
    except ValueError:
        return None
    if zone in ("", "Z", "z"):
        return start
    ahead = (int(zone[1:3]) * 60 + int(zone[-2:])) * TICKS_A_MINUTE
    return start - ahead if zone[0] == "+" else start + ahead


def read_look_up(
    raw: bytes, *, player: str, request: str, asked_at: datetime, currency: str
) -> TicketSaid | None:
    """Return what an answer says of the bet that was asked for; nothing when it is not settled.

    Its time is that of the leg settled last; when no leg has one, the time when it was asked.
    """
    bet = read_settled(raw)
    if bet is None:
        return None
    result = RESULTS.get(bet.bet_settlement or 0)
    if result is None or (bet.bet_settlement is None and not (bet.is_cancelled or bet.is_rejected)):
        code = "no result" if bet.bet_settlement is None else f"the result {bet.bet_settlement}"
        raise Unreadable(f"Odds88 names {code[:30]}, which has no known meaning.")
    bet_ref = text_in("betId", bet.bet_id) or f"{player}:{request}"
    ticks = last_settled(bet) or ticks_of(asked_at)
    said = replace(
        ticket_of(as_on_the_feed(bet), bet_ref, result, ticks), player=player, request=request
    )
    if isinstance(bet.amount, Decimal):
        stake, precision = in_units(bet.amount)
        said = replace(said, currency=currency, stake=stake, precision=precision)
    return said


def last_settled(bet: SettledBetV2) -> int:
    """Return when the last leg was settled, unless the bet has a time of its own; 0 for never."""
    items = bet.selections or ()
    parts: list[BetItem | BuilderItem] = list(items)
    parts += [part for item in items for part in item.bet_builder_items or ()]
    times = [part.settlement.settlement_time for part in parts if part.settlement]
    return ticks_or_zero(bet.settlement_time) or max(map(ticks_or_zero, times), default=0)


def as_on_the_feed(bet: SettledBetV2) -> SettledBet:
    """Return a look-up's answer in the shape of the feed's messages."""
    return SettledBet(
        bet_settlement=bet.bet_settlement,
        payout_multiplier=bet.payout_multiplier,
        is_cancelled=bet.is_cancelled,
        is_rejected=bet.is_rejected,
        selections=bet.selections,
        payout=bet.payout,
        partial_refund=bet.partial_refund,
        amount=bet.amount if isinstance(bet.amount, Amount) else None,
    )


def in_units(amount: Decimal) -> tuple[int, int]:
    """Return a plain number as a stake in units of its own precision."""
    digits = number_text("amount", amount) or "0"
    whole, _, part = digits.partition(".")
    return int(whole + part), len(part)
