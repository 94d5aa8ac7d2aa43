"""Orders that nobody should send: each is refused in a sentence, never by a crash."""

from collections.abc import Callable
from typing import Any

import pytest

from settlement.acts import services
from settlement.acts.tokens import StalePreview
from settlement.models import Batch, BatchLine
from settlement.orders import ActRefused, BadOrder, read_order
from tests.factories import FundedPlayer
from tests.settlement.acting import OLGA, SAM, done, limit, no_limits, previewed, words
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import state

WIN = {"result": "win"}
MARKET = {"provider": "manual", "event": "E-1", "market": "1"}
SURROGATE = "\ud800"


def nested(depth: int) -> Any:
    """Return something in so many boxes."""
    found: Any = "x"
    for _ in range(depth):
        found = {"a": found} if depth % 2 else [found]
    return found


def leg(**more: Any) -> dict[str, Any]:
    """Return an order to settle the first leg."""
    return words("settle", "T-1", each={"legs": [{"position": 1} | more]})


def market(act: str = "market_void", **more: Any) -> dict[str, Any]:
    """Return an order about a market."""
    return words(act, market=MARKET | more)


BAD: dict[str, Any] = {
    "nothing": None,
    "a list": [],
    "a number": 5,
    "a text": "settle",
    "an empty object": {},
    "bytes": b"{}",
    "keys that are no text": {1: 2, None: 3},
    "a set": {"act": {"settle"}},
    "an act that is a list": words("settle", "T-1", each=WIN) | {"act": ["settle"]},
    "an act that is nothing": words("settle", "T-1", each=WIN) | {"act": None},
    "an unknown key": words("settle", "T-1", each=WIN) | {"force": True},
    "a note that is a number": words("void", "T-1") | {"note": 5},
    "a note of NUL": words("void", "T-1") | {"note": "a\0b"},
    "a note of half a character": words("void", "T-1") | {"note": SURROGATE},
    "a note too long": words("void", "T-1") | {"note": "n" * 501},
    "a note of blanks": words("void", "T-1") | {"note": "\u2003\u00a0 "},
    "tickets as text": words("void") | {"tickets": "T-1"},
    "tickets as an object": words("void") | {"tickets": {"bet_id": "T-1"}},
    "tickets as texts": words("void") | {"tickets": ["T-1"]},
    "too many tickets": words("void", *map(str, range(50_001))),
    "a bet id of half a character": words("void", SURROGATE),
    "a bet id of NUL": words("void", "T\0"),
    "a bet id too long": words("void", "T" * 101),
    "an empty bet id": words("void", ""),
    "a bet id that is a number": words("void") | {"tickets": [{"bet_id": 1}]},
    "a bet id with COPY's words": words("void", "T\t1\\N\n\\."),
    "a currency of half a character": words("settle", "T-1", each=WIN | {"currency": SURROGATE}),
    "a currency of NUL": words("settle", "T-1", each=WIN | {"currency": "\0"}),
    "a payout of words": words("settle", "T-1", each={"payout": "NaN"}),
    "an endless payout": words("settle", "T-1", each={"payout": "Infinity"}),
    "a payout with an exponent": words("settle", "T-1", each={"payout": "1e9999"}),
    "a payout with another": words("settle", "T-1", each={"payout": "1e999999999"}),
    "a huge payout": words("settle", "T-1", each={"payout": str(10**400)}),
    "a payout no ledger holds": words("settle", "T-1", each={"payout": "92233720368547758.08"}),
    "a payout in other digits": words("settle", "T-1", each={"payout": "１０"}),
    "a payout of half a character": words("settle", "T-1", each={"payout": SURROGATE}),
    "a payout that is a number": words("settle", "T-1", each={"payout": 10}),
    "a payout that is a float": words("settle", "T-1", each={"payout": 10.5}),
    "an empty payout": words("settle", "T-1", each={"payout": ""}),
    "a payout of blanks": words("settle", "T-1", each={"payout": "  "}),
    "minus nothing": words("settle", "T-1", each={"payout": "-0.01"}),
    "underscores": words("settle", "T-1", each={"payout": "1_0"}),
    "a cash-out of nothing for nothing": words(
        "cash_out", "T-1", each={"stake": "0", "amount": "1"}
    ),
    "a cash-out in blanks": words("cash_out", "T-1", each={"stake": " ", "amount": " "}),
    "a cash-out of too much": words("cash_out", "T-1", each={"stake": "10.01", "amount": "1"}),
    "a cash-out less than nothing": words("cash_out", "T-1", each={"stake": "-1", "amount": "1"}),
    "a cash-out beyond the ledger": words("cash_out", "T-1", each={"amount": "9" * 30}),
    "a thousand legs": words(
        "settle", "T-1", each={"legs": [{"position": n, **WIN} for n in range(1, 1001)]}
    ),
    "a leg before the first": leg(**WIN)
    | words("settle", "T-1", each={"legs": [{"position": -1, **WIN}]}),
    "leg nought": words("settle", "T-1", each={"legs": [{"position": 0, **WIN}]}),
    "a leg far away": words("settle", "T-1", each={"legs": [{"position": 2**70, **WIN}]}),
    "a leg of nothing": words("settle", "T-1", each={"legs": [{"position": None, **WIN}]}),
    "a leg and a half": words("settle", "T-1", each={"legs": [{"position": 1.5, **WIN}]}),
    "a true leg": words("settle", "T-1", each={"legs": [{"position": True, **WIN}]}),
    "a leg as text": words("settle", "T-1", each={"legs": [{"position": "1", **WIN}]}),
    "a leg without words": leg(),
    "a leg twice": words("settle", "T-1", each={"legs": [{"position": 1, **WIN}] * 2}),
    "a dead heat of nothing": leg(**WIN, dead_heat="0"),
    "a dead heat by nothing": leg(**WIN, dead_heat="1/0"),
    "a dead heat below": leg(**WIN, dead_heat="-1/2"),
    "a dead heat above": leg(**WIN, dead_heat="1.01"),
    "a dead heat of a loser": leg(result="lose", dead_heat="1/2"),
    "a dead heat of half a winner": leg(result="half_win", dead_heat="1/2"),
    "a dead heat of half a character": leg(**WIN, dead_heat=SURROGATE),
    "a dead heat alone": leg(dead_heat="1/2"),
    "a dead heat as a number": leg(**WIN, dead_heat=0.5),
    "a deduction above all": leg(**WIN, rule4="101"),
    "a deduction below nothing": leg(**WIN, rule4="-1"),
    "a deduction in other digits": leg(**WIN, rule4="１０"),
    "a deduction with an exponent": leg(**WIN, rule4="1e1"),
    "two signs": leg(**WIN, rule4="10%%"),
    "a starting price of one": leg(**WIN, starting_price="1"),
    "a starting price of nothing": leg(**WIN, starting_price="0"),
    "a starting price too long": leg(**WIN, starting_price=str(10**400)),
    "a starting price of words": leg(**WIN, starting_price="evens"),
    "reviews far away": words("accept") | {"reviews": [2**70]},
    "reviews before the first": words("accept") | {"reviews": [-1]},
    "reviews as text": words("accept") | {"reviews": "1"},
    "dismissing far away": words("dismiss") | {"reviews": [2**70]},
    "dismissing many": words("dismiss") | {"reviews": list(range(10**5))},
    "undoing far away": words("undo") | {"undoes": 2**70},
    "undoing before the first": words("undo") | {"undoes": -(2**70)},
    "undoing nothing": words("undo") | {"undoes": 0},
    "undoing true": words("undo") | {"undoes": True},
    "undoing a text": words("undo") | {"undoes": "1"},
    "a market of half a character": market(event=SURROGATE),
    "a market of NUL": market(event="\0"),
    "a market's number of NUL": market(market="1\0"),
    "a market's number of half a character": market(market=SURROGATE),
    "specifiers of NUL": market(specifiers="a\0"),
    "specifiers of half a character": market(specifiers=SURROGATE),
    "an empty event": market(event=""),
    "another provider": market(provider="bet365"),
    "a market that is a list": words("market_void") | {"market": [MARKET]},
    "outcomes that are a list": market("market_settle", outcomes=["X"]),
    "no outcomes": market("market_settle", outcomes={}),
    "an outcome of NUL": market("market_settle", outcomes={"\0": WIN}),
    "an outcome of half a character": market("market_settle", outcomes={SURROGATE: WIN, "X": WIN}),
    "five thousand outcomes": market("market_settle", outcomes={str(n): WIN for n in range(5000)}),
    "an outcome that is placed": market("market_settle", outcomes={"X": {"result": "place"}}),
    "an outcome that is a text": market("market_settle", outcomes={"X": "win"}),
    "a dead heat of an outcome": market(
        "market_settle", outcomes={"X": WIN | {"dead_heat": "1e9"}}
    ),
    "a time without its offset": market(accepted_from="2026-11-20T10:00:00"),
    "one time with and one without": market(
        accepted_from="2026-11-20T10:00:00Z", accepted_to="2026-11-21T10:00:00"
    ),
    "one without and one with": market(
        accepted_from="2026-11-20T10:00:00", accepted_to="2026-11-21T10:00:00Z"
    ),
    "a window that ends before": market(
        accepted_from="2026-11-21T10:00:00Z", accepted_to="2026-11-20T10:00:00Z"
    ),
    "a time that is a number": market(accepted_from=5),
    "a time that is no time": market(accepted_from="yesterday"),
    "a month thirteen": market(accepted_from="2026-13-01T00:00:00Z"),
    "no percents": market("market_deduct"),
    "nought percent": market("market_deduct", percent="0"),
    "101 percent": market("market_deduct", percent="101"),
    "percents in other digits": market("market_deduct", percent="１０"),
    "percents of blanks": market("market_deduct", percent="  "),
    "percents of an exponent": market("market_deduct", percent="1e1"),
    "percents that are a number": market("market_deduct", percent=10),
    "deep nesting": words("void", "T-1") | {"market": nested(5000)},
    "deeper nesting": words("void", "T-1") | {"note": nested(100_000)},
    "an outcome's name too long": market("market_settle", outcomes={"X": WIN, "Y" * 10**6: WIN}),
}


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> None:
    no_limits()


