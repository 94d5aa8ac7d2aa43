"""Bytes of Odds88's settlement feed → a ping or a settled bet."""

import re
from decimal import Clamped, Context, Decimal, Overflow, Rounded, Subnormal
from typing import TypeVar

import msgspec

from feeds.odds88.messages import Envelope, Ping, SettledBet
from settlement.said import Unreadable

Shape = TypeVar("Shape")

ENVELOPE = msgspec.json.Decoder(Envelope)
BARE = msgspec.json.Decoder(SettledBet)
BLANKS = b" \t\r\n\xef\xbb\xbf"  # The last three are the byte order mark.
ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
MOST_DIGITS = 60
MOST_ZEROS = 40
MEANT = Context(
    MOST_DIGITS, Emin=-MOST_ZEROS, Emax=MOST_ZEROS, traps=[Clamped, Overflow, Rounded, Subnormal]
)


def parse(raw: bytes) -> Ping | SettledBet:
    """Return what a message holds: with an envelope around it, or bare."""
    text = text_of(raw)
    envelope = decoded(ENVELOPE, text)
    bet = envelope.data
    if bet is None and envelope.bet_id is not None:
        bet = decoded(BARE, text)
    if bet is None and envelope.ping_id is not None:
        return Ping(str(envelope.ping_id))
    if bet is None:
        raise Unreadable("It is neither a ping nor a settled bet: betId is missing.")
    if bet.bet_id is None:
        raise Unreadable("betId is missing.")
    refuse_wild_numbers(bet)
    return bet


def text_of(raw: bytes) -> bytes:
    """Return the text, known to be UTF-8, without a byte order mark and blanks before it."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"It is not UTF-8 text (byte {error.start}).") from None
    text = raw.lstrip(BLANKS)
    if not text:
        raise Unreadable("It is empty.")
    if b"\\u0000" in text and ESCAPED_NUL.search(text):
        raise Unreadable("It holds a NUL character.")
    return text


def decoded(decoder: msgspec.json.Decoder[Shape], text: bytes) -> Shape:
    """Return what the text says."""
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Unreadable(f"It is no settlement as Odds88 describes it: {error}.") from None
    except msgspec.DecodeError as error:
        why = str(error).removeprefix("JSON is malformed: ")
        raise Unreadable(f"It is not JSON: {why}.") from None
    except RecursionError:
        raise Unreadable("It is not a settlement: it is nested too deep.") from None


def refuse_wild_numbers(bet: SettledBet) -> None:
    """Refuse numbers that are none, or too long to be meant: 1E+1000000 is a megabyte of zeros."""
    refuse_wild("payoutMultiplier", bet.payout_multiplier)
    refuse_wild("payout", bet.payout)
    refuse_wild("partialRefund", bet.partial_refund)
    if bet.amount:
        refuse_wild("settlementExchangeRate", bet.amount.settlement_exchange_rate)
    for item in bet.selections or ():
        refuse_wild("deadHeatFactor", item.dead_heat_factor)
        refuse_wild("placeDeadHeatFactor", item.place_dead_heat_factor)


def refuse_wild(name: str, number: Decimal | None) -> None:
    """Refuse a number that can't be written out."""
    if number is None:
        return
    if not number.is_finite():
        raise Unreadable(f"{name} is not a number: {number}.")
    try:
        MEANT.plus(number)
    except ArithmeticError:
        raise Unreadable(f"{name} can't be meant as a number: {str(number)[:50]}.") from None
