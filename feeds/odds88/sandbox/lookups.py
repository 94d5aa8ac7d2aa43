"""Odds88's endpoints beside the feed: login, a bet, its settlement, cancel, cash-out."""

import re
import time
from collections.abc import Callable
from decimal import Decimal

import msgspec
from msgspec import Struct

from feeds.odds88.sandbox import bodies
from feeds.odds88.sandbox.bets import Known
from feeds.odds88.sandbox.bodies import Ending, Json, Result, ResultType
from feeds.odds88.sandbox.faulty import faulty_answer
from feeds.odds88.sandbox.http import Request, Response, answer, problem
from feeds.odds88.sandbox.options import Unknown
from feeds.odds88.sandbox.vendor import Vendor

LOGIN = "/api/Account/login"
REASONS = "/api/Dictionary/reject-reasons"
BET = re.compile(r"/api/players/([^/]+)/Bets/([^/]+)(|/settlements|/cancel|/cashOut)")
PLAYER = re.compile(r"[0-9A-Za-z#_-]{18,36}")
CANCEL_REASONS = (2, 3)
STATUS_ACCEPTED, STATUS_REJECTED = 1, 2
REJECT_REASONS = {
    "0": "None", "1": "Internal error", "2": "Bet limit exceeded", "3": "Price changed",
    "100": "Manual",
}  # fmt: skip


class Login(Struct, rename="camel"):
    """What a login says."""

    client_id: str
    password: str


class Cancel(Struct):
    """Why a bet is to be cancelled."""

    reason: int


class CashOut(Struct, rename="camel"):
    """What is asked for a bet."""

    cash_out_amount: Decimal


LOGIN_BODY = msgspec.json.Decoder(Login)
CANCEL_BODY = msgspec.json.Decoder(Cancel)
CASH_OUT_BODY = msgspec.json.Decoder(CashOut)


def serve(vendor: Vendor, request: Request) -> Response:
    """Answer a request of the API, and count it by its path."""
    response = faulty_answer(vendor, request) or answered(vendor, request)
    vendor.counts.lookup(f"{request.method} {pattern(request.path)}", response.status)
    return response


def pattern(path: str) -> str:
    """Return a path without what is different in each."""
    if match := BET.fullmatch(path):
        return f"/api/players/{{playerId}}/Bets/{{requestId}}{match[3]}"
    return path if path in (LOGIN, REASONS) else "other"


def answered(vendor: Vendor, request: Request) -> Response:
    """Return the right answer."""
    if request.path == LOGIN:
        return login(vendor, request) if request.method == "POST" else not_allowed()
    if not vendor.tokens.accept(request.headers.get("authorization", ""), time.monotonic()):
        vendor.counts.add("refused_token")
        return problem(401, "The token is missing, unknown or too old.")
    if request.path == REASONS:
        return answer(REJECT_REASONS) if request.method == "GET" else not_allowed()
    if match := BET.fullmatch(request.path):
        method, act = ACTS[match[3]]
        if request.method != method:
            return not_allowed()
        if vendor.options.strict_players and not PLAYER.fullmatch(match[1]):
            return problem(400, "playerId has 18 to 36 letters, digits, #, _ or -.")
        return act(vendor, vendor.bets.get(match[2], match[1]), request)
    return problem(404, "There is nothing at this path.")


def login(vendor: Vendor, request: Request) -> Response:
    """Give a token to who knows the password."""
    now = time.monotonic()
    if wait := vendor.logins.attempt(now):
        vendor.counts.add("refused_login")
        return problem(429, "Too many logins.", retry_after=wait)
    try:
        said = LOGIN_BODY.decode(request.body)
    except msgspec.DecodeError as error:
        return problem(400, str(error))
    options = vendor.options
    if (said.client_id, said.password) != (options.client_id, options.password):
        vendor.counts.add("refused_login")
        return problem(401, "The clientId or the password is wrong.")
    vendor.counts.add("logins")
    token = vendor.tokens.give(now)
    return answer(token) if options.json_token else Response(200, token.encode(), "text/plain")


