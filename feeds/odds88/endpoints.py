"""What Odds88's look-up endpoints answer, as far as somebody reads it.

No field is promised: each may be absent, null, or hold what nobody has described. A key's case does
not count. What is not known stays as it came, and is shown as unknown.
"""

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from feeds.odds88.messages import Amount, BetItem, Id
from feeds.odds88.parser import decoded, refuse_wild, text_of
from settlement.said import Unreadable

Shape = TypeVar("Shape")
Word = int | str | None
LONGEST_SHOWN = 200
LONGEST_WAIT = 60.0  # seconds

RESULT_TYPES = {1: "pending", 2: "accepted", 3: "rejected"}
CANCELLATIONS = {1: "accepted", 2: "rejected"}
REJECT_REASONS = {
    0: "checks passed",
    1: "price changed",
    2: "price went down",
    3: "price went up",
    4: "missing mandatory fields",
    5: "invalid data format",
    6: "events or markets can't be combined",
    7: "selections from the same market",
    8: "several selections in one event",
    9: "duplicate team ids",
    10: "event not found",
    11: "event not active",
    12: "market not found",
    13: "market not active",
    14: "selection not found",
    15: "selection not active",
    16: "admin console error",
    17: "event limit exceeded",
    18: "market limit exceeded",
    19: "bet limit exceeded",
    20: "payout limit exceeded",
    21: "event CCF limit exceeded",
    22: "market CCF limit exceeded",
    23: "bet CCF limit exceeded",
    24: "payout CCF limit exceeded",
    25: "total price too large",
    26: "sport restricted",
    27: "event without updates for too long",
    28: "bet placement timed out",
    29: "exotics selection has an invalid format",
    39: "exotics selection does not fit the market's type",
    40: "exotics multibet not supported",
    50: "prematch selection limit exceeded",
    51: "prematch selection CCF limit exceeded",
    52: "market is not of fixed exotics",
    53: "fixed exotics price not found",
    54: "fixed exotics with several combinations",
    55: "player's bet liability limit exceeded",
    56: "starting price market went live",
    57: "starting price multibet not supported",
    58: "starting price bet with a price",
    59: "market needs a price",
    60: "selection holds a scratched competitor",
    61: "bet builder not supported",
    100: "unexpected error",
}


def flat(name: str) -> str:
    """Return a field's key in the one case that keys are read in."""
    return name.replace("_", "")


class Problem(msgspec.Struct, frozen=True, rename=flat):
    """ProblemDetails: why a request was refused."""

    title: str | None = None
    detail: str | None = None


class RejectInfo(msgspec.Struct, frozen=True, rename=flat):
    """Why a bet was not accepted."""

    reason: Word = None
    message: str | None = None
    max_bet: Decimal | None = None


class AcceptedBet(msgspec.Struct, frozen=True, rename=flat):
    """A bet as Odds88 took it."""

    id: Id | None = None
    amount: Any = None


class Cancellation(msgspec.Struct, frozen=True, rename=flat):
    """What became of the wish to cancel a bet."""

    status: Word = None
    message: str | None = None


class BetStatus(msgspec.Struct, frozen=True, rename=flat):
    """BetResultViewModel: what Odds88 says of a bet, but for how it ended."""

    request_id: Id | None = None
    result_type: Word = None
    reject_info: RejectInfo | None = None
    created_at: str | None = None
    accepted_bet: AcceptedBet | None = None
    cancellation_status: Cancellation | None = None

    @property
    def label(self) -> str:
        """Where the bet stands."""
        return label_of(RESULT_TYPES, self.result_type)

    @property
    def reject_label(self) -> str:
        """Why the bet was not accepted; empty when nothing is said."""
        if self.reject_info is None or self.reject_info.reason in (None, 0):
            return ""
        return label_of(REJECT_REASONS, self.reject_info.reason)

    @property
    def unknown_reason(self) -> int | None:
        """The number of a reject reason that nobody has told us the meaning of."""
        reason = self.reject_info.reason if self.reject_info else None
        return reason if isinstance(reason, int) and reason not in REJECT_REASONS else None

    @property
    def cancellation_label(self) -> str:
        """What became of the wish to cancel it; empty when nobody had it."""
        found = self.cancellation_status
        return "" if found is None else label_of(CANCELLATIONS, found.status)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is said, for a person."""
        said = [f"At Odds88 the bet is {self.label}{with_reason(self.reject_label)}."]
        if self.reject_info and self.reject_info.message:
            said.append(f"It says: “{shown(self.reject_info.message)}”")
        if self.cancellation_status is not None:
            said.append(f"The wish to cancel it was {self.cancellation_label}.")
            if self.cancellation_status.message:
                said.append(f"It says: “{shown(self.cancellation_status.message)}”")
        return tuple(said)


class SettledBetV2(msgspec.Struct, frozen=True, rename="camel"):
    """How a bet ended, in the look-up's shape: its amount is a plain number, its time the legs'."""

    bet_id: Id | None = None
    bet_settlement: int | None = None
    payout_multiplier: Decimal | None = None
    is_cancelled: bool | None = None
    is_rejected: bool | None = None
    selections: tuple[BetItem, ...] | None = None
    settlement_time: str | None = None
    payout: Decimal | None = None
    partial_refund: Decimal | None = None
    amount: Decimal | Amount | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether no word is in it of how the bet ended."""
        named = (self.bet_settlement, self.payout_multiplier, self.payout)
        return not any((self.is_cancelled, self.is_rejected)) and named == (None, None, None)


