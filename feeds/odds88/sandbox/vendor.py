"""All that a sandbox knows: its limits, its bets, its messages, and what is to go wrong."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from feeds.odds88.sandbox import bodies
from feeds.odds88.sandbox.bets import Bets
from feeds.odds88.sandbox.bodies import ENCODER, Bet, Ending, Json
from feeds.odds88.sandbox.counts import Counts
from feeds.odds88.sandbox.faults import (
    Duplicate,
    ExpireTokens,
    Fault,
    Faults,
    Older,
    OnRequest,
    OnStream,
    Reorder,
    Resettle,
    Restart,
)
from feeds.odds88.sandbox.later import Later
from feeds.odds88.sandbox.limits import A_SECOND, LOGINS, ConnectBudget, Tokens, Window
from feeds.odds88.sandbox.options import Options
from feeds.odds88.sandbox.place import Place
from feeds.odds88.sandbox.store import NotAMessage, Store, message_of, seconds_of
from feeds.odds88.windows import Windows

TICKS_A_SECOND = 10**7


class Clock:
    """The vendor's time in 100-ns ticks; no two looks at it are the same."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.last = 0

    def ticks(self) -> int:
        """Return now, later than ever before."""
        with self.lock:
            self.last = max(self.last + 1, time.time_ns() // 100)
            return self.last


class OnBet(Protocol):
    """Who wants to know of a bet that was placed."""

    def __call__(self, bet: Bet) -> None: ...


class Vendor:
    """What the threads of a sandbox share."""

    def __init__(self, windows: Windows, options: Options) -> None:
        self.windows = windows
        self.options = options
        self.counts = Counts()
        self.faults = Faults()
        self.store = Store()
        self.bets = Bets()
        self.clock = Clock()
        self.later = Later()
        self.place = Place()
        self.tokens = Tokens(windows.token)
        self.logins = Window(LOGINS, A_SECOND)
        self.budget = ConnectBudget(windows)
        self.restart: Callable[[float], None] = lambda seconds: None
        self.on_bet: OnBet = lambda bet: None

    def push(self, messages: Sequence[bytes]) -> None:
        """Push settled bets to the feed; refuse all when one can't be read."""
        read = [message_of(given) for given in messages]
        for message in read:
            self.bets.settled(message.bet_id, message.settled_at, message.text)
        self.counts.add("messages_pushed", len(read))
        self.store.push(read)

    def remember(self, messages: Sequence[bytes]) -> None:
        """Let look-ups tell of settled bets, and the feed not."""
        for message in [message_of(given) for given in messages]:
            self.bets.settled(message.bet_id, message.settled_at, message.text)

    def say(self, message: Json) -> None:
        """Push a settled bet to the feed."""
        self.push([ENCODER.encode(message)])

    def register(self, bet: Bet) -> None:
        """Know a bet from now on."""
        self.bets.register(bet, self.feed_bet_id(bet), bodies.written(self.clock.ticks()))
        self.on_bet(bet)

    def feed_bet_id(self, bet: Bet) -> str:
        """Return how the feed names a bet."""
        return f"{bet.player}:{bet.bet_id}" if self.options.whole_bet_id else bet.bet_id

    def settle(self, bet_id: str, ending: Ending, *, at: datetime | None = None) -> Json:
        """Say on the feed how a bet ended, now or at another time."""
        message = self.message(bet_id, ending, at=at)
        self.say(message)
        return message

    def settle_unheard(self, bet_id: str, ending: Ending) -> Json:
        """Settle a bet so that only a look-up tells of it."""
        message = self.message(bet_id, ending)
        self.remember([ENCODER.encode(message)])
        return message

    def message(self, bet_id: str, ending: Ending, *, at: datetime | None = None) -> Json:
        """Return the message that settles a bet."""
        known = self.bets.get(bet_id)
        if known is None:
            raise NotAMessage(f"No bet was registered as {bet_id}.")
        moment = bodies.written(
            self.clock.ticks() if at is None else round(at.timestamp() * 10**6) * 10
        )
        ref = self.feed_bet_id(known.bet)
        return bodies.v3_of(known.bet, ref, ending, moment, self.bets.next_version(bet_id))

    def fault(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.counts.note(self.counts.faults, str(fault.__struct_config__.tag))
        match fault:
            case OnStream():
                self.place.fault(self.faults, fault)
            case OnRequest():
                self.faults.add_to_requests(fault)
            case Duplicate(bet_id=bet_id, times=times):
                self.push([self.said_of(bet_id)] * times)
            case Reorder(count=count):
                self.store.reorder(count)
            case Resettle(bet_id=bet_id):
                said = bodies.decoded(self.said_of(bet_id))
                self.say(bodies.turned(said, bodies.written(self.later_than(said))))
            case Older(bet_id=bet_id, seconds=seconds):
                said = bodies.decoded(self.said_of(bet_id))
                ticks = self.ticks_of(said) - int(seconds * TICKS_A_SECOND)
                self.say(bodies.turned(said, bodies.written(ticks)))
            case ExpireTokens():
                self.tokens.expire()
            case Restart(seconds=seconds):
                self.restart(seconds)

    def said_of(self, bet_id: str) -> bytes:
        """Return a bet's last message, by its id on the feed or its own."""
        known = self.bets.get(bet_id) if bet_id else None
        ref = self.feed_bet_id(known.bet) if known else bet_id
        if (text := self.store.latest_of(ref)) is None:
            raise NotAMessage(f"Nothing was pushed about {bet_id or 'any bet'}.")
        return text

    def ticks_of(self, said: Json) -> int:
        """Return a message's time, to the microsecond."""
        return round(seconds_of(said["settlementTime"]) * 10**6) * 10

    def later_than(self, said: Json) -> int:
        """Return a moment after a message's: now, or a second after it."""
        return max(self.clock.ticks(), self.ticks_of(said) + TICKS_A_SECOND)
