"""Tickets come in with their stakes: each once, each answered, the refused leave nothing behind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backoffice import truths
from settlement import drafts, selectors
from settlement.asked import TicketRefusal
from settlement.intake import TakenIn, take_in
from settlement.models import Market, Outcome, Selection, SportEvent, Ticket
from tests.factories import FundedPlayer
from tests.settlement.asked import (
    Json,
    accepted,
    becomes,
    bet,
    bring,
    builder,
    draft,
    legs,
    refused,
    selection,
)
from wallet import services
from wallet.models import Account, Transfer
from wallet.services import PostingRefused

NAMES = {"event_name": "Hull v York", "market_name": "Match result", "outcome_name": "Hull"}


def books() -> list[Any]:
    """Return all that a refused ticket must not have changed."""
    balances = Account.objects.order_by("pk").values_list("pk", "balance", "version")
    rows = [model.objects.count() for model in (Ticket, Selection, Transfer)]
    return [*rows, *balances]


def statuses(*asked: Json) -> list[str]:
    """Bring tickets in together; return a word for each answer."""
    return [word(answer) for answer in bring(*asked)]


def word(answer: TakenIn | TicketRefusal) -> str:
    """Return an answer in a word: created, repeated, or a refusal's code."""
    if isinstance(answer, TicketRefusal):
        return answer.code
    return "repeated" if answer.repeated else "created"


def test_a_ticket_comes_in_as_it_was_bet(player: FundedPlayer) -> None:
    asked = bet(player, *legs(4, place_fraction="1/5"), kind="system:2,3/4", each_way=True,
                provider_bet_id="R-1", accepted_at="2026-11-20T10:00:05Z")  # fmt: skip

    (answer,) = accepted(asked)

    found = Ticket.objects.get(pk=answer.ticket_id)
    assert answer == TakenIn(asked["bet_id"], found.pk, repeated=False)
    assert found.bet_id == asked["bet_id"]
    assert bytes(found.content_hash) == draft(asked).content_hash
    assert (found.provider, found.provider_bet_id, found.player) == ("MANUAL", "R-1", player.player)
    assert (found.currency_id, found.stake, found.cash_stake) == ("EUR", 1000, 1000)
    assert (found.kind, found.system, found.legs, found.bankers) == ("SYSTEM", "2,3/4", 4, 0)
    assert (found.lines, found.each_way, found.free_bet_ref) == (20, True, "")
    assert found.placed_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert found.accepted_at == datetime(2026, 11, 20, 10, 0, 5, tzinfo=UTC)
    assert (found.status, found.result, found.payout, found.version) == ("OPEN", "NONE", 0, 0)


def test_its_selections_come_with_it_in_their_order(player: FundedPlayer) -> None:
    asked = [
        selection(3, price="11/6", line="2.5", banker=True, place_price="1.5", part_price="3"),
        selection(1, price=None, place_fraction="1/4", provider="odds88"),
        *builder("X", "Y", number=2),
    ]

    accepted(bet(player, *asked, kind="system:1,2/2"))

    rows = Selection.objects.order_by("position").values_list(
        "position", "outcome__market__event__ref", "provider", "price", "part_price", "line",
        "place_fraction", "place_price", "banker", "group",
    )  # fmt: skip
    assert list(rows) == [
        (1, "E-3", "", "11/6", "3", "2.5", None, "1.5", True, ""),
        (2, "E-1", "ODDS88", None, None, "", "1/4", None, False, ""),
        (3, "E-2", "", "4.50", None, "", None, None, False, "A"),
        (4, "E-2", "", "4.50", None, "", None, None, False, "A"),
    ]


def test_the_stake_is_taken_from_the_players_cash(player: FundedPlayer) -> None:
    (answer,) = accepted(bet(player, bet_id="T-9", stake="33.33"))

    taken = Transfer.objects.get(kind="STAKE")
    assert player.balance == "66.67"
    assert taken.key == f"ticket:{answer.ticket_id}:0"
    assert (taken.amount, taken.currency_id) == (3333, "EUR")
    assert (taken.debit_account, taken.credit_account.kind) == (player.account, "HOUSE_STAKES")
    assert (taken.reference_kind, taken.reference_id) == ("TICKET", "T-9")
    assert (taken.actor, taken.reason) == ("test", "BET_PLACED")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("a free bet", {"free_bet_ref": "F-1"}),
        ("a stake that was taken elsewhere", {"stake_taken": False}),
        ("a free bet that was taken elsewhere", {"free_bet_ref": "F-1", "stake_taken": False}),
    ],
)
def test_without_a_cash_stake_nothing_is_taken(
    player: FundedPlayer, what: str, words: Json
) -> None:
    (answer,) = accepted(bet(player, stake="1000000", **words))

    found = Ticket.objects.get(pk=answer.ticket_id)
    assert (found.stake, found.cash_stake) == (100000000, 0)
    assert player.balance == "100.00"
    assert not Transfer.objects.filter(kind="STAKE").exists()