@pytest.mark.parametrize("what", BAD)
def test_what_nobody_should_send_is_refused_in_a_sentence(player: FundedPlayer, what: str) -> None:
    accepted(bet(player, bet_id="T-1"))

    with pytest.raises(ActRefused, match=r"[.!?]$") as refused:
        services.preview(order=read_order(BAD[what]), actor=OLGA)

    assert len(str(refused.value)) < 2000
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
@pytest.mark.parametrize("side", ["accepted_from", "accepted_to"])
def test_the_ends_of_time_are_times(player: FundedPlayer, side: str, at: str) -> None:
    accepted(bet(player, bet_id="T-1"))

    assert done("market_void", market=MARKET | {side: at}).state == "DONE"

    is_in_the_window = (side == "accepted_from") == at.startswith("0001")
    assert state()[:2] == (("SETTLED", "REFUND") if is_in_the_window else ("OPEN", "NONE"))


@pytest.mark.parametrize(
    "bet_id",
    ["T\t1\\N\n\\.", "\\N", "\x01\x1f", "Ünï", "1" * 100, "\u202e", "'; --", "NULL", "{}", '",'],
)
def test_odd_bet_ids_are_said_to_be_unknown(player: FundedPlayer, bet_id: str) -> None:
    accepted(bet(player, bet_id="T-1"))

    done("void", "T-1", bet_id)

    lines = BatchLine.objects.order_by("position").values_list("bet_id", "state")
    assert list(lines) == [("T-1", "DONE"), (bet_id, "SKIPPED")]


