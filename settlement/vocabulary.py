"""Settlement's words: what kinds of bets there are, and how bets and their legs end."""

from enum import StrEnum


class Provider(StrEnum):
    """Who says how a bet, or one of its legs, ended."""

    ODDS88 = "ODDS88"
    SPORTRADAR = "SPORTRADAR"
    LSPORTS = "LSPORTS"
    MANUAL = "MANUAL"


class BetKind(StrEnum):
    """How legs are combined into lines. The last three are not computed here."""

    SINGLE = "SINGLE"
    DOUBLE = "DOUBLE"
    TREBLE = "TREBLE"
    ACCUMULATOR = "ACCUMULATOR"
    TRIXIE = "TRIXIE"
    PATENT = "PATENT"
    YANKEE = "YANKEE"
    LUCKY15 = "LUCKY15"
    CANADIAN = "CANADIAN"
    LUCKY31 = "LUCKY31"
    HEINZ = "HEINZ"
    LUCKY63 = "LUCKY63"
    SUPERHEINZ = "SUPERHEINZ"
    LUCKY127 = "LUCKY127"
    GOLIATH = "GOLIATH"
    LUCKY255 = "LUCKY255"
    SYSTEM = "SYSTEM"
    EXOTIC = "EXOTIC"
    TOTE = "TOTE"
    PICKEM = "PICKEM"


class LegResult(StrEnum):
    """How a leg ended. PLACE: the win part lost, the place part won."""

    WIN = "WIN"
    PLACE = "PLACE"
    LOSE = "LOSE"
    VOID = "VOID"
    HALF_WIN = "HALF_WIN"
    HALF_LOSE = "HALF_LOSE"


class TicketStatus(StrEnum):
    """Where a ticket stands. The last two only when the whole bet was cancelled or rejected."""

    OPEN = "OPEN"
    SETTLED = "SETTLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


class TicketResult(StrEnum):
    """How a ticket ended, from its legs' results; never guessed from the money it paid."""

    NONE = "NONE"
    WIN = "WIN"
    LOSE = "LOSE"
    REFUND = "REFUND"
    HALF_WIN = "HALF_WIN"
    HALF_LOSE = "HALF_LOSE"
    PLACE_WIN = "PLACE_WIN"
    CASH_OUT = "CASH_OUT"
    MIXED = "MIXED"


NOT_COMPUTED = frozenset({BetKind.EXOTIC, BetKind.TOTE, BetKind.PICKEM})


class Source(StrEnum):
    """Who says a fact: a provider, or one of our own people."""

    ODDS88 = "ODDS88"
    SPORTRADAR = "SPORTRADAR"
    LSPORTS = "LSPORTS"
    OPERATOR = "OPERATOR"


def called(provider: str) -> str:
    """Return what people call a provider, however his word is written."""
    return "LSports" if provider.upper() == Source.LSPORTS else provider.capitalize()


class MarketFactKind(StrEnum):
    """What is said of a market. The order is the order of facts of the same time."""

    SETTLEMENT = "SETTLEMENT"
    ROLLBACK = "ROLLBACK"
    CANCEL = "CANCEL"
    CANCEL_ROLLBACK = "CANCEL_ROLLBACK"
    DEDUCTION = "DEDUCTION"
    RETRACTION = "RETRACTION"


class TicketFactKind(StrEnum):
    """What is said of one ticket: a provider's RESULT, or an act of ours.

    ACCEPT lets a provider's result count that we asked him for, from when we asked.
    """

    RESULT = "RESULT"
    SETTLE = "SETTLE"
    AMOUNT = "AMOUNT"
    LEG = "LEG"
    VOID = "VOID"
    REOPEN = "REOPEN"
    CANCEL = "CANCEL"
    REJECT = "REJECT"
    CASH_OUT = "CASH_OUT"
    RELEASE = "RELEASE"
    ACCEPT = "ACCEPT"
    RETRACTION = "RETRACTION"


class EventKind(StrEnum):
    """What happened to a ticket."""

    SETTLE = "SETTLE"
    RESETTLE = "RESETTLE"
    VOID = "VOID"
    REOPEN = "REOPEN"
    CASH_OUT = "CASH_OUT"
    CANCEL = "CANCEL"
    REJECT = "REJECT"


