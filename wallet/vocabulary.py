"""The ledger's words: what accounts there are, and why money moves between them."""

from enum import StrEnum


class PlayerStatus(StrEnum):
    """Whether a player may bet, deposit and withdraw. Settlements reach him in any case."""

    ACTIVE = "ACTIVE"
    BLOCKED = "BLOCKED"
    CLOSED = "CLOSED"


class AccountKind(StrEnum):
    """Whose money an account holds. A player's balance is what the house owes him."""

    PLAYER_CASH = "PLAYER_CASH"
    HOUSE_STAKES = "HOUSE_STAKES"
    HOUSE_PAYOUTS = "HOUSE_PAYOUTS"
    HOUSE_ADJUSTMENTS = "HOUSE_ADJUSTMENTS"
    HOUSE_CASH = "HOUSE_CASH"


class TransferKind(StrEnum):
    """Why money moves between a player and the house."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    ADJUSTMENT = "ADJUSTMENT"
    STAKE = "STAKE"
    SETTLEMENT = "SETTLEMENT"


class Reason(StrEnum):
    """Why somebody moved money by hand, or a file did."""

    OPENING_BALANCE = "OPENING_BALANCE"
    CUSTOMER_PAYMENT = "CUSTOMER_PAYMENT"
    CORRECTION = "CORRECTION"
    GOODWILL = "GOODWILL"
    CHARGEBACK = "CHARGEBACK"
    CUSTOMER_CARE = "CUSTOMER_CARE"
    OTHER = "OTHER"


COUNTERPART = {
    TransferKind.DEPOSIT: AccountKind.HOUSE_CASH,
    TransferKind.WITHDRAWAL: AccountKind.HOUSE_CASH,
    TransferKind.ADJUSTMENT: AccountKind.HOUSE_ADJUSTMENTS,
    TransferKind.STAKE: AccountKind.HOUSE_STAKES,
    TransferKind.SETTLEMENT: AccountKind.HOUSE_PAYOUTS,
}
HOUSE_KINDS = tuple(kind for kind in AccountKind if kind is not AccountKind.PLAYER_CASH)
ONLY_TO_THE_PLAYER = frozenset({TransferKind.DEPOSIT})
ONLY_FROM_THE_PLAYER = frozenset({TransferKind.WITHDRAWAL, TransferKind.STAKE})
NEVER_BELOW_ZERO = frozenset({TransferKind.WITHDRAWAL, TransferKind.STAKE})
ONLY_ACTIVE_PLAYERS = frozenset({TransferKind.DEPOSIT, TransferKind.WITHDRAWAL, TransferKind.STAKE})
NOTE_REQUIRED = frozenset({TransferKind.ADJUSTMENT})
