"""Messages that nobody should send, made by shape or mutated from good ones, and a second reading.

The second reading shares no code with the product: it reads every message with another reader, and
works out from all of them what a single pays.
"""

import io
import random
import re
import time
import xml.sax
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from xml.sax.handler import ContentHandler
from xml.sax.saxutils import quoteattr

from tests.feeds.sportradar import SAMPLES
from tests.feeds.sportradar.histories import one_message
from tests.feeds.sportradar.uof import EVENT, NOON, TEN

EVENTS = tuple(f"sr:match:{number}" for number in range(-3, 37))
SPECIFIERS = ("", "hcp=1|total=2.5")
REFS = ("X", "Y")
ACCEPTED = (TEN - 5, TEN, TEN + 5, NOON)
SPAN = 20_000_000  # Messages are made within so many milliseconds after noon.


@dataclass(frozen=True, slots=True)
class Bet:
    """A single of 10.00 at 2.50."""

    event: str
    market: str
    specifiers: str
    ref: str
    accepted: int


BETS = [
    Bet(event, ref, specifiers, one, ACCEPTED[number % len(ACCEPTED)])
    for number, (event, ref, specifiers, one) in enumerate(
        (event, ref, specifiers, one)
        for event in EVENTS for ref in "12" for specifiers in SPECIFIERS for one in REFS
    )
]  # fmt: skip

ROOTS = (
    "bet_settlement", "bet_settlement", "bet_settlement", "rollback_bet_settlement", "bet_cancel",
    "rollback_bet_cancel", "alive", "snapshot_complete", "product_down", "odds_change",
    "x:bet_cancel",
)  # fmt: skip
ODD = (
    "", "0", "1", "-1", "2", "1.0", "0.50", "0.5", "NaN", "1e400", "Infinity", "٣", "x" * 300,
    "a\nb", "9" * 400, "0.3333333333333333333333333333", "total", "a=1|a=2", "|", "é", "𝟙",
    "1/2", " 1 ", "+1",
)  # fmt: skip
VALUES: dict[str, Callable[[random.Random], object]] = {
    "event_id": lambda chance: chance.choice(EVENTS),
    "timestamp": lambda chance: NOON + chance.randrange(SPAN),
    "certainty": lambda chance: chance.choice((1, 2)),
    "product": lambda chance: chance.choice((1, 3, -1)),
    "request_id": lambda chance: chance.randrange(10),
    "start_time": lambda chance: TEN + chance.randint(-9, 9),
    "end_time": lambda chance: TEN + chance.randint(-9, 9),
    "superceded_by": lambda chance: "sr:season:1",
    "subscribed": lambda chance: chance.choice((0, 1)),
    "specifiers": lambda chance: chance.choice((*SPECIFIERS, "total=2.5|hcp=1")),
    "void_reason": lambda chance: chance.choice((0, 3, 5, 15, 99)),
    "result": lambda chance: chance.choice((0, 1, -1)),
    "void_factor": lambda chance: chance.choice((0, "0.5", "1.0", 1)),
    "dead_heat_factor": lambda chance: chance.choice(("0.5", "0.25", 1)),
}
OF_ROOT = (
    ("event_id", 0.97), ("timestamp", 0.97), ("certainty", 0.6), ("product", 0.9),
    ("request_id", 0.1), ("start_time", 0.2), ("end_time", 0.2), ("superceded_by", 0.01),
    ("subscribed", 0.3),
)  # fmt: skip
OF_MARKET = (("specifiers", 0.6), ("void_reason", 0.15))
OF_OUTCOME = (("result", 0.95), ("void_factor", 0.3), ("dead_heat_factor", 0.1))


def from_shape(chance: random.Random) -> bytes:
    """Return a message of the documented shape, in which anything may be missing or odd."""
    root = chance.choice(ROOTS)
    markets = "".join(a_market(chance) for _ in range(chance.choice((0, 1, 1, 2, 4))))
    inside = f"<outcomes>{markets}</outcomes>" if chance.random() < 0.7 else markets
    text = f"<{root}{some(chance, OF_ROOT)}>{inside}</{root}>"
    return chance.choice(("", "\ufeff", "\n", '<?xml version="1.0"?>')).encode() + text.encode()


def a_market(chance: random.Random) -> str:
    """Return a market."""
    outcomes = "".join(
        f"<outcome{an_id(chance, REFS)}{some(chance, OF_OUTCOME)}/>"
        for _ in range(chance.choice((0, 1, 2, 2)))
    )
    return f"<market{an_id(chance, '12')}{some(chance, OF_MARKET)}>{outcomes}</market>"


def an_id(chance: random.Random, ids: Iterable[str]) -> str:
    """Return an id, nearly always."""
    if chance.random() < 0.02:
        return ""
    one = chance.choice(ODD) if chance.random() < 0.02 else chance.choice(tuple(ids))
    return f" id={quoteattr(one)}"


def some(chance: random.Random, names: Iterable[tuple[str, float]]) -> str:
    """Return some attributes, a few of them odd."""
    found = ""
    for name, likely in names:
        if chance.random() < likely:
            value = chance.choice(ODD) if chance.random() < 0.03 else VALUES[name](chance)
            found += f" {name}={quoteattr(str(value))}"
    return found