@pytest.mark.parametrize(
    ("currency", "held", "stake", "minor", "left"),
    [
        ("JPY", "1000", "333", 333, "667"),
        ("BTC", "0.00000003", "0.00000001", 1, "0.00000002"),
        ("KWD", "1.000", "0.001", 1, "0.999"),
        ("EUR", "92233720368547758.07", "92233720368547758.07", 2**63 - 1, "0.00"),
    ],
)
def test_stakes_are_exact_in_every_precision(
    db: None, currency: str, held: str, stake: str, minor: int, left: str
) -> None:
    player = FundedPlayer.create(held, currency)

    accepted(bet(player, stake=stake))

    assert Ticket.objects.get().stake == minor
    assert player.balance == left


def test_a_ticket_brought_again_is_that_ticket(player: FundedPlayer) -> None:
    asked = bet(player, selection(price="2.50"))
    (first,) = accepted(asked)
    before = books()

    again = bring(asked, asked | {"stake": "10", "selections": [selection(price="5/2", **NAMES)]})

    assert again == [TakenIn(asked["bet_id"], first.ticket_id, repeated=True)] * 2
    assert books() == before


def test_a_ticket_brought_again_is_not_refused_for_what_changed_since(
    player: FundedPlayer,
) -> None:
    asked = bet(player, stake="100.00")
    accepted(asked)
    becomes(player, "CLOSED")

    assert statuses(asked) == ["repeated"]


LEGS = legs(2, place_fraction="1/5")
CHANGES: list[tuple[str, Json]] = [
    ("provider", {"provider": "odds88"}),
    ("provider_bet_id", {"provider_bet_id": "R-2"}),
    ("player", {"player": "nobody"}),
    ("currency", {"currency": "USD"}),
    ("stake", {"stake": "10.01"}),
    ("kind", {"kind": "pickem"}),
    ("each_way", {"each_way": True}),
    ("free_bet_ref", {"free_bet_ref": "F-1"}),
    ("stake_taken", {"stake_taken": False}),
    ("placed_at", {"placed_at": "2026-11-20T09:00:00Z"}),
    ("accepted_at", {"accepted_at": "2026-11-20T11:00:00Z"}),
    ("selections", {"selections": legs(3)}),
    ("selections[1].event", {"selections": LEGS[::-1]}),
    ("selections[2].price", {"selections": [LEGS[0], LEGS[1] | {"price": "2.51"}]}),
    ("selections[2].price", {"selections": [LEGS[0], LEGS[1] | {"price": None}]}),
    ("selections[2].outcome", {"selections": [LEGS[0], LEGS[1] | {"outcome": "Y"}]}),
    ("selections[2].specifiers", {"selections": [LEGS[0], LEGS[1] | {"specifiers": "a=1"}]}),
    ("selections[1].place_fraction", {"selections": [selection(1), LEGS[1]]}),
    ("selections[1].banker", {"selections": [LEGS[0] | {"banker": True}, LEGS[1]]}),
    ("selections[1].place_fraction", {"selections": builder("X", "Y", price="2.50")}),
]


@pytest.mark.parametrize(("field", "words"), CHANGES)
def test_another_content_under_the_same_bet_id_is_refused_and_named(
    player: FundedPlayer, field: str, words: Json
) -> None:
    asked = bet(player, *LEGS, kind="exotic")
    accepted(asked)
    before = books()

    found = refused(asked | words)

    assert str(found) == f"{field}: the bet is there already with another content."
    assert found.code == "conflict"
    assert books() == before


