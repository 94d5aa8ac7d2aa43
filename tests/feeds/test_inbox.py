"""Messages are stored first and processed afterwards; each changes what it should, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from backoffice import truths
from backoffice.intake import bring_in
from feeds import inbox, store
from feeds.models import FeedMessage, MessageSubject, Unfinished
from settlement.models import LookBack, Review, SettlementEvent, TicketFact
from tests import databases
from tests.factories import FundedPlayer
from tests.feeds.bets import lost, message, settled
from tests.settlement.asked import Json, bet, selection
from tests.settlement.settling import receive_and_process, state


def odds88(player: FundedPlayer, *selections: Json, **words: Any) -> Json:
    """Write down a single that Odds88 settles."""
    return bet(player, *selections, **({"bet_id": "T-1", "provider": "odds88"} | words))


def bring(*tickets: Json) -> None:
    """Bring tickets in as everybody does, with the look back."""
    answers = bring_in(tickets=tickets, actor="test")
    assert {answer.status for answer in answers} <= {"created", "repeated"}, answers


def states() -> list[str]:
    """Return the messages' states, in their order."""
    return list(FeedMessage.objects.order_by("id").values_list("state", flat=True))


def sound() -> bool:
    """Whether every truth holds."""
    return not [finding for finding in truths.check() if finding.rows]


def test_a_message_pays_its_ticket(player: FundedPlayer) -> None:
    bring(odds88(player))

    receive_and_process(message(settled()))

    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert player.balance == "115.00"
    assert states() == ["DONE"]
    assert not Unfinished.objects.exists()
    assert sound()


def test_the_same_bytes_are_stored_once_and_counted(player: FundedPlayer) -> None:
    bring(odds88(player))
    body = message(settled())

    received = inbox.receive(feed="odds88", bodies=[body, body, body])
    again = inbox.receive(feed="odds88", bodies=[body])
    inbox.process(message_ids=[*received.ids, *again.ids])

    assert FeedMessage.objects.get().times_received == 4
    assert (len(received.fresh), len(again.fresh)) == (1, 0)
    assert SettlementEvent.objects.count() == 1


def test_the_same_content_in_other_bytes_changes_nothing(player: FundedPlayer) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))

    receive_and_process(message(settled(payout=25.00, comment="the same")))

    assert FeedMessage.objects.count() == 2
    assert TicketFact.objects.count() == 1
    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_correction_posts_only_the_difference(player: FundedPlayer) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))

    receive_and_process(message(lost(payoutMultiplier=1.2, payout=12, betSettlement=1)))

    assert state() == ("SETTLED", "WIN", 1200, 2)
    assert list(SettlementEvent.objects.order_by("sequence").values_list("kind", "difference")) == [
        ("SETTLE", 2500),
        ("RESETTLE", -1300),
    ]
    assert player.balance == "102.00"


def test_an_older_message_changes_nothing(player: FundedPlayer) -> None:
    bring(odds88(player))
    receive_and_process(message(lost()))

    receive_and_process(message(settled()))

    assert state() == ("SETTLED", "LOSE", 0, 1)
    assert TicketFact.objects.count() == 2
    assert states() == ["DONE", "DONE"]


def test_a_tenth_of_a_microsecond_later_is_later(player: FundedPlayer) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))

    receive_and_process(message(lost(settlementTime="2026-11-20T12:00:00.0000002Z")))

    assert state() == ("SETTLED", "LOSE", 0, 2)


def test_a_won_bet_that_is_lost_after_all_may_leave_a_player_below_zero(
    player: FundedPlayer,
) -> None:
    bring(odds88(player, stake="100.00"))
    amount = {"currency": "EUR", "value": 10000, "precision": 2}
    receive_and_process(message(settled(amount=amount, payout=250)))
    player.post("-250.00", kind="WITHDRAWAL", reason="CUSTOMER_PAYMENT")

    receive_and_process(message(lost(amount=amount)))

    assert player.balance == "-250.00"
    assert Review.objects.get().kind == "NEGATIVE_BALANCE"
    assert sound()


