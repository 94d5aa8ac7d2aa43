"""What somebody says about how bets ended, in our words: facts before they are written down.

Each fact is a struct that is stored as the JSON it encodes to. Ratios and amounts are exact text.
Times are 100-ns ticks since 1970 (UTC), windows whole milliseconds.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from settlement.vocabulary import MarketFactKind, ReviewKind, Source, TicketResult

TICKS_A_SECOND = 10_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# How a part ended, as [win, void] in exact text; None while it is not decided.
Ended = tuple[str, str] | None


class LegSaid(msgspec.Struct, frozen=True, omit_defaults=True):
    """One leg of a whole ticket's result. `ref` is the provider's id of the outcome."""

    ref: str
    win: Ended = None
    place: Ended = None
    event: str = ""
    market: str = ""
    version: int = 0
    ticks: int = 0


class ResultSaid(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole ticket's result, as Odds88 gives it. Amounts are in major units.

    `result` NONE takes a settlement back; `flag` says that the whole bet was CANCELLED or REJECTED.
    `version` is that of bet builders, whose parts are the legs.
    """

    result: TicketResult
    flag: str = ""
    multiplier: str | None = None
    payout: str | None = None
    rate: str | None = None
    partial_refund: str | None = None
    legs: tuple[LegSaid, ...] = ()
    version: int = 0

    @property
    def versions(self) -> int:
        """What decides between two results of the same time: the greater sum is in force."""
        return self.version + sum(leg.version for leg in self.legs)


class TicketSaid(msgspec.Struct, frozen=True):
    """A result on its way to the ticket that it names.

    `bet_ref` is the id as it came. When that is nobody's, `player` and `request` are what stands
    before and after its first colon. `stake` is given in units of 10 to the minus `precision`.
    """

    source: Source
    bet_ref: str
    player: str
    request: str
    currency: str
    stake: int | None
    precision: int
    ticks: int
    result: ResultSaid

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids under which the ticket may look for this message."""
        return (self.bet_ref, self.request) if self.request else (self.bet_ref,)


class ActSaid(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one of our own says of a ticket. Amounts are in minor units.

    `result` is a SETTLE's, or the word that goes with an AMOUNT. `stake` is what a CASH_OUT takes
    out of the ticket's. A LEG says what it names of one leg; a VOID of a leg is one too. `then` is
    what the providers' word came to when it was done. An ACCEPT repeats what a provider `says`, as
    `source`, in the look-up of that number.
    """

    result: TicketResult | None = None
    amount: int | None = None
    stake: int | None = None
    win: Ended = None
    place: Ended = None
    percent: str | None = None
    starting_price: str | None = None
    retracts: tuple[int, ...] = ()
    then: str = ""
    says: ResultSaid | None = None
    source: Source | None = None
    lookup: int | None = None


class OutcomeSaid(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one outcome ended. An undecided one (−1) has no `ended`.

    The rest is what its provider calls it, for tickets that know it by its name alone.
    """

    ended: Ended = None
    name: str = ""
    line: str = ""
    base_line: str = ""
    player: str = ""
    participant: str = ""


class MarketContent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a fact says of a market, as it is stored.

    A rollback that names no outcomes means the whole market. `start` and `end` bound the bets that
    a cancel or a deduction speaks of, both included, by when they were accepted. `retracts` are the
    numbers of the acts that a retraction takes back. `held` are outcomes whose result has no known
    meaning, each with what came: the fold passes them over, and a person is asked. `opened` are
    outcomes that are shown open, each with when: that matters where they were settled before.
    """

    outcomes: Mapping[str, OutcomeSaid] = {}
    start: int | None = None
    end: int | None = None
    void_reason: int | None = None
    percent: str | None = None
    retracts: tuple[int, ...] = ()
    held: Mapping[str, str] = {}
    opened: Mapping[str, int] = {}

    @property
    def only_asks(self) -> bool:
        """Whether no ticket comes out otherwise by it: it can only make a person look."""
        return bool(self.opened) and not self.outcomes and not self.held


class MarketSaid(msgspec.Struct, frozen=True):
    """A fact on its way to the market that it names."""

    source: Source
    event: str
    market: str
    specifiers: str
    kind: MarketFactKind
    ticks: int
    certainty: int
    content: MarketContent


class ReviewSaid(msgspec.Struct, frozen=True):
    """Something in a message that a person has to look at; it is no fact.

    `subject` is the provider's id of what it is about. When an `event` is named it is asked only
    where somebody has bet on that: on the event, on one of its markets with that `market` id, or,
    when `specifiers` are given too, on just that market.
    """

    kind: ReviewKind
    sentence: str
    subject: str
    event: str = ""
    market: str = ""
    specifiers: str | None = None


class Told(msgspec.Struct, frozen=True):
    """All that a message says, with the subjects that it names.

    `ticks` is when it was said, for a message that is said at one time: also where none of its
    markets matters. Facts whose own times differ wait for them one by one.
    """

    subjects: tuple[str, ...] = ()
    tickets: tuple[TicketSaid, ...] = ()
    markets: tuple[MarketSaid, ...] = ()
    reviews: tuple[ReviewSaid, ...] = ()
    ignored: str = ""
    ticks: int = 0


class Unreadable(Exception):
    """A message that can't be read. The text says what is wrong with it, for a person."""


ENCODER = msgspec.json.Encoder(order="sorted")


def encoded(content: msgspec.Struct) -> str:
    """Return a content as the text that is stored."""
    return ENCODER.encode(content).decode()


def key_of(*parts: object) -> bytes:
    """Return what a provider's fact is known by: its content, so that a repeat is no news."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()


def ticks_of(at: datetime) -> int:
    """Return a point in time in 100-ns ticks."""
    passed = at - EPOCH
    return (passed.days * 86400 + passed.seconds) * TICKS_A_SECOND + passed.microseconds * 10


def moment_of(ticks: int) -> datetime:
    """Return ticks as a point in time, without its last digit."""
    return EPOCH + timedelta(microseconds=ticks // 10)