EVERY_PART: list[tuple[str, Json]] = [
    ("a banker, a builder, a starting price", {
        "selections": [selection(1, banker=True), *builder("X", "Y", number=2),
                       selection(3, price=None), selection(4, price="11/6")],
        "kind": "system:1,2/3"}),
    ("place terms and outcomes", {
        "selections": [selection(1, place_fraction="0.25", place_outcome="P"),
                       selection(2, place_price="1.80", place_outcome="P", place_market="7")],
        "kind": "double", "each_way": True}),
    ("UOF's specifiers", {
        "selections": [selection(specifiers="total=2.5|hcp=1", event="sr:match:1")],
        "provider": "sportradar"}),
    ("LSports by name", {
        "selections": [selection(outcome="", outcome_name="Over", line="2.5")],
        "provider": "lsports"}),
    ("another provider's leg", {
        "selections": [selection(1), selection(2, provider="odds88", part_price="3")],
        "kind": "double"}),
    ("microseconds", {"placed_at": "2026-11-20T10:00:00.123456+02:00"}),
    ("letters that a database could stumble over", {
        "bet_id": "a\\\"{},'%s;🏇",
        "selections": [selection(event="NULL", outcome="\\N", line="\\.")],
        "provider_bet_id": "\\x41", "free_bet_ref": "NULL"}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "words"), EVERY_PART)
def test_what_is_stored_has_the_content_that_was_brought(
    player: FundedPlayer, what: str, words: Json
) -> None:
    asked = bet(player, **words)

    (answer,) = accepted(asked)

    assert selectors.content_of(answer.ticket_id) == drafts.content_of(draft(asked))


def test_an_outcome_is_one_row_however_many_bet_on_it(player: FundedPlayer) -> None:
    accepted(bet(player), bet(player))
    accepted(bet(player))

    assert [m.objects.count() for m in (SportEvent, Market, Outcome)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("what", "other", "rows"),
    [
        ("another provider", {"provider": "odds88"}, [2, 2, 2]),
        ("another event", {"event": "E-2"}, [2, 2, 2]),
        ("another market", {"market": "2"}, [1, 2, 2]),
        ("other specifiers", {"specifiers": "total=3.5"}, [1, 2, 2]),
        ("another outcome", {"outcome": "Y"}, [1, 1, 2]),
        ("another line, which tells only outcomes without an id apart", {"line": "1"}, [1, 1, 1]),
        ("a place outcome", {"place_outcome": "Y", "place_market": "2"}, [1, 2, 2]),
    ],
)
def test_what_tells_outcomes_apart(
    player: FundedPlayer, what: str, other: Json, rows: list[int]
) -> None:
    accepted(bet(player, selection()), bet(player, selection(**other)))

    assert [m.objects.count() for m in (SportEvent, Market, Outcome)] == rows


def test_lsports_outcomes_without_an_id_are_told_apart_by_name_and_line(
    player: FundedPlayer,
) -> None:
    over = {"outcome": "", "outcome_name": "Over", "line": "2.5"}
    sides = [over, over | {"line": "3.5"}, over | {"outcome_name": "Under"}, over, {"outcome": "7"}]

    accepted(*(bet(player, selection(**side), provider="lsports") for side in sides))

    rows = Selection.objects.order_by("ticket_id").values_list(
        "outcome__ref", "outcome__name", "outcome__line", "line"
    )
    assert list(rows) == [
        ("", "Over", "2.5", "2.5"),
        ("", "Over", "3.5", "3.5"),
        ("", "Under", "2.5", "2.5"),
        ("", "Over", "2.5", "2.5"),
        ("7", "", "", ""),
    ]
    assert Outcome.objects.count() == 4


def test_the_first_name_that_comes_is_kept(player: FundedPlayer) -> None:
    accepted(bet(player))
    accepted(bet(player, selection(**NAMES, start_at="2026-11-21T18:00:00Z")))

    others = dict.fromkeys(NAMES, "Something else")
    accepted(bet(player, selection(**others, start_at="2026-12-24T18:00:00Z")))

    event = SportEvent.objects.get()
    assert (event.name, event.start_at) == ("Hull v York", datetime(2026, 11, 21, 18, tzinfo=UTC))
    assert (Market.objects.get().name, Outcome.objects.get().name) == ("Match result", "Hull")


def test_two_names_in_one_batch_make_one_row_each(player: FundedPlayer) -> None:
    named = [bet(player, selection(event_name=name, outcome_name=name)) for name in "AB"]

    accepted(bet(player), *named)

    assert SportEvent.objects.get().name == Outcome.objects.get().name == "B"


def test_the_money_goes_to_tickets_in_their_order(player: FundedPlayer) -> None:
    asked = [bet(player, stake=stake) for stake in ("60.00", "60.00", "40.01", "40.00", "0.01")]

    answers = bring(*asked)

    assert [word(answer) for answer in answers] == [
        "created", "insufficient_funds", "insufficient_funds", "created", "insufficient_funds",
    ]  # fmt: skip
    name = player.player.external_id
    assert str(answers[1]) == f"stake: {name} holds 40.00 EUR: too little for 60.00 EUR."
    assert str(answers[4]) == f"stake: {name} holds 0.00 EUR: too little for 0.01 EUR."
    assert player.balance == "0.00"
    assert set(Ticket.objects.values_list("bet_id", flat=True)) == {
        asked[0]["bet_id"], asked[3]["bet_id"],
    }  # fmt: skip