def test_a_message_that_nobody_bet_on_yet_waits_for_its_ticket(player: FundedPlayer) -> None:
    receive_and_process(message(settled()))
    assert states() == ["PARKED"]

    bring(odds88(player))

    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert states() == ["DONE"]
    assert not LookBack.objects.exists()
    assert sound()


@pytest.mark.parametrize(
    ("what", "bet_ref", "words"),
    [
        ("the bet's id as it stands", "T-1", {}),
        ("the provider's id", "request-9", {"provider_bet_id": "request-9"}),
        ("player and bet", "P:T-1", {}),
        ("player and the provider's id", "P:request-9", {"provider_bet_id": "request-9"}),
        ("a bet's id that holds a colon", "T-1:x", {"bet_id": "T-1:x"}),
    ],
)
def test_a_ticket_is_found_by(player: FundedPlayer, what: str, bet_ref: str, words: Json) -> None:
    ref = bet_ref.replace("P:", f"{player.player.external_id}:")

    receive_and_process(message(settled(ref)))
    bring(odds88(player, **words))
    assert states() == ["DONE"]

    assert state() == ("SETTLED", "WIN", 2500, 1)


@pytest.mark.parametrize(
    ("what", "said", "sentence"),
    [
        ("another player", {"betId": "somebody:T-1"}, "The result is for player somebody"),
        ("another currency", {"amount": {"currency": "USD", "value": 1000, "precision": 2}},
         "The result is in USD, the ticket in EUR."),
        ("another stake", {"amount": {"currency": "EUR", "value": 2000, "precision": 2}},
         "The result is for a stake of 20.00, the ticket's is 10.00 EUR."),
        ("a stake in another precision that is not the same",
         {"amount": {"currency": "EUR", "value": 10001, "precision": 3}}, "a stake of 10.001"),
        ("no stake at all", {"amount": None}, "The result names no amount"),
    ],
)  # fmt: skip
def test_a_result_that_is_not_the_tickets_own_asks_a_person(
    player: FundedPlayer, what: str, said: Json, sentence: str
) -> None:
    bring(odds88(player))

    receive_and_process(message(settled() | said))

    review = Review.objects.get()
    assert (review.kind, review.ticket.bet_id) == ("NOT_THE_TICKET", "T-1")  # type: ignore[union-attr]
    assert sentence in review.sentence
    assert state() == ("OPEN", "NONE", 0, 0)
    assert not TicketFact.objects.exists()
    assert states() == ["DONE"]


def test_a_stake_in_another_precision_is_converted_exactly(player: FundedPlayer) -> None:
    bring(odds88(player))

    receive_and_process(
        message(settled(amount={"currency": "EUR", "value": 100000, "precision": 4}))
    )

    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_ticket_of_another_provider_is_not_odds88s(player: FundedPlayer) -> None:
    bring(bet(player, bet_id="T-1", provider="manual"))

    receive_and_process(message(settled()))

    assert states() == ["PARKED"]
    assert state() == ("OPEN", "NONE", 0, 0)


def test_a_settlement_of_tomorrow_is_no_fact(player: FundedPlayer) -> None:
    bring(odds88(player))
    at = datetime.now(UTC) + timedelta(seconds=90)

    receive_and_process(message(settled(settlementTime=f"{at:%Y-%m-%dT%H:%M:%S}.0000000Z")))

    assert Review.objects.get().kind == "FROM_THE_FUTURE"
    assert state() == ("OPEN", "NONE", 0, 0)
    assert states() == ["PARKED"]
    assert sound()


def test_a_settlement_of_tomorrow_is_applied_tomorrow(player: FundedPlayer) -> None:
    bring(odds88(player))
    at = datetime.now(UTC) + timedelta(seconds=90)
    receive_and_process(message(settled(settlementTime=f"{at:%Y-%m-%dT%H:%M:%S}.0000000Z")))

    inbox.process(message_ids=store.early(), now=at)

    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert Review.objects.get().end == "BY_ITSELF"
    assert states() == ["DONE"]


