"""A message of LSports → what it says in our words, and what a person has to look at.

LSports tells bets one by one, each with the time of its last update: that is the order they are
heard in, and one fact holds the bets of a market with the same time. Prices are not looked at.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from feeds.lsports.glance import (
    ABANDONED,
    FIXTURE,
    HEARTBEAT,
    KEEP_ALIVE,
    LIVESCORE,
    OFF,
    fixture_statuses,
)
from feeds.lsports.messages import Bet, Event, Message
from feeds.lsports.parser import ALL_MATTER, READ, Known, Wanted, parse
from feeds.lsports.results import Says, meaning_of
from feeds.lsports.values import NO_TEXT, UNPRINTABLE, Odd, id_of, shown, ticks_of
from settlement.said import MarketContent, MarketSaid, OutcomeSaid, ReviewSaid, Told
from settlement.vocabulary import MarketFactKind, ReviewKind, Source

CONFIRMED = 2  # LSports has no other certainty: its settlements count by every rule set.
LONGEST_NAME = 300
LONGEST_LINE = 50
KINDS = {
    1: "a fixture",
    2: "a livescore",
    3: "odds",
    35: "a settlement",
    36: "a snapshot",
    37: "an outright's fixture",
    38: "an outright's league",
    39: "an outright's score",
    40: "an outright league's odds",
    41: "an outright's odds",
    42: "an outright settlement",
    43: "an outright league's settlement",
}
SIGNS = {KEEP_ALIVE: "keep_alive", HEARTBEAT: "heartbeat"}
LIVENESS = frozenset(SIGNS.values())


def read(raw: bytes, known: Known = ALL_MATTER, *, providers: bool = False) -> Told:
    """Return what a message says: of an event that is known, about markets with these ids only.

    What single bookmakers say of a market, `ProviderMarkets`, is read only on request.
    """
    message = parse(raw, Wanted(known, providers))
    if message.kind in SIGNS:
        return Told(ignored=SIGNS[message.kind])
    if message.kind in (FIXTURE, LIVESCORE):
        return off(message, fixture_statuses(raw))
    if message.kind not in READ:
        return Told(ignored=f"It is {kind_of(message)}, which says nothing of settled bets.")
    if not message.events:
        return Told(ignored=f"It is {kind_of(message)} that names no event.")
    return told(message)


def kind_of(message: Message) -> str:
    """Return what a message is, in words."""
    return f"{KINDS.get(message.kind, 'a message')} (type {message.kind})"


def off(message: Message, statuses: Mapping[str, int]) -> Told:
    """Return the questions about fixtures that are off: LSports promises no refunds for them."""
    found = {ref: status for ref, status in statuses.items() if status in OFF}
    if not found:
        return Told(ignored=f"It is {kind_of(message)}, which says nothing of settled bets.")
    reviews = [fixture_off(ref, status) for ref, status in found.items()]
    return Told(tuple(found), reviews=tuple(reviews))


def fixture_off(ref: str, status: int) -> ReviewSaid:
    """Return the question about a fixture that is off."""
    word = "abandoned" if status == ABANDONED else "cancelled"
    return ReviewSaid(
        ReviewKind.FIXTURE_OFF,
        f"LSports says that fixture {ref} is {word}. It promises no refunds: nothing was voided. "
        "Wait for its settlements, or decide by hand.",
        ref,
        event=ref,
    )


def told(message: Message) -> Told:
    """Return a message's facts. What can't be read is held alone, and asked about."""
    subjects: dict[str, None] = {}
    facts: list[MarketSaid] = []
    reviews: list[ReviewSaid] = []
    for event in message.events:
        try:
            ref = id_of(event.id, "an event")
        except Odd as reason:
            reviews.append(held(message, "", "", None, str(reason)))
            continue
        subjects[ref] = None
        for heard in heard_of(message, ref, event):
            facts += heard.facts()
            reviews += heard.questions()
    return Told(tuple(subjects), markets=tuple(facts), reviews=tuple(reviews))


def heard_of(message: Message, ref: str, event: Event) -> Iterator["Heard"]:
    """Yield what is said of each market of an event, and of each bookmaker's."""
    for market in event.markets:
        try:
            own = id_of(market.id, "a market")
        except Odd as reason:
            yield Heard(message, ref, "", None, complaint=str(reason))
            continue
        yield Heard(message, ref, own, "", market.bets)
        for one in market.providers:
            try:
                specifiers = f"provider={id_of(one.id, 'a bookmaker')}"
            except Odd as reason:
                yield Heard(message, ref, own, None, complaint=str(reason))
                continue
            yield Heard(message, ref, own, specifiers, one.bets)


