"""Odds88 is asked about a ticket: what it says, what is written down, and what it comes to."""

import json
import threading
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from msgspec.structs import replace

from backoffice.intake import bring_in
from feeds import inbox
from feeds.differences import differences
from feeds.looking_up import (
    CancelReason,
    LookUp,
    LookUpRefused,
    Outcome,
    ask_to_cancel,
    ask_to_cash_out,
    look_up,
    said_in,
    settle_by_look_up,
)
from feeds.models import CallKind, LookupCall
from feeds.odds88.client import Client
from feeds.odds88.sandbox import lookups
from feeds.odds88.sandbox.bodies import Bet as TheirBet
from feeds.odds88.sandbox.bodies import Ending, Result, ResultType
from feeds.odds88.sandbox.faults import Answer, Body
from feeds.odds88.sandbox.options import Unknown
from feeds.odds88.sandbox.server import Sandbox
from feeds.odds88.translate import read_look_up
from feeds.odds88.troubles import Trouble
from settlement import services
from settlement.models import Review, SettlementEvent, Ticket, TicketFact
from settlement.recording import ForTicket, record_results
from settlement.said import moment_of
from settlement.vocabulary import Source
from tests import databases
from tests.factories import FundedPlayer
from tests.feeds.asking import LOOK_UP, both_know, change, odds88
from tests.feeds.bets import message
from tests.settlement.acting import done as act
from tests.settlement.acting import no_limits
from tests.settlement.asked import bet
from tests.wallet.test_races import together, wait_until

USER = "user:olga"


def ask(ticket: Ticket) -> LookUp:
    """Look a ticket up."""
    return look_up(ticket=ticket.pk, actor=USER)


def settle(ticket: Ticket) -> tuple[Outcome, str]:
    """Settle a ticket by a look-up; return what became of it."""
    done = settle_by_look_up(ticket=ticket.pk, actor=USER)
    return done.outcome, done.sentence


def standing(ticket: Ticket) -> tuple[str, str, int]:
    """Return where a ticket stands."""
    ticket.refresh_from_db()
    return ticket.status, ticket.result, ticket.payout


def hear(sandbox: Sandbox, said: dict[str, Any]) -> None:
    """Hear on the feed what the server said there."""
    received = inbox.receive(feed="odds88", bodies=[message(plain(said))])
    inbox.process(message_ids=received.ids)


def plain(said: Any) -> Any:
    """Return a message whose numbers a test can encode."""
    if isinstance(said, dict):
        return {key: plain(value) for key, value in said.items()}
    if isinstance(said, list):
        return [plain(one) for one in said]
    return float(said) if isinstance(said, Decimal) else said


def test_an_open_bet_is_told_as_accepted_and_not_settled(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)

    found = ask(ticket)

    assert (found.trouble, found.complaint, found.result) == (None, "", None)
    assert found.sentences == ("At Odds88 the bet is accepted.", "Odds88 has not settled it.")


@pytest.mark.parametrize("how", list(Unknown))
def test_a_bet_that_is_not_settled_may_be_answered_in_four_ways(
    sandbox: Sandbox, player: FundedPlayer, how: Unknown
) -> None:
    ticket = both_know(sandbox, player)
    change(sandbox, unsettled=how)

    found = ask(ticket)

    assert (found.trouble, found.result) == (None, None)
    failed = "Odds88 failed (500: The bet is not settled.)."
    assert found.sentences[1] == (failed if how == "500" else "Odds88 has not settled it.")


@pytest.mark.parametrize(
    ("how", "trouble", "sentences"),
    [
        (
            Unknown.BAD_REQUEST,
            Trouble.UNKNOWN_BET,
            ("Odds88 does not know this bet (400: The bet is not known.).",),
        ),
        (
            Unknown.NOT_FOUND,
            Trouble.UNKNOWN_BET,
            ("Odds88 does not know this bet (404: The bet is not known.).",),
        ),
        (
            Unknown.EMPTY,
            Trouble.UNKNOWN_BET,
            ("Odds88 does not know this bet: its answer is empty.",),
        ),
        (Unknown.ERROR, Trouble.FAILED, ("Odds88 failed (500: The bet is not known.).",)),
    ],
)
def test_an_unknown_bet_is_said_to_be_one(
    sandbox: Sandbox,
    player: FundedPlayer,
    how: Unknown,
    trouble: Trouble,
    sentences: tuple[str, ...],
) -> None:
    bring_in(tickets=[bet(player, bet_id="R-9", provider="odds88")], actor="test")
    change(sandbox, unknown=how)

    found = ask(Ticket.objects.get(bet_id="R-9"))

    assert (found.trouble, found.status, found.result) == (trouble, None, None)
    assert found.sentences == sentences