def test_an_unknown_result_asks_a_person_and_says_at_which_ticket(player: FundedPlayer) -> None:
    bring(odds88(player))

    receive_and_process(message(settled(betSettlement=9)))

    review = Review.objects.get()
    assert (review.kind, str(review.ticket)) == ("UNKNOWN_RESULT", "T-1")
    assert states() == ["DONE"]


def test_what_can_not_be_read_is_set_aside_alone(player: FundedPlayer) -> None:
    bring(odds88(player))

    done = receive_and_process(b"not json", message(settled()))

    assert sorted(states()) == ["DONE", "QUARANTINED"]
    assert dict(done.states) == {"DONE": 1, "QUARANTINED": 1}
    note = FeedMessage.objects.get(state="QUARANTINED").note
    assert note.startswith("It is not JSON")
    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_mismatch_is_held_and_says_both_figures(player: FundedPlayer) -> None:
    bring(odds88(player))

    receive_and_process(message(settled(payout=99)))

    review = Review.objects.get()
    assert review.sentence == (
        "The payout 99 is not the stake 10.00 EUR × 2.5 = 25, neither as it stands nor converted."
    )
    assert state() == ("OPEN", "NONE", 0, 0)
    assert sound()


def test_a_held_state_closes_by_itself_when_the_provider_puts_it_right(
    player: FundedPlayer,
) -> None:
    bring(odds88(player))
    receive_and_process(message(settled(payout=99)))

    receive_and_process(message(settled(settlementTime="2026-11-20T13:00:00Z")))

    assert Review.objects.get().end == "BY_ITSELF"
    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_result_that_is_taken_back_reopens_and_takes_the_credit_back(
    player: FundedPlayer,
) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))

    receive_and_process(message(lost(betSettlement=0)))

    assert state() == ("OPEN", "NONE", 0, 2)
    assert player.balance == "90.00"
    assert sound()


@pytest.mark.parametrize(
    ("flag", "status"), [("isCancelled", "CANCELLED"), ("isRejected", "REJECTED")]
)
def test_a_whole_bet_that_is_off_returns_its_stake(
    player: FundedPlayer, flag: str, status: str
) -> None:
    bring(odds88(player))
    off: Json = {flag: True, "betSettlement": 3, "payoutMultiplier": 1, "payout": 10}

    receive_and_process(message(settled() | off))

    assert state() == (status, "NONE", 1000, 1)
    assert player.balance == "100.00"


def test_a_message_names_the_bet_as_a_whole_and_split(player: FundedPlayer) -> None:
    receive_and_process(message(settled("P-9:T-9")))

    refs = MessageSubject.objects.values_list("subject_ref", flat=True)
    assert sorted(refs) == ["P-9:T-9", "T-9"]


def test_a_message_can_be_processed_again(player: FundedPlayer) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))

    done = inbox.process_again(message_id=FeedMessage.objects.get().pk)

    assert done.settled.moved == 0
    assert FeedMessage.objects.get().attempts == 2
    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_stored_message_is_finished_by_whoever_drains(player: FundedPlayer) -> None:
    bring(odds88(player))
    inbox.receive(feed="odds88", bodies=[message(settled())])
    assert states() == ["STORED"]

    inbox.drain()

    assert states() == ["DONE"]
    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_day_without_a_place_is_made_when_it_is_needed(own_database: str) -> None:
    databases.as_owner("DROP TABLE " + _todays_partition())

    inbox.receive(feed="odds88", bodies=[message(settled())])

    assert len(store.bodies_of(FeedMessage.objects.values_list("pk", flat=True))) == 1


def _todays_partition() -> str:
    return f"feeds_messagebody_{datetime.now(UTC):%Y%m%d}"


