"""Why a provider's word of a market moves nothing, told from what was heard before it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC

from backoffice.facts import TICKS_A_MILLISECOND, Bet, clock, ref_of
from settlement.fold import facts as folded
from settlement.fold.outcomes import RANK, live_cancels, within
from settlement.models import MarketFact, Outcome
from settlement.reading import MARKET_CONTENT
from settlement.said import ticks_of
from settlement.vocabulary import MarketFactKind, Source

CONFIRMED = 2
NEVER = -1
SURER = "A confirmed result stands: what is seen live changes nothing."
OLDER = "It is older than what was heard before, so it changes nothing."
CANCELLED = "A cancellation stands: this result changes nothing."


@dataclass(slots=True)
class Heard:
    """What was heard of an outcome: the newest results, and what took some back, in ticks."""

    live: int = NEVER
    confirmed: int = NEVER
    taken_back: int = NEVER
    windows: list[folded.MarketFact] = field(default_factory=list)

    def remark(self, fact: folded.MarketFact) -> str:
        """Return why a result moves nothing; nothing when it may."""
        if self.is_cancelled():
            return CANCELLED
        if fact.ticks <= self.taken_back:
            return OLDER
        if fact.certainty < CONFIRMED and self.confirmed > NEVER:
            return SURER if fact.source == Source.SPORTRADAR else OLDER
        newest = self.confirmed if fact.certainty == CONFIRMED else self.live
        return OLDER if fact.ticks < newest else ""

    def is_cancelled(self) -> bool:
        """Whether a cancellation stands that leaves nothing to a person."""
        order = sorted(self.windows, key=lambda one: (one.ticks, RANK[one.kind]))
        return any(one.content.void_reason is None for one in live_cancels(order))

    def hear(self, fact: folded.MarketFact, ref: str) -> None:
        """Remember a word about the outcome that its provider calls `ref`."""
        if fact.kind == MarketFactKind.ROLLBACK:
            self.taken_back = max(self.taken_back, fact.ticks)
            self.confirmed = self.confirmed if self.confirmed > fact.ticks else NEVER
        elif fact.kind != MarketFactKind.SETTLEMENT:
            self.windows.append(fact)
        elif fact.certainty < CONFIRMED:
            self.live = max(self.live, fact.ticks)
        elif fact.ticks >= max(self.confirmed, self.taken_back + 1):
            self.confirmed = fact.ticks if is_decided(fact, ref) else NEVER


def is_decided(fact: folded.MarketFact, ref: str) -> bool:
    """Whether a settlement says how an outcome ended; a void reason may leave it to a person."""
    return fact.content.outcomes[ref].ended is not None and fact.content.void_reason is None


class Hearing:
    """All that was heard of what a ticket bets on, while its story is told."""

    def __init__(self, bet: Bet) -> None:
        self.bet = bet
        self.outcomes: dict[int, Heard] = defaultdict(Heard)

    def remark(self, stored: MarketFact) -> str:
        """Return why a provider's word moves nothing, and remember it; nothing when it may."""
        if stored.source == Source.OPERATOR or stored.market_id is None:
            return ""
        fact = as_folded(stored)
        if fact.kind in (MarketFactKind.CANCEL, MarketFactKind.CANCEL_ROLLBACK):
            accepted = self.bet.ticket.accepted_at
            if not within(fact, ticks_of(accepted) // TICKS_A_MILLISECOND):
                at = clock(accepted.astimezone(UTC))
                return f"This bet was accepted at {at}, outside that time: it changes nothing."
        about = self.named(stored, fact)
        settles = fact.kind == MarketFactKind.SETTLEMENT
        remarks = {self.outcomes[one.pk].remark(fact) for one in about} if settles else set()
        for one in about:
            self.outcomes[one.pk].hear(fact, ref_of(one, fact.content.outcomes))
        return remarks.pop() if len(remarks) == 1 else ""

    def named(self, stored: MarketFact, fact: folded.MarketFact) -> list[Outcome]:
        """Return the outcomes bet on that a fact speaks of."""
        on = [outcome for _, outcome in self.bet.legs_on(stored.market_id, stored.event_id)]
        refs = fact.content.outcomes
        if fact.kind == MarketFactKind.SETTLEMENT or refs:
            return [one for one in on if ref_of(one, refs)]
        return on


def as_folded(stored: MarketFact) -> folded.MarketFact:
    """Return a fact as it is folded."""
    return folded.MarketFact(
        id=stored.pk,
        source=Source(stored.source),
        ticks=stored.ticks,
        kind=MarketFactKind(stored.kind),
        certainty=stored.certainty,
        content=MARKET_CONTENT.decode(stored.content),
    )