@pytest.mark.parametrize("note", ["a\0b", SURROGATE, "n" * 10_000, "n" * 1001])
@pytest.mark.parametrize("answer", [services.accept, services.refuse])
def test_odd_notes_of_a_checker_are_refused(
    player: FundedPlayer, answer: Callable[..., Any], note: str
) -> None:
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"))
    batch = done("void", "T-1")

    with pytest.raises(BadOrder):
        answer(batch_id=batch.pk, actor=SAM, note=note)

    batch.refresh_from_db()
    assert batch.state == "WAITING"


@pytest.mark.parametrize("number", [2**70, -1, 0])
def test_an_approval_of_an_act_that_is_not_there_is_refused(db: None, number: int) -> None:
    with pytest.raises(BadOrder, match=f"There is no act {number}"):
        services.accept(batch_id=number, actor=SAM, note="Fine.")


@pytest.mark.parametrize(
    "token", ["", ":", "a:b:c", SURROGATE, "a:b:" + SURROGATE, "\0", "x" * 10**6, "é:é:é"]
)
def test_odd_tokens_are_refused(player: FundedPlayer, token: str) -> None:
    accepted(bet(player, bet_id="T-1"))

    with pytest.raises(StalePreview):
        services.act(order=read_order(words("void", "T-1")), actor=OLGA, token=token)

    assert not Batch.objects.exists()


def test_a_used_token_with_another_order_is_refused(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    shown = previewed("void", "T-1")
    services.act(order=shown.order, actor=OLGA, token=shown.token)

    with pytest.raises(StalePreview):
        services.act(order=read_order(words("void", "T-2")), actor=OLGA, token=shown.token)

    assert state("T-2") == ("OPEN", "NONE", 0, 0)