class Heard:
    """What a message says of one market."""

    def __init__(
        self,
        message: Message,
        event: str,
        market: str,
        specifiers: str | None,
        bets: Iterable[Bet] = (),
        complaint: str = "",
    ) -> None:
        self.message, self.event, self.market = message, event, market
        self.specifiers = specifiers
        self.complaints = [complaint] if complaint else []
        self.ended: dict[int, dict[str, OutcomeSaid]] = {}
        self.unknown: dict[int, dict[str, str]] = {}
        self.opened: dict[str, int] = {}
        for bet in bets:
            self.hear(bet)

    def hear(self, bet: Bet) -> None:
        """Hear what is said of a bet."""
        meaning = meaning_of(bet.status, bet.settlement)
        if meaning.says is Says.NOTHING:
            return
        try:
            ref = id_of(bet.id, f"the bet {shown(bet.name)}" if bet.name.strip() else "a bet")
        except Odd as reason:
            self.complaints.append(str(reason))
            return
        ticks = ticks_of(bet.last_update)
        if ticks is None:
            self.hold_timeless(ref, bet, meaning.says)
        elif meaning.says is Says.OPEN_AGAIN:
            self.opened[ref] = max(ticks, self.opened.get(ref, 0))
        elif meaning.says is Says.UNKNOWN:
            self.unknown.setdefault(ticks, {})[ref] = meaning.came
        else:
            self.hear_ended(ref, ticks, outcome_said(bet, meaning.ended))

    def hear_ended(self, ref: str, ticks: int, said: OutcomeSaid) -> None:
        """Hear how a bet ended; two results at the same time are none."""
        before = self.ended.setdefault(ticks, {}).setdefault(ref, said)
        if before.ended != said.ended:
            self.unknown.setdefault(ticks, {})[ref] = "two settlements at once"

    def hold_timeless(self, ref: str, bet: Bet, says: Says) -> None:
        """Hold a bet that no time tells the place of, until one with a time comes after this."""
        if says is Says.OPEN_AGAIN:
            return
        came = f"settlement {shown(bet.settlement)} with "
        came += f"the time “{shown(bet.last_update)}”" if bet.last_update.strip() else "no time"
        if self.message.ticks is None:
            self.complaints.append(f"bet {ref} came as {came}")
        else:
            self.unknown.setdefault(self.message.ticks, {})[ref] = came

    def facts(self) -> Iterator[MarketSaid]:
        """Yield the facts, by their time."""
        for ticks in sorted(self.ended.keys() | self.unknown.keys()):
            unknown = self.unknown.get(ticks, {})
            ended = {
                ref: one for ref, one in self.ended.get(ticks, {}).items() if ref not in unknown
            }
            yield self.fact(ticks, MarketContent(outcomes=ended, held=unknown))
        if self.opened:
            yield self.fact(max(self.opened.values()), MarketContent(opened=self.opened))

    def fact(self, ticks: int, content: MarketContent) -> MarketSaid:
        """Return a fact about this market."""
        return MarketSaid(
            Source.LSPORTS,
            self.event,
            self.market,
            self.specifiers or "",
            MarketFactKind.SETTLEMENT,
            ticks,
            CONFIRMED,
            content,
        )

    def questions(self) -> list[ReviewSaid]:
        """Return what has to be asked about what can't be read."""
        return [
            held(self.message, self.event, self.market, self.specifiers, one)
            for one in self.complaints
        ]


def outcome_said(bet: Bet, ended: Any) -> OutcomeSaid:
    """Return how a bet ended, with what it is called: a ticket may know it by that alone."""
    return OutcomeSaid(
        ended,
        name_in(bet.name, LONGEST_NAME),
        name_in(bet.line, LONGEST_LINE),
        name_in("" if bet.base_line == bet.line else bet.base_line, LONGEST_LINE),
        name_in(bet.player, LONGEST_NAME),
        name_in(bet.participant, LONGEST_LINE),
    )


def name_in(text: str, longest: int) -> str:
    """Return a name that can be written down; another one is none."""
    return text if len(text) <= longest and not UNPRINTABLE.search(text) else ""


def held(
    message: Message, event: str, market: str, specifiers: str | None, complaint: str
) -> ReviewSaid:
    """Return the question about a part of a message that could not be applied."""
    about = f" about fixture {event}" if event else ""
    of_market = f", market {market}" if market and market != NO_TEXT else ""
    return ReviewSaid(
        ReviewKind.MARKET_HELD,
        f"In {kind_of(message)}{about}{of_market}, {complaint}. "
        "That part was not applied; ask LSports, or decide by hand.",
        event or "an event without its id",
        event=event,
        market=market,
        specifiers=specifiers,
    )
