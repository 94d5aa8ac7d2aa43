"""What packages say, in each layout."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from feeds.lsports.sandbox import Bet, Layout, Market, Sandbox
from feeds.lsports.sandbox.bodies import Competition, Event, Message
from feeds.lsports.sandbox.options import Format, Nesting, Wrapping, Zone
from feeds.lsports.sandbox.trees import body_of
from feeds.lsports.sandbox.writing import Header, moment, written

GUID = "691cbc2e-92d5-4f59-9dd4-548c8f67277b"
AT = 1753091637087
HEADER = {
    "Type": 35,
    "MsgSeq": 1,
    "MsgGuid": GUID,
    "CreationDate": "2025-07-21T09:53:57.0870000Z",
    "ServerTimestamp": 1753091637087,
}
WON = Bet("30713932524605698", "1", 3, 2, 1753091636180, price="2.28")
SETTLED = Message(35, (Event("24605698", (Market("1", "1X2", (WON,)),)),))
RACE = Message(42, SETTLED.events, Competition(4221, "Emerald Downs", 0))


def said(layout: Layout, message: Message = SETTLED) -> bytes:
    """Return a message as it is written."""
    header = Header(message.kind, GUID, AT)
    return written(header, body_of(message, layout), layout)


def read(layout: Layout, message: Message = SETTLED) -> Any:
    """Return what a message in JSON says."""
    return json.loads(said(layout, message))


def test_a_settlement_is_written_as_documented() -> None:
    assert read(Layout()) == {
        "Header": HEADER,
        "Body": {"Events": [{"FixtureId": 24605698, "Livescore": None, "Markets": [
            {"Id": 1, "Name": "1X2", "Bets": [{
                "Id": 30713932524605698, "Name": "1", "Status": 3, "StartPrice": "1.0",
                "Price": "2.28", "Settlement": 2, "ProviderBetId": "0",
                "LastUpdate": "2025-07-21T09:53:56.1800000Z", "Probability": -1,
            }]},
        ]}]},
    }  # fmt: skip


def test_xml_of_attributes_has_one_root_and_lists_with_names() -> None:
    root = ElementTree.fromstring(said(Layout(format=Format.XML)))

    header = root.find("Header")
    assert header is not None
    assert header.attrib == {"CreationDate": "2025-07-21T09:53:57.0870000Z"}
    assert header.findtext("Type") == "35"
    event = root.find("MessageBody/Events/Event")
    assert event is not None
    assert event.attrib == {"FixtureId": "24605698"}
    bet = event.find("Markets/Market[@Id='1']/Bets/Bet")
    assert bet is not None
    assert (bet.attrib["Id"], bet.attrib["Settlement"]) == ("30713932524605698", "2")


def test_xml_of_elements_has_two_roots_and_repeats_names() -> None:
    two = Event("24605698", (Market("1", "1X2", (WON, WON)), Market("2", "Under/Over")))
    body = said(Layout(format=Format.XML, attributes=False), Message(35, (two,)))
    root = ElementTree.fromstring(b"<r>" + body + b"</r>")

    assert [one.tag for one in root] == ["Header", "Body"]
    assert root.findtext("Header/CreationDate") == "2025-07-21T09:53:57.0870000Z"
    assert root.findtext("Body/Events/FixtureId") == "24605698"
    assert len(root.findall("Body/Events/Markets")) == 2
    assert len(root.findall("Body/Events/Markets/Bets")) == 2


@pytest.mark.parametrize(
    ("wrapping", "begins"),
    [
        (Wrapping.PLAIN, b'{"Header":{"Type":35'),
        (Wrapping.MESSAGE, b'{"Message":{"Header":{"Type":35'),
        (Wrapping.LIST, b'[{"Header":{"Type":35'),
    ],
)
def test_json_may_be_wrapped(wrapping: Wrapping, begins: bytes) -> None:
    body = said(Layout(wrapping=wrapping))

    assert body.startswith(begins)
    assert json.loads(body)


def test_keys_may_begin_with_small_letters() -> None:
    found = read(Layout(camel=True))

    assert found["header"]["msgGuid"] == GUID
    assert found["body"]["events"][0]["markets"][0]["bets"][0]["lastUpdate"]


@pytest.mark.parametrize(
    ("nesting", "path"),
    [
        (Nesting.NESTED, ("Competition", "Competitions", 0, "Events")),
        (Nesting.FLAT, ("Competition", "Events")),
        (Nesting.NONE, ("Events",)),
    ],
)
@pytest.mark.parametrize("kind", [42, 43])
def test_the_events_of_an_outright_lie_in_three_places(
    nesting: Nesting, path: tuple[str | int, ...], kind: int
) -> None:
    found = read(Layout(nesting=nesting), Message(kind, RACE.events, RACE.competition))["Body"]
    for step in path:
        found = found[step]

    assert [one["FixtureId"] for one in found] == [24605698]


def test_ids_types_and_times_may_be_written_otherwise() -> None:
    found = read(Layout(ids_as_text=True, type_as_text=True, seconds=True, digits=3))

    assert found["Header"] == HEADER | {"Type": "35", "ServerTimestamp": 1753091637}
    event = found["Body"]["Events"][0]
    bet = event["Markets"][0]["Bets"][0]
    assert (event["FixtureId"], bet["Id"]) == ("24605698", "30713932524605698")
    assert bet["LastUpdate"] == "2025-07-21T09:53:56.180Z"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (Zone.UTC, "2025-07-21T09:53:56.18000Z"),
        (Zone.OFFSET, "2025-07-21T11:53:56.18000+02:00"),
        (Zone.NONE, "2025-07-21T09:53:56.18000"),
        (Zone.EPOCH, "1753091636180"),
    ],
)
def test_a_moment_has_a_zone_an_offset_or_none(zone: Zone, words: str) -> None:
    assert moment(1753091636180, 5, zone) == words


def test_providers_have_ids_of_their_own_and_may_be_all_there_is() -> None:
    market = Market("1", "1X2", (WON,), (8, 13))
    bare = Market("1", "1X2", None, (8,))
    found = read(Layout(), Message(35, (Event("1", (market, bare)),)))["Body"]["Events"][0]

    first, second = found["Markets"]
    assert [one["Name"] for one in first["ProviderMarkets"]] == ["Bet365", "BWin"]
    assert first["ProviderMarkets"][0]["Bets"][0]["Id"] == 80001
    assert second["Bets"] is None
    assert second["ProviderMarkets"][0]["Bets"] == []


def test_markets_may_be_null_and_bets_wrong() -> None:
    spoilt = Bet("300", wrong={"Id": 3.0e16, "LastUpdate": "yesterday"})
    events = (Event("1", None), Event("2", (Market("1", "1X2", (spoilt, WON)),)))
    first, second = read(Layout(), Message(35, events))["Body"]["Events"]

    assert first["Markets"] is None
    bets = second["Markets"][0]["Bets"]
    assert (bets[0]["Id"], bets[0]["LastUpdate"]) == (3.0e16, "yesterday")
    assert bets[1]["Id"] == 30713932524605698


def test_what_is_said_in_xml_of_a_fixture_s_state_can_be_found(sandbox: Sandbox) -> None:
    layout = Layout(format=Format.XML)
    for kind, path in ((1, "Fixture"), (2, "Livescore/Scoreboard")):
        body = said(layout, Message(kind, (Event("24605698", None, 4),)))
        found = ElementTree.fromstring(body).find(f"MessageBody/Events/Event/{path}")

        assert found is not None
        assert found.attrib["Status"] == "4"
