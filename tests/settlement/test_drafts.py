"""A ticket in a client's words: what is read from it, and what is refused in which words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from settlement.contents import difference
from settlement.drafts import content_of
from settlement.vocabulary import BetKind, Provider
from tests.settlement.asked import Json, builder, draft, legs, refusal, selection, ticket

LONG = "x" * 1001
PLACES = {"place_fraction": "1/4"}

TICKET_REFUSALS: list[tuple[str, Json, str, str]] = [
    ("an unknown provider", {"provider": "betradar"}, "provider",
     "“betradar” is none of odds88, sportradar, lsports, manual."),
    ("a provider in capitals", {"provider": "MANUAL"}, "provider",
     "“MANUAL” is none of odds88, sportradar, lsports, manual."),
    ("an empty bet_id", {"bet_id": ""}, "bet_id", "must not be empty."),
    ("a blank bet_id", {"bet_id": "  "}, "bet_id", "must not be empty."),
    ("a long bet_id", {"bet_id": "x" * 101}, "bet_id", "is longer than 100 characters."),
    ("a tab in the bet_id", {"bet_id": "T\t1"}, "bet_id",
     "holds a character that can't be printed."),
    ("a NUL in the bet_id", {"bet_id": "T\0"}, "bet_id",
     "holds a character that can't be printed."),
    ("half a character", {"bet_id": "T\ud800"}, "bet_id",
     "holds a character that can't be printed."),
    ("no player", {"player": ""}, "player", "must not be empty."),
    ("a long player", {"player": "x" * 101}, "player", "is longer than 100 characters."),
    ("a long provider's bet id", {"provider_bet_id": "x" * 201}, "provider_bet_id",
     "is longer than 200 characters."),
    ("a long free bet", {"free_bet_ref": "x" * 101}, "free_bet_ref",
     "is longer than 100 characters."),
    ("an unknown currency", {"currency": "QQQ"}, "currency", "there is no “QQQ” here."),
    ("a currency in small letters", {"currency": "eur"}, "currency", "there is no “eur” here."),
    ("no stake at all", {"stake": None}, "stake",
     "A number is expected, best written as text."),
    ("a stake of nothing", {"stake": "0.00"}, "stake", "must be above zero."),
    ("a negative stake", {"stake": "-5"}, "stake", "must be above zero."),
    ("a stake in words", {"stake": "ten"}, "stake", "“ten” is not a number."),
    ("a decimal comma", {"stake": "10,00"}, "stake", "“10,00” is not a number."),
    ("a ratio as stake", {"stake": "5/2"}, "stake", "“5/2” is not a number."),
    ("not a number", {"stake": "NaN"}, "stake", "“NaN” is not a number."),
    ("a float", {"stake": 10.5}, "stake", "A number is expected, best written as text."),
    ("a truth value", {"stake": True}, "stake", "A number is expected, best written as text."),
    ("a tenth of a cent", {"stake": "0.001"}, "stake",
     "“0.001” has more decimal places than EUR holds (2)."),
    ("half a yen", {"stake": "100.5", "currency": "JPY"}, "stake",
     "“100.5” has more decimal places than JPY holds (0)."),
    ("a tenth of a satoshi", {"stake": "0.000000001", "currency": "BTC"}, "stake",
     "“0.000000001” has more decimal places than BTC holds (8)."),
    ("one cent more than fits", {"stake": "92233720368547758.08"}, "stake",
     "The amount is too large for EUR."),
    ("an unknown kind", {"kind": "lucky16"}, "kind",
     "“lucky16” is not a kind of bet; a system is written system:2,3/4."),
    ("a kind in capitals", {"kind": "SINGLE"}, "kind",
     "“SINGLE” is not a kind of bet; a system is written system:2,3/4."),
    ("a system without its folds", {"kind": "system"}, "kind",
     "“system” is not a kind of bet; a system is written system:2,3/4."),
    ("a double with one leg", {"kind": "double"}, "kind", "A double has 2 legs, not 1."),
    ("an accumulator with one leg", {"kind": "accumulator"}, "kind",
     "An accumulator has two legs or more."),
    ("a fold of nothing", {"kind": "system:0/1"}, "kind",
     "“system:0/1”: each fold is 1 to the number of legs (at most 40)."),
    ("a time in words", {"placed_at": "yesterday"}, "placed_at",
     "“yesterday” is not a time like 2026-11-21T10:00:00Z."),
    ("a time without its zone", {"placed_at": "2026-11-20T10:00:00"}, "placed_at",
     "“2026-11-20T10:00:00” has no time zone; write Z for UTC."),
    ("a day", {"placed_at": "2026-11-20"}, "placed_at",
     "“2026-11-20” has no time zone; write Z for UTC."),
    ("a time before all computers", {"placed_at": "1969-12-31T23:59:59Z"}, "placed_at",
     "“1969-12-31T23:59:59Z” is not a year that a bet could be of."),
    ("a time in another age", {"placed_at": "2200-01-01T00:00:00Z"}, "placed_at",
     "“2200-01-01T00:00:00Z” is not a year that a bet could be of."),
    ("accepted in words", {"accepted_at": "soon"}, "accepted_at",
     "“soon” is not a time like 2026-11-21T10:00:00Z."),
    ("accepted before it was placed", {"accepted_at": "2026-11-20T09:59:59.999999Z"},
     "accepted_at", "is before “placed_at”."),
    ("each way without any place terms", {"each_way": True}, "each_way",
     "no selection has place terms (place_fraction or place_price)."),
]  # fmt: skip

SELECTION_REFUSALS: list[tuple[str, Json, str, str]] = [
    ("no event", {"event": ""}, "event", "must not be empty."),
    ("a long event", {"event": "x" * 201}, "event", "is longer than 200 characters."),
    ("a line's end in the event", {"event": "a\nb"}, "event",
     "holds a character that can't be printed."),
    ("no market", {"market": ""}, "market", "must not be empty."),
    ("a long market", {"market": "x" * 201}, "market", "is longer than 200 characters."),
    ("no outcome", {"outcome": ""}, "outcome", "must not be empty."),
    ("an outcome by name that is not LSports'", {"outcome": "", "outcome_name": "Home"}, "outcome",
     "must not be empty."),
    ("a long outcome", {"outcome": "x" * 201}, "outcome", "is longer than 200 characters."),
    ("a long line", {"line": "x" * 51}, "line", "is longer than 50 characters."),
    ("a long group", {"group": "x" * 51}, "group", "is longer than 50 characters."),
    ("long specifiers", {"specifiers": f"a={LONG}"}, "specifiers",
     "is longer than 400 characters."),
    ("an unknown provider", {"provider": "bwin"}, "provider",
     "“bwin” is none of odds88, sportradar, lsports, manual."),
    ("malformed specifiers of UOF", {"provider": "sportradar", "specifiers": "total"},
     "specifiers", "“total” is not written name=value|name=value."),
    ("a specifier twice", {"provider": "sportradar", "specifiers": "a=1|a=2"}, "specifiers",
     "“a=1|a=2” names a specifier twice."),
    ("a long name", {"event_name": "x" * 301}, "event_name", "is longer than 300 characters."),
    ("a long market's name", {"market_name": "x" * 301}, "market_name",
     "is longer than 300 characters."),
    ("a long outcome's name", {"outcome_name": "x" * 301}, "outcome_name",
     "is longer than 300 characters."),
    ("a start in words", {"start_at": "at noon"}, "start_at",
     "“at noon” is not a time like 2026-11-21T10:00:00Z."),
    ("a price in words", {"price": "evens"}, "price",
     "“evens” is not a number like 2.50 or a ratio like 5/3."),
    ("an empty price", {"price": ""}, "price",
     "“” is not a number like 2.50 or a ratio like 5/3."),
    ("a float", {"price": 2.5}, "price", "A number is expected, best written as text."),
    ("a price below 1", {"price": "0.99"}, "price", "0.99 is below 1."),
    ("a ratio below 1", {"price": "5/6"}, "price", "5/6 is below 1."),
    ("a division by zero", {"price": "5/0"}, "price", "“5/0” divides by zero."),
    ("a negative price", {"price": "-2.5"}, "price",
     "“-2.5” is not a number like 2.50 or a ratio like 5/3."),
    ("more than twenty decimals", {"price": "1." + "1" * 21}, "price",
     f"“1.{'1' * 21}” is not a number like 2.50 or a ratio like 5/3."),
    ("a part's price below 1", {"part_price": "0.5"}, "part_price", "0.5 is below 1."),
    ("a place fraction of nothing", {"place_fraction": "0"}, "place_fraction",
     "must be above 0 and at most 1."),
    ("a place fraction above 1", {"place_fraction": "5/4"}, "place_fraction",
     "must be above 0 and at most 1."),
    ("a place price below 1", {"place_price": "0.99"}, "place_price", "0.99 is below 1."),
    ("a place market without its outcome", {"place_market": "place"}, "place_market",
     "names a market without its “place_outcome”."),
    ("an empty place outcome", {"place_outcome": ""}, "place_outcome", "must not be empty."),
    ("an empty place market", {"place_market": "", "place_outcome": "1"}, "place_market",
     "must not be empty."),
]  # fmt: skip

SELECTIONS_REFUSALS: list[tuple[str, list[Json], Json, str, str]] = [
    ("none", [], {}, "kind", "A bet has 1 to 40 legs, not 0."),
    ("more legs than a kind has", legs(2), {}, "kind", "A single has 1 leg, not 2."),
    ("41 legs", legs(41), {"kind": "accumulator"}, "kind", "A bet has 1 to 40 legs, not 41."),
    ("101 selections", legs(101), {"kind": "exotic"}, "selections", "are more than 100."),
    ("a banker in a double", [selection(1, banker=True), selection(2)], {"kind": "double"},
     "kind", "A double has one line with every leg in it: it takes no bankers."),
    ("nothing but bankers", legs(2, banker=True), {"kind": "system:1/2"}, "kind",
     "A system:1/2 has 2 legs besides its bankers, not 0."),
    ("the same outcome twice", [selection(), selection()], {"kind": "double"}, "selections[1]",
     "the same outcome stands twice: X"),
    ("the same outcome at another price", [selection(2), selection(), selection(price="3")],
     {"kind": "treble"}, "selections[2]", "the same outcome stands twice: X"),
    ("the same outcome with specifiers in another order",
     [selection(specifiers="a=1|b=2"), selection(specifiers="b=2|a=1")],
     {"kind": "double", "provider": "sportradar"}, "selections[1]",
     "the same outcome stands twice: X"),
    ("the same outcome by name", [selection(outcome="", outcome_name="Home")] * 2,
     {"kind": "double", "provider": "lsports"}, "selections[1]",
     "the same outcome stands twice: Home"),
    ("a builder with one part", builder("X"), {}, "selections",
     "the builder “A” has only one part."),
    ("a builder with two prices", [*builder("X", price="4"), *builder("Y", price="4.5")], {},
     "selections", "all parts of the builder “A” carry its one price."),
    ("a builder without a price", builder("X", "Y", price=None), {}, "selections",
     "all parts of the builder “A” carry its one price."),
    ("a builder with half a price", [*builder("X"), *builder("Y", price=None)], {}, "selections",
     "all parts of the builder “A” carry its one price."),
]  # fmt: skip


@pytest.mark.parametrize(("what", "words", "field", "sentence"), TICKET_REFUSALS)
def test_a_ticket_is_refused_with_field_and_sentence(
    what: str, words: Json, field: str, sentence: str
) -> None:
    found = refusal(ticket(**words))

    assert (found.field, found.args[0], found.code) == (field, sentence, "invalid")
    assert str(found) == f"{field}: {sentence}"


@pytest.mark.parametrize(("what", "words", "field", "sentence"), SELECTION_REFUSALS)
def test_a_selection_is_refused_with_its_place_field_and_sentence(
    what: str, words: Json, field: str, sentence: str
) -> None:
    found = refusal(ticket(selection(1), selection(2, **words), kind="double"))

    assert (found.field, found.args[0]) == (f"selections[2].{field}", sentence)


@pytest.mark.parametrize(("what", "selections", "words", "field", "sentence"), SELECTIONS_REFUSALS)
def test_selections_that_do_not_go_together_are_refused(
    what: str, selections: list[Json], words: Json, field: str, sentence: str
) -> None:
    found = refusal(ticket(**words) | {"selections": selections})

    assert (found.field, found.args[0]) == (field, sentence)


def without(name: str) -> Json:
    """Return a ticket that lacks a field."""
    return {key: value for key, value in ticket().items() if key != name}


@pytest.mark.parametrize(
    ("what", "asked"),
    [
        ("a list", []),
        ("nothing", None),
        *((f"no {name}", without(name)) for name in ticket()),
        ("a field that nobody knows", ticket(stakes="5")),
        ("a field without a name", ticket(**{"": "5"})),
        ("a field of a selection without a name", ticket(selection() | {"": "5"})),
        ("a truth value as an id", ticket(bet_id=True)),
        ("a decimal as an id", ticket(bet_id=Decimal("12"))),
        ("a time as a number", ticket(placed_at=1790000000)),
        ("a word for a truth value", ticket(stake_taken="false")),
        ("a number for a truth value", ticket(each_way=1)),
        ("selections that are none", ticket(selections="X")),
        ("a selection that is a word", ticket(selections=["X"])),
        ("a selection that lacks most", ticket({"price": "2"})),
        ("a field of a selection that nobody knows", ticket(selection(odds="2"))),
        ("no outcome", ticket(selection(outcome=None))),
        ("a banker in words", ticket(selection(banker="yes"))),
        ("a number as a name", ticket(selection(event_name=7))),
    ],
)
def test_what_is_not_shaped_like_a_ticket_is_refused(what: str, asked: Any) -> None:
    assert refusal(asked).code == "invalid"


WRONG_TYPES = [
    ("of a ticket", ticket(bet_id=True), "bet_id"),
    ("of a selection", ticket(selection(1), selection(2, banker="yes")), "selections[2].banker"),
]


@pytest.mark.parametrize(("what", "asked", "field"), WRONG_TYPES)
def test_a_wrong_type_names_its_field_as_every_other_refusal_does(
    what: str, asked: Json, field: str
) -> None:
    assert refusal(asked).field == field


@pytest.mark.parametrize(("what", "asked", "field"), WRONG_TYPES)
def test_a_wrong_type_is_told_in_a_whole_sentence(what: str, asked: Json, field: str) -> None:
    text = str(refusal(asked))

    assert "`" not in text
    assert text.count("(") == text.count(")")


def test_a_ticket_is_read_with_every_default() -> None:
    found = draft(ticket())

    (one,) = found.selections
    assert found.bet_id == "T-1"
    assert found.provider is Provider.MANUAL
    assert found.provider_bet_id == found.free_bet_ref == ""
    assert (found.player, found.stake.minor, found.stake.unit.code) == ("P-1", 1000, "EUR")
    assert found.stake_taken is True
    assert found.cash_stake == 1000
    assert (found.shape.kind, found.legs, found.bankers, found.lines) == (BetKind.SINGLE, 1, 0, 1)
    assert found.each_way is False
    assert found.placed_at == found.accepted_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert one.outcome.identity == ("MANUAL", "E-1", "1", "", "X")
    assert (one.provider, one.line, one.group, one.price, one.banker) == ("", "", "", "2.50", False)
    assert (one.part_price, one.place_fraction, one.place_price) == (None, None, None)
    assert one.place_outcome is None
    assert len(found.content_hash) == 32


LONG_IDS = [987654321098765432, 18446744073709551616, 123456789012345678901234567890]


@pytest.mark.parametrize("number", LONG_IDS)
def test_ids_of_many_digits_stay_as_they_are_as_numbers_and_as_text(number: int) -> None:
    names = {"event": number, "market": number + 1, "outcome": number + 2, "line": number + 3}
    words = {"bet_id": number, "player": number + 4, "provider_bet_id": number + 5}

    found = draft(ticket(selection(**names), **words))

    (one,) = found.selections
    texts = {name: str(value) for name, value in names.items()}
    assert found.bet_id == str(number)
    assert (found.player, found.provider_bet_id) == (str(number + 4), str(number + 5))
    assert one.outcome.event == str(number)
    assert (one.outcome.market, one.outcome.outcome) == (str(number + 1), str(number + 2))
    assert one.line == one.outcome.line == str(number + 3)
    as_text = {name: str(value) for name, value in words.items()}
    assert draft(ticket(selection(**texts), **as_text)) == found


def test_json_is_read_without_loss() -> None:
    line = (
        b'{"bet_id":98765432109876543210,"provider":"manual","player":"P-1","currency":"EUR",'
        b'"stake":0.29,"kind":"single","placed_at":"2026-11-20T10:00:00Z","selections":'
        b'[{"event":123456789012345678,"market":1,"outcome":2,"price":2.10,"line":-0}]}'
    )

    found = draft(msgspec.json.Decoder(float_hook=Decimal).decode(line))

    (one,) = found.selections
    assert (found.bet_id, found.stake.minor) == ("98765432109876543210", 29)
    assert (one.outcome.event, one.price, one.line) == ("123456789012345678", "2.10", "0")


@pytest.mark.parametrize("given", ["T 1", "t-1", "Ä/ß?#", "🏇", "a\\b", '"', "NULL", "{}"])
def test_an_id_is_kept_letter_by_letter(given: str) -> None:
    assert draft(ticket(bet_id=given)).bet_id == given


@pytest.mark.parametrize("given", [" T-1", "T-1 ", "T-1\u00a0"])
def test_an_id_with_blanks_around_it_would_be_another_bet(given: str) -> None:
    found = refusal(ticket(bet_id=given))

    assert str(found) == "bet_id: has blanks around it."


def test_a_ratio_is_stored_as_the_database_takes_it() -> None:
    assert draft(ticket(selection(price="5/02"))).selections[0].price == "5/2"


def test_the_number_0_is_an_id_like_any_other() -> None:
    assert draft(ticket(bet_id=0, provider_bet_id=0)).provider_bet_id == "0"


def test_a_free_bet_numbered_0_takes_no_cash() -> None:
    assert draft(ticket(free_bet_ref=0)).cash_stake == 0


def test_a_builder_numbered_0_is_one_leg_with_its_price_once() -> None:
    parts = [selection(outcome=one, group=0, price="4.50") for one in "XY"]

    found = draft(ticket(*parts, selection(2), kind="accumulator"))

    assert (found.legs, [one.group for one in found.selections]) == (2, ["0", "0", ""])


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("a time", {"placed_at": "\ud800"}),
        ("a stake", {"stake": "\ud800"}),
        ("a field's name", {"\ud800": "5"}),
    ],
)
def test_a_refusal_can_be_written_down_whatever_was_given(what: str, words: Json) -> None:
    assert str(refusal(ticket(**words))).encode()


FIELDS = ["stake", "kind", "currency", "placed_at", "provider"]


@pytest.mark.parametrize("field", [*FIELDS, pytest.param("x" * 5000, id="a long field")])
def test_a_refusal_is_a_sentence_and_not_all_that_was_given(field: str) -> None:
    assert len(str(refusal(ticket(**{field: "9" * 5000})))) < 300


@pytest.mark.parametrize(
    ("what", "stake", "currency", "minor"),
    [
        ("text", "10.50", "EUR", 1050),
        ("text without cents", "10", "EUR", 1000),
        ("blanks around it", " 10.50 ", "EUR", 1050),
        ("zeros at the end", "10.5000", "EUR", 1050),
        ("a whole number", 10, "EUR", 1000),
        ("a JSON number", Decimal("10.50"), "EUR", 1050),
        ("a JSON number with an exponent", Decimal("1.05E+1"), "EUR", 1050),
        ("the smallest", "0.01", "EUR", 1),
        ("the largest", "92233720368547758.07", "EUR", 9223372036854775807),
        ("yen", "40000", "JPY", 40000),
        ("yen with a decimal of nothing", "40000.0", "JPY", 40000),
        ("a satoshi", "0.00000001", "BTC", 1),
        ("a satoshi as a JSON number", Decimal("1E-8"), "BTC", 1),
        ("all the coins that there are", "21000000", "BTC", 2100000000000000),
    ],
)
def test_a_stake_is_exact_to_the_minor_unit(
    what: str, stake: Any, currency: str, minor: int
) -> None:
    found = draft(ticket(stake=stake, currency=currency))

    assert (found.stake.minor, found.cash_stake) == (minor, minor)


@pytest.mark.parametrize(
    ("what", "stake"),
    [
        ("zeros before it", f"{'0' * 95}100000.00"),
        ("a cent's fraction far behind", f"10.00{'0' * 200}1"),
        ("more digits than fit", "1" * 200),
    ],
)
def test_a_stake_is_never_cut_to_another(what: str, stake: str) -> None:
    assert refusal(ticket(stake=stake)).field == "stake"


@pytest.mark.parametrize(
    ("what", "price", "kept"),
    [
        ("text", "2.50", "2.50"),
        ("a ratio", "11/6", "11/6"),
        ("a ratio that could be shorter", "10/4", "10/4"),
        ("a whole number", 2, "2"),
        ("a JSON number", Decimal("2.50"), "2.50"),
        ("a JSON number with an exponent", Decimal("1E+2"), "100"),
        ("twenty decimals", "1.23456789012345678901", "1.23456789012345678901"),
        ("blanks around it", " 2.50\t", "2.50"),
        ("stakes back", "1", "1"),
        ("the starting price", None, None),
    ],
)
def test_a_price_is_kept_as_it_was_given(what: str, price: Any, kept: str | None) -> None:
    assert draft(ticket(selection(price=price))).selections[0].price == kept


@pytest.mark.parametrize(
    ("what", "one", "other"),
    [
        ("zeros at the end", {"price": "2.5"}, {"price": "2.50"}),
        ("a ratio", {"price": "5/2"}, {"price": "2.5"}),
        ("a longer ratio", {"price": "10/4"}, {"price": "5/2"}),
        ("a JSON number", {"price": Decimal("2.50")}, {"price": "2.5"}),
        ("a place fraction", {"place_fraction": "0.2"}, {"place_fraction": "1/5"}),
        ("an id as a number", {"event": 17}, {"event": "17"}),
        ("the ticket's provider said once more", {"provider": "manual"}, {}),
        ("no line", {"line": None}, {"line": ""}),
        ("other names", {"event_name": "A v B", "market_name": "1X2", "outcome_name": "A"}, {}),
        ("another start", {"start_at": "2026-11-21T18:00:00Z"}, {}),
    ],
)
def test_two_ways_to_say_the_same_selection_are_the_same_content(
    what: str, one: Json, other: Json
) -> None:
    first, second = draft(ticket(selection(**one))), draft(ticket(selection(**other)))

    assert first.content_hash == second.content_hash
    assert difference(content_of(first), content_of(second)) == ""


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("cents of nothing", {"stake": "10"}),
        ("a JSON number", {"stake": Decimal("10.0")}),
        ("another zone", {"placed_at": "2026-11-20T11:00:00+01:00"}),
        ("fractions of nothing", {"placed_at": "2026-11-20T10:00:00.000000+00:00"}),
        ("accepted when it was placed", {"accepted_at": "2026-11-20T10:00:00Z"}),
        ("no provider's id", {"provider_bet_id": None}),
        ("no free bet", {"free_bet_ref": ""}),
        ("what is the default", {"each_way": False, "stake_taken": True}),
    ],
)
def test_two_ways_to_say_the_same_ticket_are_the_same_content(what: str, words: Json) -> None:
    assert draft(ticket(**words)).content_hash == draft(ticket()).content_hash


def test_the_folds_of_a_system_are_the_same_in_any_order() -> None:
    first = draft(ticket(*legs(4), kind="system:3,2/4"))

    assert first.shape.word == "system:2,3/4"
    assert first.content_hash == draft(ticket(*legs(4), kind="system:2,3,03/4")).content_hash


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("provider", {"provider": "odds88"}),
        ("provider_bet_id", {"provider_bet_id": "R-1"}),
        ("player", {"player": "P-2"}),
        ("currency", {"currency": "BTC"}),
        ("stake", {"stake": "10.01"}),
        ("kind", {"kind": "system:1/1"}),
        ("each_way", {"each_way": True}),
        ("free_bet_ref", {"free_bet_ref": "F-1"}),
        ("stake_taken", {"stake_taken": False}),
        ("placed_at", {"placed_at": "2026-11-20T10:00:00.000001Z"}),
        ("accepted_at", {"accepted_at": "2026-11-20T10:00:01Z"}),
    ],
)
def test_what_differs_between_two_tickets_is_named(field: str, words: Json) -> None:
    first = draft(ticket(selection(**PLACES)))
    second = draft(ticket(selection(**PLACES), **words))

    assert first.content_hash != second.content_hash
    assert difference(content_of(first), content_of(second)) == field


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("event", {"event": "E-3"}),
        ("market", {"market": "2"}),
        ("specifiers", {"specifiers": "total=2.5"}),
        ("outcome", {"outcome": "Y"}),
        ("line", {"line": "2.5"}),
        ("provider", {"provider": "odds88"}),
        ("price", {"price": "2.51"}),
        ("price", {"price": None}),
        ("part_price", {"part_price": "2"}),
        ("place_fraction", {"place_fraction": "1/5"}),
        ("place_price", {"place_price": "1.5"}),
        ("place_market", {"place_outcome": "X"}),
        ("banker", {"banker": True}),
    ],
)
def test_what_differs_between_two_selections_is_named_with_its_place(
    field: str, words: Json
) -> None:
    first = draft(ticket(*legs(2), kind="exotic"))
    second = draft(ticket(selection(1), selection(2, **words), kind="exotic"))

    assert first.content_hash != second.content_hash
    assert difference(content_of(first), content_of(second)) == f"selections[2].{field}"


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("selections", legs(3)),
        ("selections[1].event", legs(2)[::-1]),
        ("selections[1].group", builder("X", "Y", price="2.50")),
    ],
)
def test_other_selections_are_another_content(field: str, changed: list[Json]) -> None:
    first = draft(ticket(*legs(2), kind="exotic"))
    second = draft(ticket(*changed, kind="exotic"))

    assert first.content_hash != second.content_hash
    assert difference(content_of(first), content_of(second)) == field


def test_an_lsports_outcome_without_an_id_is_its_name_and_line() -> None:
    over = {"outcome": "", "outcome_name": "Over", "market": "2"}
    sides = [selection(1, **over, line=line) for line in ("2.5", "3.5")]

    found = draft(ticket(*sides, provider="lsports", kind="double"))

    identities = [one.outcome.identity for one in found.selections]
    assert identities == [
        ("LSPORTS", "E-1", "2", "", "", "Over", "2.5"),
        ("LSPORTS", "E-1", "2", "", "", "Over", "3.5"),
    ]


def test_an_lsports_outcome_needs_an_id_or_a_name() -> None:
    found = refusal(ticket(selection(outcome=""), provider="lsports"))

    assert str(found) == "selections[1].outcome: must not be empty."


@pytest.mark.parametrize(
    ("provider", "given", "kept"),
    [
        ("lsports", "007", "7"),
        ("lsports", 7, "7"),
        ("lsports", "+7", "7"),
        ("lsports", "-07", "-7"),
        ("lsports", "000", "0"),
        ("lsports", "007a", "007a"),
        ("sportradar", "007", "007"),
    ],
)
def test_lsports_ids_are_numbers_as_its_messages_have_them(
    provider: str, given: Any, kept: str
) -> None:
    words = {"event": given, "market": given, "outcome": given}
    found = draft(ticket(selection(**words), provider=provider)).selections[0].outcome
    assert (found.event, found.market, found.outcome) == (kept, kept, kept)


def test_the_name_of_an_lsports_outcome_without_an_id_is_content() -> None:
    home, away = (
        draft(ticket(selection(outcome="", outcome_name=name), provider="lsports"))
        for name in ("Home", "Away")
    )

    assert home.content_hash != away.content_hash
    assert difference(content_of(home), content_of(away)) == "selections[1].outcome"


def test_an_outcome_that_is_called_like_a_list_is_not_one_by_name() -> None:
    named = draft(ticket(selection(outcome="", outcome_name="Home"), provider="lsports"))
    by_id = draft(ticket(selection(outcome='["Home"]'), provider="lsports"))

    assert named.content_hash != by_id.content_hash


def test_uofs_specifiers_have_one_order_and_others_are_left_alone() -> None:
    given = "total=2.5|hcp=1"
    stored = [
        draft(ticket(selection(specifiers=given), provider=name)).selections[0].outcome.specifiers
        for name in ("sportradar", "odds88", "lsports", "manual")
    ]

    assert stored == ["hcp=1|total=2.5", given, given, given]


def test_a_selection_may_be_of_another_provider_than_its_ticket() -> None:
    uof = {"provider": "sportradar", "specifiers": "total=2.5|hcp=1"}

    found = draft(ticket(selection(1), selection(2, **uof), kind="double"))

    assert [one.provider for one in found.selections] == ["", Provider.SPORTRADAR]
    assert [one.outcome.provider for one in found.selections] == ["MANUAL", "SPORTRADAR"]
    assert found.selections[1].outcome.specifiers == "hcp=1|total=2.5"


UOF_MARKET = {"market": "40", "specifiers": "version=latest", "market_name": "Winner"}


@pytest.mark.parametrize(
    ("what", "words", "market", "specifiers", "name"),
    [
        ("in the same market", {}, "40", "version=latest", "Winner"),
        ("in a market of its own", {"place_market": "41"}, "41", "", ""),
        ("in a market of its own with the same id", {"place_market": "40"}, "40", "", ""),
    ],
)
def test_the_place_part_may_follow_an_outcome_of_its_own(
    what: str, words: Json, market: str, specifiers: str, name: str
) -> None:
    asked = selection(place_outcome="P", outcome_name="Lantern", **PLACES, **UOF_MARKET, **words)

    (one,) = draft(ticket(asked, provider="sportradar", each_way=True)).selections

    place = one.place_outcome
    assert place is not None
    assert (place.event, place.market, place.specifiers) == ("E-1", market, specifiers)
    assert (place.outcome, place.outcome_name, place.market_name) == ("P", "", name)


def test_a_place_outcome_in_another_market_of_the_same_id_is_another_content() -> None:
    """Given a market of its own, it has no specifiers: a win in one is none in the other."""
    asked = selection(place_outcome="P", **PLACES, **UOF_MARKET)
    same, own = (
        draft(ticket(asked | words, provider="sportradar", each_way=True))
        for words in ({}, {"place_market": "40"})
    )

    assert same.content_hash != own.content_hash


def test_each_way_needs_a_price_for_the_place_and_not_only_its_outcome() -> None:
    """Without one the place stake is void from the start: half of it comes back, win or lose."""
    found = refusal(ticket(selection(place_outcome="P"), each_way=True))

    assert found.field == "each_way"


def test_each_way_needs_a_leg_with_place_terms_and_a_builder_has_none() -> None:
    """A builder is settled without a place: its place stake would be void from the start."""
    found = refusal(ticket(*builder("X", "Y", place_fraction="1/4"), each_way=True))

    assert found.field == "each_way"


@pytest.mark.parametrize(
    ("what", "asked", "found_legs", "lines"),
    [
        ("a builder alone", ticket(*builder("X", "Y", "Z")), 1, 1),
        ("a builder and a leg", ticket(*builder("X", "Y"), selection(2), kind="double"), 2, 1),
        ("two builders", ticket(*builder("X", "Y"), *builder("X", "Y", group="B", number=2),
                                kind="double"), 2, 1),
        ("a builder among others in a patent",
         ticket(selection(2), *builder("X", "Y"), selection(3), kind="patent"), 3, 7),
        ("parts that do not stand together",
         ticket(builder("X")[0], selection(2), builder("Y")[0], kind="double"), 2, 1),
        ("the builder's price in two spellings",
         ticket(*builder("X", price="4.5"), *builder("Y", price="9/2")), 1, 1),
        ("each way", ticket(selection(**PLACES), each_way=True), 1, 2),
        ("a Lucky 15 each way", ticket(*legs(4, **PLACES), kind="lucky15", each_way=True), 4, 30),
        ("an exotic each way without terms", ticket(*legs(3), kind="exotic", each_way=True), 3, 2),
        ("the same outcome twice in an exotic", ticket(selection(), selection(), kind="exotic"),
         2, 1),
        ("all doubles and trebles", ticket(*legs(4), kind="system:2,3/4"), 4, 10),
    ],
)  # fmt: skip
def test_legs_and_lines_are_counted(what: str, asked: Json, found_legs: int, lines: int) -> None:
    found = draft(asked)

    assert (found.legs, found.lines) == (found_legs, lines)


@pytest.mark.parametrize(
    ("what", "asked", "bankers", "found_legs", "lines"),
    [
        ("one beside a trixie", ticket(selection(9, banker=True), *legs(3), kind="trixie"),
         1, 4, 4),
        ("two beside a system",
         ticket(*legs(2, banker=True), selection(3), selection(4), selection(5),
                kind="system:2/3"), 2, 5, 3),
        ("a builder is one banker",
         ticket(*builder("X", "Y", banker=True), selection(2), selection(3), kind="system:1/2"),
         1, 3, 2),
        ("one marked part makes the builder a banker",
         ticket(*builder("X", banker=True), *builder("Y"), selection(2), kind="system:1/1"),
         1, 2, 1),
    ],
)  # fmt: skip
def test_bankers_are_legs_besides_those_that_are_combined(
    what: str, asked: Json, bankers: int, found_legs: int, lines: int
) -> None:
    found = draft(asked)

    assert (found.bankers, found.legs, found.lines) == (bankers, found_legs, lines)


@pytest.mark.parametrize(
    ("what", "words", "cash"),
    [
        ("an ordinary bet", {}, 1000),
        ("a free bet", {"free_bet_ref": "F-1"}, 0),
        ("a stake that was taken elsewhere", {"stake_taken": False}, 0),
        ("a free bet that was taken elsewhere", {"free_bet_ref": "F-1", "stake_taken": False}, 0),
        ("each way", {"each_way": True}, 1000),
    ],
)
def test_the_whole_stake_is_taken_or_nothing(what: str, words: Json, cash: int) -> None:
    found = draft(ticket(selection(**PLACES), **words))

    assert (found.stake.minor, found.cash_stake) == (1000, cash)


def test_every_kind_can_be_written_down() -> None:
    counts = {
        "single": 1, "double": 2, "treble": 3, "accumulator": 2, "trixie": 3, "patent": 3,
        "yankee": 4, "lucky15": 4, "canadian": 5, "lucky31": 5, "heinz": 6, "lucky63": 6,
        "superheinz": 7, "lucky127": 7, "goliath": 8, "lucky255": 8, "system:2/3": 3,
        "exotic": 5, "tote": 1, "pickem": 4,
    }  # fmt: skip

    kinds = {draft(ticket(*legs(number), kind=kind)).shape.kind for kind, number in counts.items()}

    assert kinds == set(BetKind)
