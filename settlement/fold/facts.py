"""Facts as the fold reads them, and what it makes of them."""

from fractions import Fraction

import msgspec

from settlement.rules.legs import Factors
from settlement.said import ActSaid, MarketContent, ResultSaid
from settlement.vocabulary import (
    MarketFactKind,
    ReviewKind,
    Source,
    TicketFactKind,
    TicketResult,
    TicketStatus,
)


class Doubt(msgspec.Struct, frozen=True):
    """Why a person has to look, in a sentence."""

    kind: ReviewKind
    sentence: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """What facts have in common. Our own people's acts follow each other by `id`."""

    id: int
    source: Source
    ticks: int = 0
    key: bytes = b""
    actor: str = ""
    reason: str = ""
    note: str = ""
    batch: int | None = None

    @property
    def voice(self) -> Source:
        """Whose word it is, whoever wrote it down."""
        return self.source


class MarketFact(Fact, frozen=True, kw_only=True):
    """Something said of a market's outcomes."""

    kind: MarketFactKind
    certainty: int = 1
    content: MarketContent = MarketContent()


class TicketFact(Fact, frozen=True, kw_only=True):
    """Something said of one ticket; `position` names the leg that a LEG act speaks of.

    `result` is a provider's, also when one of our own accepted it.
    """

    kind: TicketFactKind
    position: int | None = None
    result: ResultSaid | None = None
    act: ActSaid = ActSaid()

    @property
    def voice(self) -> Source:
        """Whose word it is: an accepted result is its provider's."""
        return self.act.source or self.source


class AgreedLeg(msgspec.Struct, frozen=True):
    """A selection as it was bet. `outcome` and `place_outcome` are our numbers of them."""

    position: int
    outcome: int
    ref: str = ""
    event: str = ""
    place_outcome: int | None = None
    group: str = ""
    banker: bool = False
    price: Fraction | None = None
    part_price: Fraction | None = None
    place_fraction: Fraction | None = None
    place_price: Fraction | None = None

    @property
    def has_place_terms(self) -> bool:
        """Whether something is paid for a place."""
        return self.place_fraction is not None or self.place_price is not None


class LegState(msgspec.Struct, frozen=True):
    """How a leg stands; each part may have its doubt.

    It is `pinned` when one of our own spoke of it, and `by_act` when he said how it ended.
    """

    win: Factors | None = None
    place: Factors | None = None
    deduction: Fraction = Fraction(0)
    starting_price: Fraction | None = None
    ticks: int = 0
    pinned: bool = False
    by_act: bool = False
    doubt: Doubt | None = None
    place_doubt: Doubt | None = None


OPEN_LEG = LegState()


class Wanted(msgspec.Struct, frozen=True):
    """What a ticket's facts fold to. Amounts are in minor units.

    `ticks` is the provider's time of what decided, `cause` the newest fact that was heard. `hold`
    says why the state has to wait for a person, `doubts` what else one has to look at. The facts
    that were looked at are named by their numbers.
    """

    status: TicketStatus
    result: TicketResult
    payout: int
    cashed_out_stake: int
    cashed_out_amount: int
    legs: tuple[LegState, ...]
    ticks: int = 0
    cause: Fact | None = None
    by_act: bool = False
    hold: Doubt | None = None
    doubts: tuple[Doubt, ...] = ()
    ticket_facts: tuple[int, ...] = ()
    market_facts: tuple[int, ...] = ()