def test_a_refused_ticket_stops_no_other_and_leaves_nothing_behind(player: FundedPlayer) -> None:
    poor, blocked = FundedPlayer.create("1.00"), FundedPlayer.create("50.00")
    becomes(blocked, "BLOCKED")
    before = [Ticket.objects.count(), Selection.objects.count(), Transfer.objects.count()]

    answers = statuses(
        bet(poor), bet(player, *legs(2), kind="double"), bet(blocked),
        bet(player, player="nobody"), bet(player, currency="USD"),
    )  # fmt: skip

    assert answers == [
        "insufficient_funds", "created", "not_active", "unknown", "insufficient_funds",
    ]  # fmt: skip
    after = [Ticket.objects.count(), Selection.objects.count(), Transfer.objects.count()]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 1]
    assert (player.balance, poor.balance, blocked.balance) == ("90.00", "1.00", "50.00")


PLAYER_REFUSALS: list[tuple[str, str, Json, str, str]] = [
    ("a blocked player's stake", "BLOCKED", {}, "not_active",
     "stake: P is blocked: no stake is possible."),
    ("a closed player's stake", "CLOSED", {}, "not_active",
     "stake: P is closed: no stake is possible."),
    ("a blocked player's free bet", "BLOCKED", {"free_bet_ref": "F"}, "not_active",
     "P is blocked."),
    ("a closed player's free bet", "CLOSED", {"free_bet_ref": "F"}, "not_active", "P is closed."),
    ("nobody", "ACTIVE", {"player": "Q"}, "unknown", "player: there is no player “Q”."),
    ("somebody in other letters", "ACTIVE", {"player": "p"}, "unknown",
     "player: there is no player “p”."),
    ("nobody's free bet", "ACTIVE", {"player": "Q", "free_bet_ref": "F"}, "unknown",
     "player: there is no player “Q”."),
    ("one cent too much", "ACTIVE", {"stake": "100.01"}, "insufficient_funds",
     "stake: P holds 100.00 EUR: too little for 100.01 EUR."),
    ("the largest stake", "ACTIVE", {"stake": "92233720368547758.07"}, "insufficient_funds",
     "stake: P holds 100.00 EUR: too little for 92233720368547758.07 EUR."),
    ("a currency that he never had", "ACTIVE", {"currency": "USD"}, "insufficient_funds",
     "stake: P holds no USD: too little for 10.00 USD."),
]  # fmt: skip


@pytest.mark.parametrize(("what", "status", "words", "code", "sentence"), PLAYER_REFUSALS)
def test_a_refusal_says_why_and_changes_nothing(
    db: None, what: str, status: str, words: Json, code: str, sentence: str
) -> None:
    player = FundedPlayer.create("100.00", external_id="P")
    becomes(player, status)
    before = books()

    found = refused(bet(player, **words))

    assert (found.code, str(found)) == (code, sentence)
    assert books() == before


@pytest.mark.parametrize("status", ["BLOCKED", "CLOSED"])
def test_a_bet_accepted_elsewhere_is_taken_in_whatever_the_player_is(db: None, status: str) -> None:
    player = FundedPlayer.create("1.00")
    becomes(player, status)

    accepted(bet(player, stake_taken=False))

    assert player.balance == "1.00"


def test_an_overdrawn_player_may_not_bet_but_keeps_his_free_bets(player: FundedPlayer) -> None:
    player.post("-150.00")

    assert statuses(bet(player, stake="0.01"), bet(player, free_bet_ref="F")) == [
        "insufficient_funds", "created",
    ]  # fmt: skip
    assert player.balance == "-50.00"


def test_a_player_without_an_account_may_use_a_free_bet(player: FundedPlayer) -> None:
    accepted(bet(player, currency="USD", free_bet_ref="F-1"))

    assert Ticket.objects.get().currency_id == "USD"
    assert Account.objects.filter(player__isnull=False).count() == 1


def test_a_ticket_that_stands_twice_in_a_batch_is_taken_once(player: FundedPlayer) -> None:
    asked = bet(player)

    answers = bring(asked, bet(player), asked, asked | {"stake": "10"})

    assert [word(one) for one in answers] == ["created", "created", "repeated", "repeated"]
    assert len({one.ticket_id for one in answers if isinstance(one, TakenIn)}) == 2
    assert player.balance == "80.00"