class Mutants:
    """Good messages in which one thing or some are not as they were."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.samples = [one.read_bytes() for one in sorted(SAMPLES.glob("*.xml"))]

    def make(self) -> bytes:
        """Return one."""
        good = self.good()
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            good = self.changed(good)
        return self.cut(good) if self.chance.random() < 0.4 else good

    def good(self) -> bytes:
        """Return a message that could be sent."""
        if self.chance.random() < 0.1:
            return self.chance.choice(self.samples)
        body = one_message(self.chance).replace(EVENT.encode(), self.chance.choice(EVENTS).encode())
        at = NOON + self.chance.randrange(SPAN)
        return re.sub(rb'timestamp="\d+"', f'timestamp="{at}"'.encode(), body, count=1)

    def changed(self, good: bytes) -> bytes:
        """Give an attribute another value, name, or place, or none at all."""
        places = list(re.finditer(rb' ([a-z_]+)="([^"]*)"', good))
        if not places:
            return good
        place, other = self.chance.choice(places), self.chance.choice(places)
        odd = self.chance.choice(ODD)
        new = self.chance.choice(
            (
                b"",
                b' %b="%b"' % (place[1], other[2]),
                b' %b="%b"' % (other[1], place[2]),
                b" %b=%b" % (place[1], quoteattr(odd).encode()),
            )
        )
        return good[: place.start()] + new + good[place.end() :]

    def cut(self, good: bytes) -> bytes:
        """Change the bytes themselves."""
        at, length = self.chance.randrange(len(good)), self.chance.randint(1, 8)
        noise = bytes(self.chance.randrange(256) for _ in range(length))
        return self.chance.choice(
            (
                good[:at] + noise + good[at:],
                good[:at] + noise + good[at + length :],
                good[:at] + good[at + length :],
                good[:at],
                good[:at] + good[at : at + length] * 2 + good[at + length :],
                b"\xef\xbb\xbf" + good,
                good.replace(b"<bet", b"<!DOCTYPE x [<!ENTITY a 'b'>]><bet", 1),
                good.replace(b"<outcome ", b"<outcome><outcome "),
                good.replace(b"?>", b' encoding="%b"?>' % self.chance.choice((b"utf-16", b"big5"))),
            )
        )


# The second reading.

Words = dict[str, str]


@dataclass(slots=True)
class Heard:
    """A message as somebody else would read it."""

    root: str = ""
    said: Words = field(default_factory=dict)
    markets: list[tuple[Words, list[Words]]] = field(default_factory=list)


class Second(ContentHandler):
    """Hears elements, and where they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.heard, self.path = Heard(), list[str]()

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802
        """Hear an element."""
        name, said = name.split(":")[-1], dict(attrs.items())  # type: ignore[attr-defined]
        where = "/".join(self.path[1:])
        if not self.path:
            self.heard.root, self.heard.said = name, said
        elif name == "market" and where in ("", "outcomes"):
            self.heard.markets.append((said, []))
        elif name == "outcome" and where in ("market", "outcomes/market"):
            self.heard.markets[-1][1].append(said)
        self.path.append(name)

    def endElement(self, name: str) -> None:  # noqa: N802
        """Leave it."""
        self.path.pop()


def heard(body: bytes) -> Heard:
    """Return what a message says, read by sax."""
    second = Second()
    xml.sax.parse(io.BytesIO(body.lstrip(b" \t\r\n\xef\xbb\xbf")), second)
    return second.heard


@dataclass(slots=True)
class State:
    """What is said of one bet so far: multipliers that it may have, the certainty, the cancels."""

    pays: set[Decimal | None] = field(default_factory=lambda: {None})
    certainty: int = 0
    cancels: list[tuple[int | None, int | None, bool]] = field(default_factory=list)


ORDER = ("bet_settlement", "rollback_bet_settlement", "bet_cancel", "rollback_bet_cancel")
Step = tuple[int, int, int, int, Heard, Words, list[Words]]


def payouts(bet: Bet, messages: Iterable[Heard]) -> set[Decimal | None]:
    """Return what a bet may pay; None for open. More than one only where messages tie."""
    state, last = State(), (0, 0, 0)
    for at, kind, certainty, _, message, said, outcomes in sorted(
        steps(bet, messages), key=lambda step: step[:4]
    ):
        named = [one for one in outcomes if one.get("id", "").strip() == bet.ref]
        if kind == 0:
            if certainty >= state.certainty or (at, kind, certainty) == last:
                tied = (at, kind, certainty) == last
                found = share(named[0], said)
                state.pays = state.pays | {found} if tied and found is not None else {found}
                state.certainty = certainty if found is not None else 0
                last = (at, kind, certainty)
        elif kind == 1:
            if named or not outcomes:
                state.pays, state.certainty = {None}, 0
        else:
            window = (number(message.said.get("start_time")), number(message.said.get("end_time")))
            if kind == 2:
                state.cancels.append((*window, by_hand(said)))
            else:
                state.cancels = [
                    one for one in state.cancels if window not in ((None, None), one[:2])
                ]
    over = [one[2] for one in state.cancels if inside(bet.accepted, *one[:2])]
    if over:
        return {None} if all(over) else {Decimal(10)}
    return {None if one is None else cents(one * 10) for one in state.pays}


