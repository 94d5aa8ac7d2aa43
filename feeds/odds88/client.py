"""Odds88's endpoints: a question, and its answer or a sentence for why there is none."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import quote

import msgspec
from django.conf import settings

from feeds.http import Reply
from feeds.odds88.endpoints import problem_in, seconds_in, with_reason
from feeds.odds88.http import send
from feeds.odds88.sessions import session_for
from feeds.odds88.tokens import Credentials, Tokens
from feeds.odds88.troubles import (
    Busy,
    CutOff,
    Failed,
    Odds88Trouble,
    Refused,
    TimedOut,
    Trouble,
    Unexpected,
    UnknownBet,
    WrongCredentials,
)
from feeds.odds88.windows import Windows

MOST_TRIES = 4
FIRST_WAIT = 0.2  # seconds
GET, POST = "GET", "POST"
PATHS = {
    "feed": "/feed/settlement/v4",
    "login": "/api/Account/login",
    "status": "/api/players/{player}/Bets/{request}",
    "settlement": "/api/players/{player}/Bets/{request}/settlements",
    "cancel": "/api/players/{player}/Bets/{request}/cancel",
    "cash_out": "/api/players/{player}/Bets/{request}/cashOut",
    "reject_reasons": "/api/Dictionary/reject-reasons",
}
NUMBERS = msgspec.json.Encoder(decimal_format="number")
PAGE = Unexpected("Odds88 answered with a page instead of data.")
NO_SETTLEMENT = "Odds88 knows no settlement of this bet"
UNCERTAIN = "Nobody knows whether Odds88 took it: look the bet up before you ask again."


class Bet(NamedTuple):
    """A bet as Odds88 knows it: by its player, and by our request."""

    player: str
    request: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is sent; one that may be repeated changes nothing at Odds88."""

    method: str
    path: str
    body: bytes | None = None
    absent: str = "Odds88 does not know this bet"

    @property
    def may_repeat(self) -> bool:
        """Whether asking twice is asking once."""
        return self.method == GET

    @property
    def text(self) -> str:
        """The request as it is kept: without the token."""
        body = f" {self.body.decode()}" if self.body else ""
        return f"{self.method} {self.path}{body}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back in all, or the trouble and its sentence."""

    asked: Asked
    body: bytes
    status: int | None
    duration: float
    tries: int
    trouble: Trouble | None = None
    sentence: str = ""


class NotSet(Exception):
    """Odds88's endpoints are not set up here; the text says what is missing."""


class Client:
    """Asks Odds88. No method raises for what the other side does: the answer says it."""

    def __init__(
        self, *, url: str, tokens: Tokens, paths: Mapping[str, str], seconds: float
    ) -> None:
        self.url = url.rstrip("/")
        self.tokens = tokens
        self.paths = {**PATHS, **paths}
        self.seconds = seconds
        self.session = session_for(url)

    def close(self) -> None:
        """Give the connections back."""
        self.session.close()

    def status(self, bet: Bet, *, until: float | None = None) -> Answer:
        """Ask where a bet stands."""
        return self.answer(Asked(GET, self.path("status", bet)), until)

    def settlement(self, bet: Bet, *, until: float | None = None) -> Answer:
        """Ask how a bet ended."""
        asked = Asked(GET, self.path("settlement", bet), absent=NO_SETTLEMENT)
        return self.answer(asked, until)

    def cancel(self, bet: Bet, *, reason: int) -> Answer:
        """Ask Odds88 to cancel a bet; what becomes of it, its status says later."""
        body = msgspec.json.encode({"reason": reason})
        return self.answer(Asked(POST, self.path("cancel", bet), body))

    def cash_out(self, bet: Bet, *, amount: Decimal) -> Answer:
        """Ask Odds88 to cash a bet out; what it pays, its settlement says later."""
        body = NUMBERS.encode({"cashOutAmount": amount})
        return self.answer(Asked(POST, self.path("cash_out", bet), body))

    def reject_reasons(self, *, until: float | None = None) -> Answer:
        """Ask for what the numbers of reject reasons mean."""
        return self.answer(Asked(GET, self.paths["reject_reasons"]), until)

    def path(self, name: str, bet: Bet) -> str:
        """Return the path of one of a bet's endpoints."""
        return self.paths[name].format(
            player=quote(bet.player, safe=""), request=quote(bet.request, safe="")
        )

    def answer(self, asked: Asked, until: float | None = None) -> Answer:
        """Ask, and again when that may help, until somebody who waits has waited long enough."""
        began, tries = time.monotonic(), 0
        until = began + self.seconds if until is None else until
        while True:
            tries += 1
            reply, trouble = self.once(asked, until)
            wait = wait_after(trouble, tries, asked)
            if wait is None or time.monotonic() + wait >= until:
                return Answer(
                    asked=asked,
                    body=reply.body if reply else b"",
                    status=reply.status if reply else None,
                    duration=time.monotonic() - began,
                    tries=tries,
                    trouble=trouble.trouble if trouble else None,
                    sentence=sentence_of(trouble, asked),
                )
            time.sleep(wait)

    def once(self, asked: Asked, until: float) -> tuple[Reply | None, Odds88Trouble | None]:
        """Ask once; return what came back, and what is wrong with it."""
        try:
            reply = self.reply(asked, until)
        except Odds88Trouble as trouble:
            return None, trouble
        return reply, trouble_in(reply, asked)

    def reply(self, asked: Asked, until: float) -> Reply:
        """Send a question with our token; with a new one when it is refused, once."""
        token = self.tokens.token(until=until)
        reply = self.send(asked, token, until)
        if reply.status != 401:
            return reply
        token = self.tokens.renew(token, until=until)
        return self.send(asked, token, until)

    def send(self, asked: Asked, token: str, until: float) -> Reply:
        """Send a question once."""
        url = f"{self.url}{asked.path}"
        return send(self.session, asked.method, url, until=until, body=asked.body, token=token)