def test_a_message_whose_body_is_gone_is_set_aside(own_database: str) -> None:
    inbox.receive(feed="odds88", bodies=[message(settled())])
    databases.as_owner("DROP TABLE " + _todays_partition())

    inbox.drain()

    assert FeedMessage.objects.get().state == "QUARANTINED"
    assert "no longer kept" in FeedMessage.objects.get().note


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE feeds_messagebody SET raw = ''",
        "DELETE FROM feeds_messagebody",
        "DELETE FROM feeds_feedmessage",
        "UPDATE feeds_feedmessage SET sha256 = ''",
        "UPDATE feeds_messagesubject SET subject_ref = 'x'",
    ],
)
def test_what_was_received_stays_as_it_came(own_database: str, statement: str) -> None:
    receive_and_process(message(settled()))

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)
    with pytest.raises(Exception, match="stays as it came"):
        databases.as_owner(statement)


def test_the_last_week_of_bodies_can_not_be_dropped(db: None) -> None:
    with pytest.raises(DatabaseError, match="at least 7 days"), transaction.atomic():
        store.drop_days(6)


def test_old_days_are_dropped_whole(own_database: str) -> None:
    databases.as_owner(
        "CREATE TABLE feeds_messagebody_20200101 PARTITION OF feeds_messagebody "
        "FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )

    store.drop_days(30)

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('feeds_messagebody_20200101')")
        assert cursor.fetchone() == (None,)


def test_a_thousand_messages_take_as_many_queries_as_ten(
    player: FundedPlayer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    bring(*[odds88(player, bet_id=f"T-{n}", stake="0.10") for n in range(200)])
    amount = {"currency": "EUR", "value": 10, "precision": 2}
    bodies = [message(settled(f"T-{n}", amount=amount, payout=0.25)) for n in range(200)]

    with django_assert_max_num_queries(15):
        receive_and_process(*bodies)

    assert SettlementEvent.objects.count() == 200
    assert sound()


def test_a_message_that_comes_while_a_long_import_is_open_is_not_missed(
    own_database: str,
) -> None:
    """The import looks for what was said when its tickets can be seen, and not before."""
    player = FundedPlayer.create("100.00")

    with transaction.atomic():
        bring(odds88(player))
        with ThreadPoolExecutor() as other:
            other.submit(in_another_session, message(settled())).result()

    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert states() == ["DONE"]
    assert sound()


def in_another_session(body: bytes) -> None:
    """Receive and process a message as another process would."""
    try:
        receive_and_process(body)
    finally:
        connection.close()


def test_an_import_that_is_rolled_back_looks_at_nothing(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    receive_and_process(message(settled()))

    with transaction.atomic():
        bring(odds88(player))
        transaction.set_rollback(True)

    assert states() == ["PARKED"]
    assert player.balance == "100.00"


@pytest.mark.parametrize(
    ("what", "said", "words", "paid"),
    [
        ("no multiplier, and the payout is the profit",
         {"payoutMultiplier": None, "payout": 15}, {"free_bet_ref": "F"}, ("SETTLED", 1500)),
        ("no multiplier, and the payout is nonsense",
         {"payoutMultiplier": None, "payout": 5}, {"free_bet_ref": "F"}, ("OPEN", 0)),
        ("nothing is not something at another rate",
         {"payoutMultiplier": 0, "payout": 150, "betSettlement": 2,
          "amount": {"currency": "EUR", "value": 1000, "precision": 2,
                     "settlementExchangeRate": 0.00006}}, {}, ("OPEN", 0)),
    ],
)  # fmt: skip
def test_odds88s_money(
    player: FundedPlayer, what: str, said: Json, words: Json, paid: tuple[str, int]
) -> None:
    bring(odds88(player, selection(event="5", market="6", outcome="7"), **words))
    leg = {"event": {"id": 5}, "market": {"id": 6}, "selectionId": 7}
    won = leg | {"settlement": {"settlementResult": 1}}

    receive_and_process(message(settled(selections=[won]) | said))

    assert (state()[0], state()[2]) == paid
