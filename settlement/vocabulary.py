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