def test_a_bet_id_with_two_contents_in_a_batch_is_the_first_one(player: FundedPlayer) -> None:
    asked = bet(player, *legs(2), kind="double")
    other = asked | {"selections": [selection(1), selection(2, price="9")]}

    answers = bring(asked, other, asked)

    assert [word(one) for one in answers] == ["created", "conflict", "repeated"]
    assert isinstance(answers[1], TicketRefusal)
    assert answers[1].field == "selections[2].price"
    assert player.balance == "90.00"


def test_a_ticket_that_is_refused_twice_in_a_batch_has_one_reason(player: FundedPlayer) -> None:
    asked = bet(player, stake="100.01")
    before = books()

    answers = bring(asked, asked | {"stake": "5"}, asked)

    assert [word(one) for one in answers] == [
        "insufficient_funds", "conflict", "insufficient_funds",
    ]  # fmt: skip
    assert str(answers[1]) == "stake: the same bet_id stands twice, with another content."
    assert books() == before


def test_money_of_one_currency_pays_no_bet_in_another(player: FundedPlayer) -> None:
    dollars = FundedPlayer.create("5.00", "USD")

    assert statuses(bet(dollars), bet(dollars, currency="EUR"), bet(dollars, stake="5.00")) == [
        "insufficient_funds", "insufficient_funds", "created",
    ]  # fmt: skip


def test_a_player_bets_in_two_currencies_at_once(player: FundedPlayer) -> None:
    services.open_accounts(players=[player.player.pk], currency="JPY")
    assert statuses(bet(player), bet(player, currency="JPY", stake="10")) == [
        "created", "insufficient_funds",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "actor", "error"),
    [
        ("nobody", "", ValueError),
        ("a name that is too long", "x" * 201, PostingRefused),
        ("a name that can't be written down", "a\0b", PostingRefused),
    ],
)
def test_somebody_must_be_named_as_the_one_who_brings_them(
    player: FundedPlayer, what: str, actor: str, error: type[Exception]
) -> None:
    before = books()

    with pytest.raises(error):
        take_in(drafts=[draft(bet(player))], actor=actor)

    assert books() == before


def test_at_most_a_thousand_come_in_at_once(player: FundedPlayer) -> None:
    before = books()

    with pytest.raises(ValueError, match="At most 1000 tickets are taken in at once"):
        take_in(drafts=[draft(bet(player, stake="0.01")) for _ in range(1001)], actor="test")

    assert books() == before


def test_a_thousand_come_in_at_once(player: FundedPlayer) -> None:
    asked = [bet(player, selection(number % 70), stake="0.10") for number in range(1000)]

    assert set(statuses(*asked)) == {"created"}

    assert player.balance == "0.00"
    assert Transfer.objects.filter(kind="STAKE").count() == 1000
    assert [finding.name for finding in truths.check() if finding.rows] == []


def test_no_tickets_are_no_work(db: None) -> None:
    assert take_in(drafts=[], actor="test") == []


def test_a_system_of_every_fold_comes_in(player: FundedPlayer) -> None:
    """36 legs and more: the word for all folds is longer than 100 characters."""
    folds = ",".join(map(str, range(1, 37)))

    answers = statuses(bet(player), bet(player, *legs(36), kind=f"system:{folds}/36"))

    assert answers == ["created", "created"]


def test_references_as_long_as_they_may_be_stop_no_other_ticket(player: FundedPlayer) -> None:
    """Letters of four bytes that don't repeat: more than PostgreSQL's indexes hold in a row."""
    letters = "".join(chr(0x20000 + 97 * number % 40000) for number in range(600))
    longest = selection(market=letters[:200], specifiers=letters[200:])

    answers = statuses(bet(player), bet(player, longest))

    assert answers[0] == "created"


def test_a_bet_of_tomorrow_is_refused_unless_it_is_there(player: FundedPlayer) -> None:
    now = datetime.now(UTC)
    near, far = (
        bet(player, placed_at=(now + ahead).isoformat())
        for ahead in (timedelta(hours=23, minutes=59), timedelta(hours=24, minutes=1))
    )

    answers = bring(near, far)

    assert [word(answer) for answer in answers] == ["created", "invalid"]
    assert str(answers[1]) == "placed_at: is more than a day ahead of our clock."
    assert player.balance == "90.00"