def test_a_rejected_bet_is_told_with_its_reason(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    sandbox.bet(
        TheirBet(
            bet_id="R-1",
            player=player.player.external_id,
            value=1000,
            result_type=ResultType.REJECTED,
            reject_reason=19,
        )
    )

    found = ask(ticket)

    assert found.status is not None
    assert (found.status.label, found.status.reject_label) == ("rejected", "bet limit exceeded")
    assert found.sentences[0] == "At Odds88 the bet is rejected: bet limit exceeded."


def test_a_reason_that_we_do_not_know_is_named_by_odds88(
    sandbox: Sandbox, player: FundedPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = both_know(sandbox, player)
    bet = sandbox.vendor.bets.known["R-1"].bet
    sandbox.bet(replace(bet, result_type=ResultType.REJECTED, reject_reason=41))
    monkeypatch.setitem(lookups.REJECT_REASONS, "41", "Not on Sundays")

    found = ask(ticket)

    assert found.sentences == (
        "At Odds88 the bet is rejected: unknown (41).",
        "Odds88 has not settled it.",
        "Odds88 calls the reason 41: “Not on Sundays”.",
    )
    assert len(found.calls) == LookupCall.objects.count() == 3


def test_a_settled_bet_is_told_beside_ours(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))

    found = ask(ticket)
    rows = [tuple(asdict(one).values()) for one in differences(ticket=ticket, found=found)]

    assert found.complaint == ""
    assert rows == [
        ("status", "OPEN", "SETTLED", True),
        ("result", "", "WIN", True),
        ("payout", "", "25.00 EUR", True),
        ("stake", "10.00 EUR", "10.00 EUR", False),
        ("leg 1: 11 · 21 · 31", "", "WIN", True),
    ]


def test_what_is_the_same_on_both_sides_does_not_differ(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)
    hear(sandbox, sandbox.settle("R-1", Ending(Result.LOSE)))
    ticket.refresh_from_db()

    rows = differences(ticket=ticket, found=ask(ticket))

    assert [one.theirs for one in rows] == ["SETTLED", "LOSE", "0.00 EUR", "10.00 EUR", "LOSE"]
    assert [one.differs for one in rows] == [False] * 5


def test_every_call_is_written_down(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    player_id = player.player.external_id

    found = ask(ticket)

    first, second = LookupCall.objects.order_by("id")
    assert found.calls == (first.pk, second.pk)
    assert (first.ticket, first.actor, first.kind) == (ticket, USER, CallKind.STATUS)
    assert first.sent == f"GET /api/players/{player_id}/Bets/R-1"
    assert (first.http_status, first.tries, first.trouble, first.sentence) == (200, 1, "", "")
    assert '"resultType":2' in first.answer
    assert (second.kind, second.http_status) == (CallKind.SETTLEMENT, 400)
    assert second.sentence == (
        "Odds88 knows no settlement of this bet (400: The bet is not settled.)."
    )


def test_a_call_that_failed_is_written_down_too(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)

    with override_settings(ODDS88_API_URL="http://127.0.0.1:1"):
        found = ask(ticket)

    kept = LookupCall.objects.get()
    assert (found.calls, found.trouble) == ((kept.pk,), Trouble.UNREACHABLE)
    assert kept.http_status is None
    assert kept.sentence == ("Odds88 can't be reached: it refuses the connection (127.0.0.1:1).")


def test_no_token_and_no_password_is_written_down(sandbox: Sandbox, player: FundedPlayer) -> None:
    change(sandbox, password="open sesame")
    ticket = both_know(sandbox, player)

    with override_settings(ODDS88_PASSWORD="open sesame"):
        ask(ticket)

    kept = str(list(LookupCall.objects.values()))
    assert "open sesame" not in kept
    assert "Bearer" not in kept


def test_an_answer_that_is_too_long_to_be_kept_is_cut_and_read_all_the_same(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    rewrite(sandbox, b'"betSettlement"', b'"more":"' + b"x" * 64_000 + b'","betSettlement"')

    found = ask(ticket)

    assert found.settlement_call is not None
    kept = LookupCall.objects.get(pk=found.settlement_call)
    assert (len(kept.answer), kept.is_cut) == (64_000, True)
    assert found.result is not None
    with pytest.raises(LookUpRefused, match="its answer is too long to be kept whole"):
        said_in(call=kept.pk, ticket=ticket.pk)


def test_what_is_no_text_brings_no_result(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    rewrite(sandbox, b'"betSettlement"', '"more":"\ufffd","betSettlement"'.encode())

    found = ask(ticket)

    assert found.result is None
    assert found.sentences[-1].endswith("It holds characters that are none.")


def rewrite(sandbox: Sandbox, old: bytes, new: bytes) -> None:
    """Change what the server says of how the bet ended."""
    known = sandbox.vendor.bets.get("R-1")
    assert known is not None
    assert known.settlement is not None
    assert old in known.settlement
    known.settlement = known.settlement.replace(old, new)


def test_what_was_asked_is_not_rewritten(own_database: str) -> None:
    databases.as_owner(
        "INSERT INTO feeds_lookupcall (actor, kind, asked_at, sent, answer, is_cut, duration_ms, "
        "tries, trouble, sentence) VALUES ('a', 'STATUS', now(), '', '', false, 1, 1, '', '')"
    )

    for statement in ("UPDATE feeds_lookupcall SET actor = 'b'", "DELETE FROM feeds_lookupcall"):
        with pytest.raises(Exception, match="Look-ups are append-only"):
            databases.as_owner(statement)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_nobody_waits_for_an_answer_inside_a_transaction(own_database: str) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        look_up(ticket=1, actor=USER)


def test_another_providers_ticket_is_not_asked_about(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    bring_in(tickets=[bet(player, bet_id="T-1")], actor="test")

    with pytest.raises(LookUpRefused, match="T-1 is no bet of Odds88's: its results come from"):
        ask(Ticket.objects.get())

    assert not LookupCall.objects.exists()


def test_a_player_who_can_not_be_theirs_is_not_asked_about(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)

    with (
        override_settings(ODDS88_PLAYER_ID=r"[0-9A-Za-z#_-]{18,36}"),
        pytest.raises(LookUpRefused, match="no id there looks like that"),
    ):
        ask(ticket)


@pytest.mark.parametrize("bet_id", [".", ".."])
def test_a_bet_whose_id_would_be_another_address_is_not_asked_about(
    sandbox: Sandbox, player: FundedPlayer, bet_id: str
) -> None:
    bring_in(tickets=[bet(player, bet_id=bet_id, provider="odds88")], actor="test")

    with pytest.raises(LookUpRefused, match="it would be another address"):
        ask(Ticket.objects.get())

    assert not LookupCall.objects.exists()


def test_without_settings_nobody_is_asked(db: None, player: FundedPlayer) -> None:
    bring_in(tickets=[bet(player, bet_id="T-1", provider="odds88")], actor="test")

    with pytest.raises(LookUpRefused, match="ODDS88_API_URL"):
        ask(Ticket.objects.get())


@pytest.mark.parametrize(
    ("words", "request_id"),
    [
        ({"bet_id": "T-1"}, "T-1"),
        ({"bet_id": "T-1", "provider_bet_id": "R-7"}, "R-7"),
        ({"bet_id": "{player}:R-8"}, "R-8"),
        ({"bet_id": "x:R-8"}, "x%3AR-8"),
        ({"bet_id": "T-1", "provider_bet_id": "{player}:R-9"}, "R-9"),
    ],
)
def test_the_request_is_what_odds88_knows_the_bet_by(
    sandbox: Sandbox, player: FundedPlayer, words: dict[str, str], request_id: str
) -> None:
    own = player.player.external_id
    asked = {name: value.format(player=own) for name, value in words.items()}
    bring_in(tickets=[bet(player, provider="odds88", **asked)], actor="test")

    ask(Ticket.objects.get())

    sent = LookupCall.objects.order_by("id").values_list("sent", flat=True)[0]
    assert sent == f"GET /api/players/{own}/Bets/{request_id}"


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (Result.WIN, ("SETTLED", "WIN", 2500)),
        (Result.LOSE, ("SETTLED", "LOSE", 0)),
        (Result.REFUND, ("SETTLED", "REFUND", 1000)),
        (Result.HALF_WIN, ("SETTLED", "HALF_WIN", 1750)),
        (Result.HALF_LOSE, ("SETTLED", "HALF_LOSE", 500)),
    ],
)
def test_an_open_ticket_is_settled_as_odds88_says(
    sandbox: Sandbox, player: FundedPlayer, result: Result, outcome: tuple[str, str, int]
) -> None:
    ticket = both_know(sandbox, player)
    said = sandbox.settle_unheard("R-1", Ending(result))

    done = settle(ticket)

    assert done == (Outcome.SETTLED, "R-1 was settled as Odds88 says.")
    assert standing(ticket) == outcome
    fact = TicketFact.objects.get()
    assert (fact.source, fact.message) == (Source.ODDS88, None)
    assert said["settlementTime"].startswith(f"{moment_of(fact.ticks):%Y-%m-%dT%H:%M:%S}")


def test_a_cancelled_bet_is_cancelled(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.REFUND, cancelled=True))

    assert settle(ticket)[0] == Outcome.SETTLED
    assert standing(ticket) == ("CANCELLED", "NONE", 1000)
    assert player.balance == "100.00"


def test_the_same_word_on_the_feed_afterwards_pays_nothing_more(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)
    said = sandbox.settle_unheard("R-1", Ending(Result.WIN))
    settle(ticket)

    hear(sandbox, said)

    assert SettlementEvent.objects.count() == 1
    assert player.balance == "115.00"
    assert not Review.objects.exists()


def test_a_settled_ticket_is_left_alone(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    hear(sandbox, sandbox.settle("R-1", Ending(Result.WIN)))
    sandbox.settle_unheard("R-1", Ending(Result.LOSE))

    done = settle(ticket)

    assert done == (Outcome.LEFT_ALONE, "R-1 is settled already: it was left alone.")
    assert standing(ticket) == ("SETTLED", "WIN", 2500)
    assert not LookupCall.objects.exists()


def test_what_the_feed_settled_while_odds88_was_asked_stands(
    sandbox: Sandbox, player: FundedPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.LOSE))
    ask_for = Client.settlement

    def ask_and_hear(*words: Any, **more: Any) -> Any:
        answer = ask_for(*words, **more)
        hear(sandbox, sandbox.settle("R-1", Ending(Result.WIN)))
        return answer

    monkeypatch.setattr(Client, "settlement", ask_and_hear)

    assert settle(ticket) == (
        Outcome.LEFT_ALONE,
        "R-1 is settled already: it was left alone.",
    )
    assert standing(ticket) == ("SETTLED", "WIN", 2500)
    assert TicketFact.objects.count() == 1


def test_whoever_settles_a_ticket_is_waited_for(own_database: str) -> None:
    settled, over = threading.Event(), threading.Event()
    with odds88() as sandbox:
        ticket = both_know(sandbox, FundedPlayer.create("100.00"))
        sandbox.settle_unheard("R-1", Ending(Result.LOSE))
        fact = read_look_up(
            message_of_a_win(), player="", request="", asked_at=datetime.now(UTC), currency="EUR"
        )
        assert fact is not None
        record_results([ForTicket(ticket.pk, fact, None)])

        def settle_slowly() -> None:
            with transaction.atomic():
                services.settle(ticket_ids=[ticket.pk])
                settled.set()
                over.wait(0.5)

        def ask_meanwhile() -> tuple[Outcome, str]:
            settled.wait(10)
            return settle(ticket)

        _, done = together(settle_slowly, ask_meanwhile)

    assert done == (Outcome.LEFT_ALONE, "R-1 is settled already: it was left alone.")
    assert standing(ticket) == ("SETTLED", "WIN", 2500)


def message_of_a_win() -> bytes:
    """Return what says that a bet won."""
    return b'{"betSettlement":1,"payoutMultiplier":2.5,"payout":25}'


def test_a_later_word_of_the_feed_keeps_a_ticket_open(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    later = datetime.now(UTC) + timedelta(seconds=30)
    known = sandbox.vendor.bets.known["R-1"]
    said = known.settlement
    hear(sandbox, sandbox.settle("R-1", Ending(Result.NONE), at=later))
    known.settlement = said

    assert settle(ticket) == (
        Outcome.STILL_OPEN,
        "A later word of Odds88's feed keeps it open.",
    )
    assert standing(ticket) == ("OPEN", "NONE", 0)


def test_a_ticket_fixed_by_hand_is_left_alone(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    hear(sandbox, sandbox.settle("R-1", Ending(Result.WIN)))
    no_limits()
    act("reopen", "R-1")
    sandbox.settle_unheard("R-1", Ending(Result.WIN))

    done = settle(ticket)

    assert done == (Outcome.LEFT_ALONE, "Somebody fixed R-1 by hand: release it, then ask again.")
    assert standing(ticket)[0] == "OPEN"


def test_a_payout_that_does_not_fit_waits_for_a_person(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard(
        "R-1", Ending(Result.WIN, multiplier=Decimal("2.5"), payout=Decimal("24.00"))
    )

    outcome, sentence = settle(ticket)

    assert outcome == Outcome.HELD
    assert sentence.startswith("It waits for a person: The payout 24 is not the stake 10.00 EUR")
    assert standing(ticket) == ("OPEN", "NONE", 0)


def test_an_answer_for_another_stake_moves_nothing(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    sandbox.bet(TheirBet(bet_id="R-1", player=player.player.external_id, value=2000))
    sandbox.settle_unheard("R-1", Ending(Result.WIN))

    outcome, sentence = settle(ticket)

    assert outcome == Outcome.FAILED
    assert sentence == "The answer is for a stake of 20 EUR, the ticket's is 10.00."
    assert standing(ticket) == ("OPEN", "NONE", 0)
    assert Review.objects.get().sentence == f"{sentence} It was not applied."
    assert ask(ticket).complaint == sentence


def test_an_answer_about_another_bet_moves_nothing(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    said = sandbox.settle_unheard("R-1", Ending(Result.WIN))
    rewrite(sandbox, said["betId"].encode(), b"P-0:R-1")

    assert settle(ticket) == (
        Outcome.FAILED,
        "The answer is about the bet “P-0:R-1”, and not about “R-1”.",
    )
    assert not TicketFact.objects.exists()


def test_amounts_of_another_currency_are_not_compared(sandbox: Sandbox) -> None:
    player = FundedPlayer.create("10000", currency="JPY")
    ticket = both_know(sandbox, player, stake="1600")
    pick = sandbox.vendor.bets.known["R-1"].bet.selections
    sandbox.bet(
        TheirBet(
            bet_id="R-1",
            player=player.player.external_id,
            value=1600,
            currency="JPY",
            precision=0,
            rate=Decimal("0.00625"),
            selections=pick,
        )
    )
    said = sandbox.settle_unheard("R-1", Ending(Result.WIN))
    assert said["payout"] == 4000
    rewrite(sandbox, b'"payout":4000', b'"payout":25')

    assert settle(ticket)[0] == Outcome.SETTLED
    assert standing(ticket) == ("SETTLED", "WIN", 4000)


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=200, body=Body.HTML, path=LOOK_UP, times=0),
        Answer(status=200, body=Body.LIST, path=LOOK_UP, times=0),
        Answer(status=200, body=Body.TEXT, path=LOOK_UP, times=0),
        Answer(status=503, path=LOOK_UP, times=0),
    ],
)
def test_what_is_no_answer_settles_nothing(
    sandbox: Sandbox, player: FundedPlayer, fault: Answer
) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    sandbox.fault(fault)

    assert settle(ticket)[0] == Outcome.FAILED
    assert ask(ticket).trouble in (Trouble.UNREADABLE, Trouble.FAILED)
    assert standing(ticket) == ("OPEN", "NONE", 0)


def test_a_result_without_a_known_meaning_settles_nothing(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    rewrite(sandbox, b'"betSettlement":1', b'"betSettlement":9')

    outcome, sentence = settle(ticket)

    assert outcome == Outcome.FAILED
    assert sentence.endswith("Odds88 names the result 9, which has no known meaning.")


def test_a_call_brings_what_is_to_be_accepted(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    found = ask(ticket)
    assert found.settlement_call is not None

    assert said_in(call=found.settlement_call, ticket=ticket.pk) == found.result


def test_a_call_about_another_ticket_brings_nothing(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket, other = both_know(sandbox, player), both_know(sandbox, player, "R-2")
    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    found = ask(ticket)
    unsettled = ask(other)

    for call, which in [(found.calls[1], other), (found.calls[0], ticket), (0, ticket)]:
        with pytest.raises(LookUpRefused, match="none that says how this ticket ended"):
            said_in(call=call, ticket=which.pk)
    with pytest.raises(LookUpRefused, match="brought no result"):
        said_in(call=unsettled.calls[1], ticket=other.pk)


def test_a_cash_out_asked_for_pays_once_and_what_the_feed_says(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)
    change(sandbox, cash_out_pays=Decimal("8.50"))

    sent = ask_to_cash_out(ticket=ticket.pk, amount=Decimal("9.00"), actor=USER)

    assert (sent.trouble, player.balance) == (None, "90.00")
    settled_there(sandbox)
    assert settle(ticket)[0] == Outcome.SETTLED
    hear(sandbox, feed_message(sandbox))
    assert standing(ticket) == ("SETTLED", "CASH_OUT", 850)
    assert player.balance == "98.50"
    assert SettlementEvent.objects.count() == 1


def settled_there(sandbox: Sandbox) -> None:
    """Wait until the server has settled the bet."""
    wait_until(lambda: sandbox.vendor.bets.known["R-1"].settlement is not None)


def decided_there(sandbox: Sandbox) -> None:
    """Wait until the server has decided a cancel."""
    wait_until(lambda: sandbox.vendor.bets.known["R-1"].cancellation is not None)


def feed_message(sandbox: Sandbox) -> dict[str, Any]:
    """Return what the server said on the feed."""
    known = sandbox.vendor.bets.get("R-1")
    assert known is not None
    assert known.settlement is not None
    found: dict[str, Any] = json.loads(known.settlement)
    return found


def test_a_cancel_asked_for_moves_nothing_until_odds88_did_it(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    ticket = both_know(sandbox, player)

    sent = ask_to_cancel(ticket=ticket.pk, reason=CancelReason.BOOKMAKER, actor=USER)

    assert (sent.trouble, standing(ticket)) == (None, ("OPEN", "NONE", 0))
    settled_there(sandbox)
    assert ask(ticket).sentences[1] == "The wish to cancel it was accepted."
    assert settle(ticket)[0] == Outcome.SETTLED
    assert standing(ticket) == ("CANCELLED", "NONE", 1000)


def test_a_cancel_that_odds88_refuses_is_told(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    change(sandbox, cancel_refused=True)

    ask_to_cancel(ticket=ticket.pk, reason=CancelReason.TIME_OUT, actor=USER)
    decided_there(sandbox)

    assert ask(ticket).sentences[1:3] == (
        "The wish to cancel it was rejected.",
        "It says: “The cancel is refused.”",
    )


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("0", "The amount of a cash-out must be more than nothing, and money."),
        ("-1", "The amount of a cash-out must be more than nothing, and money."),
        ("1e9999999", "The amount of a cash-out must be more than nothing, and money."),
        ("1.001", "1.001 has more places than EUR has."),
    ],
)
def test_a_cash_out_of_nonsense_is_not_sent(
    sandbox: Sandbox, player: FundedPlayer, amount: str, sentence: str
) -> None:
    ticket = both_know(sandbox, player)

    with pytest.raises(LookUpRefused) as refused:
        ask_to_cash_out(ticket=ticket.pk, amount=Decimal(amount), actor=USER)

    assert str(refused.value) == sentence
    assert not LookupCall.objects.exists()


def test_a_settled_ticket_is_not_cashed_out(sandbox: Sandbox, player: FundedPlayer) -> None:
    ticket = both_know(sandbox, player)
    hear(sandbox, sandbox.settle("R-1", Ending(Result.WIN)))

    with pytest.raises(LookUpRefused, match="R-1 is settled: only an open bet can be cashed out"):
        ask_to_cash_out(ticket=ticket.pk, amount=Decimal("9.00"), actor=USER)