def steps(bet: Bet, messages: Iterable[Heard]) -> Iterable[Step]:
    """Yield what is said of a bet's market, with what it is sorted by."""
    for message in messages:
        if message.root not in ORDER or message.said["event_id"].strip() != bet.event:
            continue
        if message.root == "bet_cancel" and message.said.get("superceded_by", "").strip():
            continue
        at, kind = int(message.said["timestamp"]), ORDER.index(message.root)
        if at > (time.time() + 60) * 1000 or not windowed(message):
            continue
        certainty = int(message.said.get("certainty", "").strip() or 1) if kind == 0 else 1
        if kind == 0 and len(results(bet, message)) > 1:
            continue
        for said, outcomes in message.markets:
            if said.get("id", "").strip() != bet.market or pairs(said) != pairs(
                {"specifiers": bet.specifiers}
            ):
                continue
            if kind == 1 and outcomes and not any(usable(one) for one in outcomes):
                continue
            named = [one for one in outcomes if one.get("id", "").strip() == bet.ref]
            if kind == 0 and (not named or odd(named)):
                continue
            clears = int(kind == 0 and share(named[0], said) is None)
            yield at, kind, certainty, clears, message, said, outcomes


def results(bet: Bet, message: Heard) -> set[Decimal | None]:
    """Return the results that a message gives an outcome; none is meant where there are two."""
    wanted = pairs({"specifiers": bet.specifiers})
    found: set[Decimal | None] = set()
    for said, outcomes in message.markets:
        named = [one for one in outcomes if one.get("id", "").strip() == bet.ref]
        here = said.get("id", "").strip() == bet.market and pairs(said) == wanted
        if here and named and not odd(named):
            found.add(share(named[0], {}))
    return found


def windowed(message: Heard) -> bool:
    """Whether a cancel's window can be meant."""
    if "cancel" not in message.root:
        return True
    ends = [(message.said.get(name) or "").strip() for name in ("start_time", "end_time")]
    if any(one and not re.fullmatch(r"[0-9]{1,15}", one) for one in ends):
        return False
    return not all(ends) or int(ends[0]) <= int(ends[1])


def pairs(said: Words) -> frozenset[str] | None:
    """Return specifiers without their order; None for malformed ones."""
    text = said.get("specifiers", "")
    parts = text.strip().split("|") if text.strip() else []
    names = [part.split("=", 1)[0] for part in parts]
    malformed = any(not re.fullmatch(r"[^=]+=.+", part, re.DOTALL) for part in parts)
    return (
        None if malformed or len(set(names)) < len(names) or len(text) > 400 else frozenset(parts)
    )


def usable(outcome: Words) -> bool:
    """Whether an outcome has an id."""
    ref = outcome.get("id", "").strip()
    return 0 < len(ref) <= 200 and not re.search(r"[\x00-\x1f\x7f]", ref)


def odd(named: list[Words]) -> bool:
    """Whether a result can't be understood, or there are two."""
    try:
        return len({share(one, {}) for one in named}) > 1
    except ValueError:
        return True


def share(outcome: Words, said: Words) -> Decimal | None:
    """Return what a unit at 2.50 pays; None while undecided. Refuse what nobody understands."""
    result = outcome.get("result", "").strip()
    if result not in ("0", "1", "-1"):
        raise ValueError(result)
    if result == "-1":
        return None
    void = decimal(outcome.get("void_factor", ""), 0)
    tied = decimal(outcome.get("dead_heat_factor", ""), 1)
    if void not in (0, Decimal("0.5"), 1) or not 0 < tied <= 1 or (tied != 1 and void * 2 == 1):
        raise ValueError(str(outcome))
    if by_hand(said):
        return None
    if tied.as_tuple().exponent < -2 or tied == Decimal("0.33"):  # type: ignore[operator]
        tied = Decimal(1) / 3
    return void + (1 - void) * int(result) * Decimal("2.5") * tied


def decimal(text: str, missing: int) -> Decimal:
    """Return a factor as it is written out; refuse all else."""
    text = text.strip()
    if not text:
        return Decimal(missing)
    if text == "1/2":
        return Decimal("0.5")
    try:
        if not re.fullmatch(r"[0-9.]+", text):
            raise ValueError(text)
        return Decimal(text[:22] if missing else text)
    except InvalidOperation:
        raise ValueError(text) from None


def by_hand(said: Words) -> bool:
    """Whether the void reason leaves it to a person."""
    return (said.get("void_reason") or "").strip() in ("3", "15")


def number(text: str | None) -> int | None:
    """Return an end of a window."""
    return int(text) if text and text.strip() else None


def inside(accepted: int, start: int | None, end: int | None) -> bool:
    """Whether a bet was accepted in a window, its ends included."""
    return (start is None or start <= accepted) and (end is None or accepted <= end)


def cents(amount: Decimal) -> Decimal:
    """Return money in whole cents."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