def show(vendor: Vendor, known: Known | None, request: Request) -> Response:
    """Say what became of a bet's placement."""
    if known is None:
        return missing(vendor.options.unknown, "The bet is not known.")
    bet = known.bet
    accepted = bet.result_type is ResultType.ACCEPTED
    rejected = bet.result_type is ResultType.REJECTED
    return answer(
        {
            "requestId": bet.bet_id,
            "resultType": bet.result_type,
            "rejectInfo": reject_info(known) if rejected else None,
            "createdAt": known.created_at,
            "acceptedBet": accepted_bet(vendor, known) if accepted else None,
            "cancellationStatus": known.cancellation,
            "betProcessor": 1,
        }
    )


def reject_info(known: Known) -> Json:
    """Return why a bet was rejected."""
    return {"reason": known.bet.reject_reason, "betItem": None, "maxBet": None, "message": None}


def accepted_bet(vendor: Vendor, known: Known) -> Json:
    """Return a bet as it was accepted."""
    bet = known.bet
    return {
        "id": vendor.feed_bet_id(bet),
        "player": {"id": bet.player},
        "amount": {"currency": bet.currency, "value": bet.value, "precision": bet.precision},
        "kind": int(len(bet.selections) > 1),
        "priceChange": 1,
        "items": [
            {"selectionId": bodies.number_or_text(pick.selection), "price": pick.price}
            for pick in bet.selections
        ],
    }


def settlement(vendor: Vendor, known: Known | None, request: Request) -> Response:
    """Say how a bet ended."""
    if known is None:
        return missing(vendor.options.unknown, "The bet is not known.")
    if known.settlement is None:
        return missing(vendor.options.unsettled, "The bet is not settled.")
    return answer(bodies.v2_of(bodies.decoded(known.settlement)))


def cancel(vendor: Vendor, known: Known | None, request: Request) -> Response:
    """Take a cancel; it is decided later."""
    if known is None:
        return missing(vendor.options.unknown, "The bet is not known.")
    try:
        said = CANCEL_BODY.decode(request.body)
    except msgspec.DecodeError as error:
        return problem(400, str(error))
    if said.reason not in CANCEL_REASONS:
        return problem(400, "The reason is neither 2 nor 3.")
    if vendor.bets.begin_cancel(known):
        vendor.later.do(vendor.options.cancel_after, lambda: decide_cancel(vendor, known))
    return Response(200)


def decide_cancel(vendor: Vendor, known: Known) -> None:
    """Decide a cancel; a bet that is cancelled is refunded on the feed."""
    why = "The bet is settled." if known.settlement else ""
    if vendor.options.cancel_refused or known.bet.result_type is not ResultType.ACCEPTED:
        why = why or "The cancel is refused."
    if why:
        known.cancellation = {"status": STATUS_REJECTED, "message": why}
        return
    known.cancellation = {"status": STATUS_ACCEPTED, "message": None}
    vendor.settle(known.bet.bet_id, Ending(Result.REFUND, cancelled=True))


def cash_out(vendor: Vendor, known: Known | None, request: Request) -> Response:
    """Take a cash-out; the feed tells of it later."""
    if known is None:
        return problem(404, "Bet not found for player.")
    try:
        asked = CASH_OUT_BODY.decode(request.body).cash_out_amount
    except msgspec.DecodeError as error:
        return problem(400, str(error))
    if not asked.is_finite() or asked <= 0:
        return problem(400, "cashOutAmount is not more than 0.")
    if known.settlement or known.bet.result_type is not ResultType.ACCEPTED:
        return problem(400, "The bet can't be cashed out.")
    pays = vendor.options.cash_out_pays
    ending = Ending(Result.CASH_OUT, payout=asked if pays is None else pays)
    vendor.later.do(vendor.options.cash_out_after, lambda: pay_out(vendor, known, ending))
    return Response(204)


def pay_out(vendor: Vendor, known: Known, ending: Ending) -> None:
    """Settle a bet by its cash-out, unless it was settled while the cash-out waited."""
    if known.settlement is None:
        vendor.settle(known.bet.bet_id, ending)


def missing(how: Unknown, detail: str) -> Response:
    """Return one of the ways in which Odds88 may say that something is not there."""
    if how is Unknown.EMPTY:
        return Response(200)
    return problem(int(how), detail)


def not_allowed() -> Response:
    """Refuse a method."""
    return problem(405, "The method is not allowed here.")


Act = Callable[[Vendor, Known | None, Request], Response]
ACTS: dict[str, tuple[str, Act]] = {
    "": ("GET", show),
    "/settlements": ("GET", settlement),
    "/cancel": ("POST", cancel),
    "/cashOut": ("POST", cash_out),
}