class ReviewKind(StrEnum):
    """Why a person has to look."""

    PAYOUT_MISMATCH = "PAYOUT_MISMATCH"
    LIMIT = "LIMIT"
    LATE_CORRECTION = "LATE_CORRECTION"
    NEGATIVE_HELD = "NEGATIVE_HELD"
    NEGATIVE_BALANCE = "NEGATIVE_BALANCE"
    EQUAL_TIME = "EQUAL_TIME"
    CANNOT_SETTLE = "CANNOT_SETTLE"
    PLACE_PART = "PLACE_PART"
    MANUAL_VOID_REASON = "MANUAL_VOID_REASON"
    UNKNOWN_RESULT = "UNKNOWN_RESULT"
    OUTCOME_MISSING = "OUTCOME_MISSING"
    CANCEL_WITHOUT_MARKETS = "CANCEL_WITHOUT_MARKETS"
    CANCEL_ROLLBACK_UNMATCHED = "CANCEL_ROLLBACK_UNMATCHED"
    EVENT_SUPERSEDED = "EVENT_SUPERSEDED"
    MARKET_HELD = "MARKET_HELD"
    BET_REOPENED = "BET_REOPENED"
    OUTCOME_UNCLEAR = "OUTCOME_UNCLEAR"
    FIXTURE_OFF = "FIXTURE_OFF"
    NOT_THE_TICKET = "NOT_THE_TICKET"
    FROM_THE_FUTURE = "FROM_THE_FUTURE"
    PAST_RETENTION = "PAST_RETENTION"
    ACT_AGAINST_FEED = "ACT_AGAINST_FEED"
    TWO_CONFIRMED = "TWO_CONFIRMED"
    STALE_OPEN = "STALE_OPEN"
    CLIENT_SETTLEMENT = "CLIENT_SETTLEMENT"
    FEED_HALTED = "FEED_HALTED"
    FEED_GAP = "FEED_GAP"
    SETTLEMENT_MISSING = "SETTLEMENT_MISSING"


# What the fold of a ticket says by itself: such a review closes when the fold says it no more.
# The first four hold back the state that is wanted.
HOLDING = (
    ReviewKind.PAYOUT_MISMATCH,
    ReviewKind.LIMIT,
    ReviewKind.LATE_CORRECTION,
    ReviewKind.NEGATIVE_HELD,
)
OF_THE_FOLD = (
    *HOLDING,
    ReviewKind.EQUAL_TIME,
    ReviewKind.CANNOT_SETTLE,
    ReviewKind.PLACE_PART,
    ReviewKind.MANUAL_VOID_REASON,
    ReviewKind.ACT_AGAINST_FEED,
)
# What a person may close with a note alone: nothing waits for it, and nothing is applied by it.
DISMISSABLE = frozenset(ReviewKind) - frozenset(
    (
        *HOLDING,
        ReviewKind.CANNOT_SETTLE,
        ReviewKind.PLACE_PART,
        ReviewKind.MANUAL_VOID_REASON,
    )
)


class ReviewEnd(StrEnum):
    """How a review was closed."""

    BY_ITSELF = "BY_ITSELF"
    ACCEPTED = "ACCEPTED"
    DISMISSED = "DISMISSED"


class ActKind(StrEnum):
    """What our own people may do. The last four speak of a market, or of a whole event."""

    SETTLE = "SETTLE"
    RESETTLE = "RESETTLE"
    VOID = "VOID"
    REOPEN = "REOPEN"
    CASH_OUT = "CASH_OUT"
    CANCEL = "CANCEL"
    REJECT = "REJECT"
    RELEASE = "RELEASE"
    ACCEPT_RESULT = "ACCEPT_RESULT"
    UNDO = "UNDO"
    ACCEPT = "ACCEPT"
    DISMISS = "DISMISS"
    MARKET_SETTLE = "MARKET_SETTLE"
    MARKET_VOID = "MARKET_VOID"
    MARKET_DEDUCT = "MARKET_DEDUCT"
    MARKET_REOPEN = "MARKET_REOPEN"


MARKET_ACTS = frozenset(kind for kind in ActKind if kind.startswith("MARKET_"))
TICKET_ACTS = frozenset(ActKind) - MARKET_ACTS - {ActKind.UNDO, ActKind.ACCEPT, ActKind.DISMISS}


class ActReason(StrEnum):
    """Why one of our own acts."""

    PROVIDER_DOWN = "PROVIDER_DOWN"
    PROVIDER_ERROR = "PROVIDER_ERROR"
    WRONG_RESULT = "WRONG_RESULT"
    RULES = "RULES"
    CUSTOMER_CARE = "CUSTOMER_CARE"
    OTHER = "OTHER"


class BatchState(StrEnum):
    """Where an act stands. WAITING: for another person; RETURNED: to its maker."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    REFUSED = "REFUSED"
    RETURNED = "RETURNED"


class LineState(StrEnum):
    """What became of one ticket of an act. SKIPPED: nothing to do, or changed since the preview."""

    WAITING = "WAITING"
    DONE = "DONE"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class ApprovalStep(StrEnum):
    """What somebody said about an act that needs two people."""

    ASKED = "ASKED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"