def trouble_in(reply: Reply, asked: Asked) -> Odds88Trouble | None:
    """Return what is wrong with a reply, by its status; nothing when it is an answer."""
    if reply.status < 300:
        return PAGE if reply.body.lstrip().startswith(b"<") else None
    if reply.status == 401:
        return WrongCredentials("Odds88 does not take our token (401), though it is a new one.")
    if reply.status == 429:
        return Busy(seconds_in(reply.headers.get("Retry-After")))
    detail = problem_in(reply.body)
    if reply.status >= 500:
        return Failed(reply.status, detail)
    told = f"{reply.status}{with_reason(detail)}"
    if reply.status == 404 or (reply.status == 400 and asked.method == GET):
        return UnknownBet(f"{asked.absent} ({told}).")
    return Refused(f"Odds88 refuses this ({told}).")


def wait_after(trouble: Odds88Trouble | None, tries: int, asked: Asked) -> float | None:
    """Return how long to wait before asking again; nothing when that is no use, or not safe."""
    if tries == MOST_TRIES:
        return None
    growing: float = FIRST_WAIT * 2 ** (tries - 1) * random.uniform(1, 1.5)  # noqa: S311
    if isinstance(trouble, Busy):
        return max(trouble.retry_after, growing)
    return growing if isinstance(trouble, CutOff | Failed) and asked.may_repeat else None


def sentence_of(trouble: Odds88Trouble | None, asked: Asked) -> str:
    """Return what an operator reads about a trouble."""
    if trouble is None:
        return ""
    uncertain = not asked.may_repeat and isinstance(trouble, CutOff | TimedOut | Failed)
    return f"{trouble} {UNCERTAIN}" if uncertain else str(trouble)


def client() -> Client:
    """Return a client for the settings of this installation."""
    return Client(
        url=settings.ODDS88_API_URL,
        tokens=tokens(),
        paths=paths(),
        seconds=settings.ODDS88_LOOKUP_SECONDS,
    )


def tokens() -> Tokens:
    """Return the tokens for the settings of this installation; the feed uses the same."""
    if missing := [name for name in NEEDED if not getattr(settings, name)]:
        raise NotSet(f"Odds88 can't be asked here: {', '.join(missing)} not set.")
    where = f"{settings.ODDS88_API_URL.rstrip('/')}{paths()['login']}"
    credentials = Credentials(where, settings.ODDS88_CLIENT_ID, settings.ODDS88_PASSWORD)
    return Tokens(credentials, Windows().divided(settings.ODDS88_DIVIDE_TIMES_BY))


def paths() -> dict[str, str]:
    """Return where Odds88's endpoints are, with what this installation's settings change."""
    return {**PATHS, **settings.ODDS88_PATHS}


NEEDED = ("ODDS88_API_URL", "ODDS88_CLIENT_ID", "ODDS88_PASSWORD")
