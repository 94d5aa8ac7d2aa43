"""Bytes become a ping or a settled bet, or are refused in a sentence; nothing else happens."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.odds88.messages import Amount, Ping, SettledBet
from feeds.odds88.parser import parse
from feeds.odds88.translate import read
from settlement.said import Told, Unreadable, encoded
from tests.feeds.odds88 import SAMPLES, recorded_feed, sample

BET = b'{"betId":"b-1","betSettlement":1}'
RECORDED = [path.read_bytes() for path in sorted(SAMPLES.glob("*.json"))] + recorded_feed()
FIELDS = (
    "pingId data betId betSettlement payoutMultiplier isCancelled selections isRejected "
    "settlementTime payout partialRefund amount currency value precision settlementExchangeRate "
    "event market id selectionId settlement settlementResult settlementVersion eachWayPrice type "
    "deadHeatFactor placeDeadHeatFactor betBuilderItems properties unknown"
).split()
ODD_NUMBERS = [
    b"1E+1000000", b"1E-1000000", b"0E-1000000", b"-0.0", b"1e999", b"1E99999999999999999999",
    b"9" * 5000, b"0." + b"3" * 5000, b"NaN", b"-Infinity", b'"NaN"', b'"sNaN"', b'"Infinity"',
]  # fmt: skip
ODD_TEXTS = [b'"\\u0000"', b'"\\ud800"', b'"\xff"', b'"' + b"x" * 300 + b'"', b'"a:b:c"', b'""']


@pytest.mark.parametrize(
    ("how", "raw"),
    [
        ("in an envelope", b'{"pingId":null,"data":' + BET + b"}"),
        ("in an envelope without a pingId", b'{"data":' + BET + b"}"),
        ("in an envelope that is also a ping", b'{"data":' + BET + b',"pingId":"7"}'),
        ("bare", BET),
        ("bare, with a pingId", b'{"pingId":"7",' + BET[1:]),
        ("after a byte order mark", b"\xef\xbb\xbf" + BET),
        ("between blanks", b"\r\n\t " + BET + b" \r\n"),
        ("with unknown fields", b'{"news":[{"a":1.5}],' + BET[1:]),
    ],
)
def test_a_settled_bet_is_read(how: str, raw: bytes) -> None:
    assert parse(raw) == SettledBet(bet_id="b-1", bet_settlement=1)


@pytest.mark.parametrize("raw", [b'{"pingId":"7","data":null}', b'{"pingId":"7"}', b'{"pingId":7}'])
def test_a_ping_is_read(raw: bytes) -> None:
    assert parse(raw) == Ping("7")


@pytest.mark.parametrize("raw", RECORDED)
def test_every_recorded_message_is_read(raw: bytes) -> None:
    assert isinstance(parse(raw), Ping | SettledBet)


def test_every_field_may_be_null() -> None:
    bet = b'{"betId":"b-1","betSettlement":null,"payoutMultiplier":null,"isCancelled":null,'
    bet += b'"selections":null,"isRejected":null,"settlementTime":null,"payout":null,'
    bet += b'"partialRefund":null,"amount":null}'

    assert parse(bet) == SettledBet(bet_id="b-1")


def test_numbers_keep_their_digits() -> None:
    bet = parse(sample("won_single"))

    assert isinstance(bet, SettledBet)
    assert bet.payout == Decimal("25")
    assert bet.amount == Amount(
        currency="SEK",
        value=1000,
        precision=2,
        settlement_exchange_rate=Decimal("0.08756567425569176882661996497"),
    )


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "It is empty."),
        (b"\xef\xbb\xbf \n", "It is empty."),
        (b"hello", "It is not JSON: invalid character (byte 0)."),
        (b'{"betId":"b-1"', "It is not JSON: Input data was truncated."),
        (b"{} {}", "It is not JSON: trailing characters (byte 4)."),
        (b'{"betId":"\xff"}', "It is not UTF-8 text (byte 10)."),
        (b'{"name":"\xed\xa0\x80"}', "It is not UTF-8 text (byte 9)."),
        (b'{"betId":"\\udc00"}', "It is not JSON: invalid utf-16 surrogate pair (byte 16)."),
        (b'{"name":"\\ud800!"}', "It is not JSON: Input data was truncated."),
        (b'{"betId":"b\\u0000"}', "It holds a NUL character."),
        (b'{"a":' * 100_000, "It is not a settlement: it is nested too deep."),
        (b"{}", "It is neither a ping nor a settled bet: betId is missing."),
        (
            b'{"pingId":null,"data":null}',
            "It is neither a ping nor a settled bet: betId is missing.",
        ),
        (b'{"data":{"betSettlement":1}}', "betId is missing."),
        (
            b"[1]",
            "It is no settlement as Odds88 describes it: Expected `object`, got `array`.",
        ),
        (
            b'{"betId":"b-1","payout":true}',
            "It is no settlement as Odds88 describes it: "
            "Expected `decimal | null`, got `bool` - at `$.payout`.",
        ),
        (
            b'{"betId":"b-1","amount":{"value":9223372036854775808}}',
            "It is no settlement as Odds88 describes it: "
            "Expected `int` <= 9223372036854775807 - at `$.amount.value`.",
        ),
        (b'{"betId":"b-1","payout":NaN}', "It is not JSON: invalid character (byte 24)."),
        (b'{"betId":"b-1","payout":"NaN"}', "payout is not a number: NaN."),
        (b'{"betId":"b-1","payout":"-Infinity"}', "payout is not a number: -Infinity."),
        (
            b'{"betId":"b-1","payout":1E+1000000}',
            "payout can't be meant as a number: 1E+1000000.",
        ),
        (
            b'{"betId":"b-1","amount":{"settlementExchangeRate":0E-1000000}}',
            "settlementExchangeRate can't be meant as a number: 0E-1000000.",
        ),
        (
            b'{"betId":"b-1","selections":[{"deadHeatFactor":0.' + b"3" * 61 + b"}]}",
            "deadHeatFactor can't be meant as a number: 0." + "3" * 48 + ".",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(raw: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        parse(raw)

    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("payoutMultiplier", b"", b""),
        ("payout", b"", b""),
        ("partialRefund", b"", b""),
        ("settlementExchangeRate", b'"amount":{', b"}"),
        ("deadHeatFactor", b'"selections":[{', b"}]"),
        ("placeDeadHeatFactor", b'"selections":[{},{', b"}]"),
    ],
)
def test_a_number_too_small_to_be_meant_is_refused_wherever_it_stands(
    field: str, before: bytes, after: bytes
) -> None:
    bet = BET[:-1] + b"," + before + b'"%s":1E-41' % field.encode() + after + b"}"

    with pytest.raises(Unreadable) as refusal:
        parse(bet)

    assert str(refusal.value) == f"{field} can't be meant as a number: 1E-41."


def test_text_that_speaks_of_a_nul_holds_none() -> None:
    assert parse(b'{"name":"\\\\u0000",' + BET[1:]) == SettledBet(bet_id="b-1", bet_settlement=1)


def test_a_rate_of_60_digits_and_one_of_40_places_are_the_last_to_be_read() -> None:
    rates = [b"1." + b"1" * 59, b"1E-40"]

    bets = [parse(b'{"betId":"b-1","payout":' + rate + b"}") for rate in rates]

    assert [bet.payout for bet in bets if isinstance(bet, SettledBet)] == [
        Decimal("1.11111111111111111111111111111111111111111111111111111111111"),
        Decimal("1E-40"),
    ]


def reads_or_refuses(raw: bytes) -> None:
    """Read it; what comes out can be stored, and comes out again."""
    try:
        said = read(raw)
    except Unreadable:
        return
    assert isinstance(said, Told)
    assert encoded(said) == encoded(read(raw))
    assert "\0" not in "".join(said.subjects)


@given(st.binary(max_size=200))
@example(b"\xef\xbb")
@example(b"\xff\xfe{\x00}\x00")
def test_random_bytes_are_refused(raw: bytes) -> None:
    reads_or_refuses(raw)


@given(st.data())
def test_a_damaged_message_is_read_or_refused(data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from(RECORDED))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.integers(0, 12)))
        raw = raw[:start] + data.draw(st.binary(max_size=6)) + raw[end:]

    reads_or_refuses(raw)


ODD_VALUES = st.sampled_from(
    [*ODD_NUMBERS, *ODD_TEXTS, b"null", b"true", b"0", b"7", b"-1", b"1.5"]
)
ODD_MESSAGES = st.recursive(
    ODD_VALUES,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: b"[" + b",".join(items) + b"]")
        | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6).map(
            lambda items: (
                b"{" + b",".join(b'"%s":%s' % (k.encode(), items[k]) for k in items) + b"}"
            )
        )
    ),
    max_leaves=25,
)


@given(ODD_MESSAGES)
def test_known_fields_with_odd_values_are_read_or_refused(raw: bytes) -> None:
    reads_or_refuses(raw)


@given(st.sampled_from(RECORDED), st.sampled_from(FIELDS), ODD_VALUES)
def test_a_recorded_message_with_one_odd_value_is_read_or_refused(
    recorded: bytes, field: str, odd: bytes
) -> None:
    message = msgspec.json.decode(recorded)
    replaced = with_value(message, field, msgspec.Raw(odd))

    reads_or_refuses(msgspec.json.encode(replaced))


def with_value(message: object, field: str, value: object) -> object:
    """Return a JSON value in which a field is another wherever it stands."""
    if isinstance(message, dict):
        return {k: value if k == field else with_value(message[k], field, value) for k in message}
    if isinstance(message, list):
        return [with_value(item, field, value) for item in message]
    return message


@given(
    st.integers(0, 20_000),
    st.sampled_from([(b"[", b"]"), (b'{"data":', b"}"), (b'{"selections":[', b"]}")]),
    st.booleans(),
)
@example(1_000_000, (b"[", b"]"), False)
def test_deep_nesting_is_refused(depth: int, brackets: tuple[bytes, bytes], closed: bool) -> None:
    reads_or_refuses(brackets[0] * depth + b"null" + brackets[1] * (depth * closed))


@given(st.integers(0, 5_000))
def test_deep_nesting_where_nobody_looks_is_read_or_refused(depth: int) -> None:
    reads_or_refuses(b'{"news":' + b"[" * depth + b"]" * depth + b"," + BET[1:])