UNTYPED: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)
SETTLED: msgspec.json.Decoder[SettledBetV2 | None] = msgspec.json.Decoder(SettledBetV2 | None)


def read_status(raw: bytes) -> BetStatus | None:
    """Return what an answer says of a bet; nothing when it is empty."""
    if not raw.strip():
        return None
    said = lowered(decoded(UNTYPED, text_of(raw)))
    if said in (None, {}):
        return None
    try:
        found = msgspec.convert(said, BetStatus)
    except msgspec.ValidationError as error:
        raise Unreadable(f"It is no bet as Odds88 describes it: {error}.") from None
    if found.result_type is None and found.cancellation_status is None:
        raise Unreadable("It does not say where the bet stands: resultType is missing.")
    return found


def read_settled(raw: bytes) -> SettledBetV2 | None:
    """Return how an answer says that a bet ended; nothing when it says nothing of it."""
    if not raw.strip():
        return None
    bet = decoded(SETTLED, text_of(raw))
    if bet is None or bet.says_nothing:
        return None
    refuse_wild("payoutMultiplier", bet.payout_multiplier)
    refuse_wild("payout", bet.payout)
    refuse_wild("partialRefund", bet.partial_refund)
    if isinstance(bet.amount, Decimal):
        refuse_wild("amount", bet.amount)
    for item in bet.selections or ():
        refuse_wild("deadHeatFactor", item.dead_heat_factor)
        refuse_wild("placeDeadHeatFactor", item.place_dead_heat_factor)
    return bet


def read_reject_reasons(raw: bytes) -> dict[int, str]:
    """Return Odds88's own labels of its reject reasons, in whichever shape they come."""
    said = lowered(decoded(UNTYPED, text_of(raw)))
    if isinstance(said, dict):
        said = [{"id": key, "name": value} for key, value in said.items()]
    found: dict[int, str] = {}
    for one in said if isinstance(said, list) else ():
        if isinstance(one, dict):
            number = first_in(one, "id", "key", "value", "code", "reason")
            name = first_in(one, "description", "name", "label", "title", "text")
            if str(number).isdecimal() and isinstance(name, str):
                found[int(number)] = shown(name)
    return found


def first_in(said: dict[str, Any], *names: str) -> Any:
    """Return the first of these fields that is there."""
    return next((said[name] for name in names if said.get(name) is not None), None)


def problem_in(raw: bytes) -> str:
    """Return what a refusal says, shortly; nothing when it says nothing that can be read."""
    try:
        said = lowered(UNTYPED.decode(raw))
        found = msgspec.convert(said, Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return shown(found.detail or found.title or "")


def lowered(said: Any) -> Any:
    """Return what was said with all keys in lower case."""
    if isinstance(said, dict):
        return {str(key).lower(): lowered(value) for key, value in said.items()}
    return [lowered(one) for one in said] if isinstance(said, list) else said


def label_of(labels: dict[int, str], word: Word) -> str:
    """Return a value's label, also of one that is named instead of numbered."""
    if isinstance(word, str) and not word.isdecimal():
        named = shown(word).lower()
        return named if named in labels.values() else f"unknown ({named})"
    return labels.get(int(word), f"unknown ({word})") if word is not None else "unknown"


def with_reason(label: str) -> str:
    """Return a reason as the end of a sentence."""
    return f": {label}" if label else ""


def shown(text: str) -> str:
    """Return somebody's words so that they can be written down and shown on one line."""
    clean = "".join(one if one.isprintable() else " " for one in text)
    return clean if len(clean) <= LONGEST_SHOWN else f"{clean[:LONGEST_SHOWN]}…"


def seconds_in(header: str | None) -> float:
    """Return how long a Retry-After asks us to wait; a second when it does not say."""
    if header is None or not header.strip().isdecimal() or len(header) > 6:
        return 1.0
    return min(float(header), LONGEST_WAIT)
