"""The sandbox's own paths: what to push, which bets to know, what is to go wrong, what was seen."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from feeds.odds88.sandbox.bodies import Bet, Ending, Result
from feeds.odds88.sandbox.faults import AnyFault
from feeds.odds88.sandbox.http import Request, Response, answer, problem
from feeds.odds88.sandbox.options import Options
from feeds.odds88.sandbox.vendor import Vendor

ROOT = "/sandbox/"
One = TypeVar("One")


class Settled(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How a registered bet is to end."""

    bet_id: str
    result: Result
    legs: tuple[Result, ...] = ()
    multiplier: Decimal | None = None
    payout: Decimal | None = None
    cancelled: bool = False


BETS = msgspec.json.Decoder(Bet | list[Bet])
FAULTS = msgspec.json.Decoder(AnyFault | list[AnyFault])
SETTLED = msgspec.json.Decoder(Settled)
MESSAGES = msgspec.json.Decoder(list[Raw])
CHANGES = msgspec.json.Decoder(dict[str, object])
ENCODER = msgspec.json.Encoder()


def serve(vendor: Vendor, request: Request) -> Response:
    """Do what is asked of the sandbox itself."""
    act = ACTS.get((request.method, request.path.removeprefix(ROOT)))
    if act is None:
        return problem(404, "The sandbox has nothing at this path.")
    try:
        return act(vendor, request)
    except (ValueError, ArithmeticError) as error:  # Those of msgspec and our own are among them.
        return problem(400, str(error) or "The numbers make no sense.")


def push(vendor: Vendor, request: Request) -> Response:
    """Push one message, a list of messages, or a message a line."""
    messages = messages_in(request.body)
    vendor.push(messages)
    return answer({"pushed": len(messages)})


def remember(vendor: Vendor, request: Request) -> Response:
    """Let look-ups tell of settled bets: the feed told of them long ago, or never will."""
    messages = messages_in(request.body)
    vendor.remember(messages)
    return answer({"remembered": len(messages)})


def messages_in(body: bytes) -> list[bytes]:
    """Return the messages that a body holds."""
    if body.lstrip().startswith(b"["):
        return [bytes(one) for one in MESSAGES.decode(body)]
    try:
        msgspec.json.decode(body, type=Raw)
    except msgspec.DecodeError:
        return [line for line in body.splitlines() if line.strip()]
    return [body]


def register(vendor: Vendor, request: Request) -> Response:
    """Know bets from now on."""
    bets = many(BETS.decode(request.body))
    for bet in bets:
        vendor.register(bet)
    return answer({"registered": len(bets)})


def settle(vendor: Vendor, request: Request) -> Response:
    """Say on the feed how a bet ended."""
    said = SETTLED.decode(request.body)
    ending = Ending(said.result, said.legs, said.multiplier, said.payout, said.cancelled)
    return answer(vendor.settle(said.bet_id, ending))


def add_faults(vendor: Vendor, request: Request) -> Response:
    """Let things go wrong."""
    faults = many(FAULTS.decode(request.body))
    for fault in faults:
        vendor.fault(fault)
    return answer({"faults": len(faults)})


def clear_faults(vendor: Vendor, request: Request) -> Response:
    """Forget what has not gone wrong yet."""
    vendor.faults.clear()
    return answer({"faults": 0})


def change_options(vendor: Vendor, request: Request) -> Response:
    """Change some options, and show them all."""
    now = msgspec.to_builtins(vendor.options)
    vendor.options = msgspec.convert(now | CHANGES.decode(request.body), Options, strict=False)
    return answer(msgspec.to_builtins(vendor.options))


def show_counts(vendor: Vendor, request: Request) -> Response:
    """Show what was seen and done."""
    return answer(vendor.counts.figures())


def many(given: One | list[One]) -> list[One]:
    """Return a list, also of one."""
    return given if isinstance(given, list) else [given]


Act = Callable[[Vendor, Request], Response]
ACTS: dict[tuple[str, str], Act] = {
    ("POST", "push"): push,
    ("POST", "past"): remember,
    ("POST", "bets"): register,
    ("POST", "settle"): settle,
    ("POST", "faults"): add_faults,
    ("DELETE", "faults"): clear_faults,
    ("PATCH", "options"): change_options,
    ("GET", "counts"): show_counts,
}
