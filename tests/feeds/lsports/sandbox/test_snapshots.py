"""Snapshots: what they show, and how often they may be asked for."""

import json
import time
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from feeds.lsports.sandbox import Bet, Layout, Market, Options, Sandbox
from feeds.lsports.sandbox.bodies import Competition
from feeds.lsports.sandbox.faults import Answer, BadJson, CutOff, Empty
from feeds.lsports.sandbox.options import Format, PreMatch
from feeds.lsports.windows import Windows
from tests.feeds.lsports.sandbox.clients import snapshot

OFFER = Market("1", "1X2", (Bet("11", "1"), Bet("12", "X")))
GOALS = Market("2", "Under/Over", (Bet("21", "Over", line="2.5"),))
AT = 1753091636180


def test_a_snapshot_shows_what_is_known_of_each_bet(sandbox: Sandbox) -> None:
    sandbox.offer(1001, OFFER)
    sandbox.settle(1001, 1, {"11": 2}, at=int(time.time() * 1000) + 5000)
    sandbox.settle(1001, 1, {"11": 1}, at=AT)
    [fixture] = snapshot(sandbox).json()["Body"]

    assert list(fixture) == ["FixtureId", "LastUpdate", "Livescore", "Markets"]
    [market] = fixture["Markets"]
    settled, is_open = market["Bets"]
    assert (settled["Status"], settled["Settlement"]) == (3, 2)
    assert is_open["Status"] == 1
    assert "Settlement" not in is_open


def test_nothing_known_is_null(sandbox: Sandbox) -> None:
    answer = snapshot(sandbox)

    assert answer.json()["Body"] is None
    assert answer.json()["Header"]["HttpStatusCode"] == 200


def test_a_package_shows_its_own_fixtures(sandbox: Sandbox) -> None:
    sandbox.settle(1001, 1, {"11": 2}, package="prematch")

    assert snapshot(sandbox).json()["Body"] is None
    assert len(snapshot(sandbox, "PreMatch/GetFixtureMarkets").json()["Body"]) == 1


def test_outrights_have_snapshots_of_their_own(sandbox: Sandbox) -> None:
    for fixture, kind in ((1, 35), (2, 42), (3, 43)):
        sandbox.settle(fixture, 1, {"11": 2}, package="prematch", kind=kind)
    sandbox.vendor.package("prematch").shelf.held("3").competition = Competition(77, "LaLiga")

    [match] = snapshot(sandbox, "PreMatch/GetFixtureMarkets").json()["Body"]
    [race] = snapshot(sandbox, "PreMatch/GetOutrightFixtureMarkets").json()["Body"]
    [league] = snapshot(sandbox, "PreMatch/GetOutrightLeagueMarkets").json()["Body"]
    assert (match["FixtureId"], race["FixtureId"]) == (1, 2)
    [competition] = league["Competition"]
    assert (competition["Id"], competition["Events"][0]["FixtureId"]) == (77, 3)
    assert snapshot(sandbox, "InPlay/GetOutrightFixtureMarkets").status_code == 404


def test_outright_fixtures_may_lie_in_competitions(sandbox: Sandbox) -> None:
    sandbox.options = Options(outrights_nested=True)
    sandbox.settle(2, 1, {"11": 2}, package="prematch", kind=42)
    [race] = snapshot(sandbox, "PreMatch/GetOutrightFixtureMarkets").json()["Body"]

    assert race["Competition"][0]["Events"][0]["FixtureId"] == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"fixtures": [1001]}, [(1001, [1, 2])]),
        ({"fixtures": ["1002"]}, [(1002, [1])]),
        ({"markets": [2]}, [(1001, [2])]),
        ({"timestamp": AT + 1}, [(1001, [2])]),
        ({"timestamp": AT - 1}, [(1001, [1, 2]), (1002, [1])]),
        ({"timestamp": AT // 1000}, [(1001, [1, 2]), (1002, [1])]),
        ({"timestamp": AT + 9999}, None),
    ],
)
def test_a_snapshot_can_be_filtered(
    sandbox: Sandbox, words: dict[str, Any], found: list[tuple[int, list[int]]] | None
) -> None:
    sandbox.settle(1001, 1, {"11": 2, "12": 1}, at=AT)
    sandbox.settle(1001, 2, {"21": 2}, at=AT + 5000)
    sandbox.settle(1002, 1, {"11": 2}, at=AT)
    body = snapshot(sandbox, **words).json()["Body"]

    shown = [(one["FixtureId"], [market["Id"] for market in one["Markets"]]) for one in body or ()]
    assert shown == (found or [])
    assert sandbox.counts["timestamps_in_seconds"] == (words.get("timestamp") == AT // 1000)


@pytest.mark.parametrize("wrong", [{"timestamp": "yesterday"}, {"fixtures": 1001}])
def test_filters_that_make_no_sense_are_refused(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    assert snapshot(sandbox, **wrong).status_code == 400


def test_fixtures_that_ended_long_ago_are_gone() -> None:
    with Sandbox(windows=Windows(request=0, snapshot=0, horizon=0.3)) as sandbox:
        for fixture in (1, 2):
            sandbox.settle(fixture, 1, {"11": 2})
        sandbox.end_fixture(1)
        assert len(snapshot(sandbox).json()["Body"]) == 2

        time.sleep(0.4)
        assert [one["FixtureId"] for one in snapshot(sandbox).json()["Body"]] == [2]


def test_everything_may_be_asked_for_once_in_a_while() -> None:
    with Sandbox(windows=Windows(request=0, snapshot=60)) as sandbox:
        codes = [snapshot(sandbox).status_code for _ in range(2)]
        codes.append(snapshot(sandbox, timestamp=AT).status_code)
        codes.append(snapshot(sandbox, fixtures=[1]).status_code)
        codes.append(snapshot(sandbox, "PreMatch/GetFixtureMarkets").status_code)

        assert codes == [200, 429, 200, 200, 200]
        counts = sandbox.counts
        assert (counts["violations"], counts["snapshots_too_close"]) == (1, 1)
        assert (counts["snapshots"], counts["snapshots_of_everything"]) == (2, 2)


def test_any_two_requests_are_a_second_apart() -> None:
    with Sandbox(windows=Windows(request=60, snapshot=0)) as sandbox:
        assert snapshot(sandbox, fixtures=[1]).status_code == 200
        refused = snapshot(sandbox, "PreMatch/GetFixtureMarkets", fixtures=[1])

        assert refused.status_code == 429
        assert refused.json()["Header"]["Errors"] == [{"Message": "Too many requests."}]
        assert sandbox.counts["requests_too_close"] == 1


@pytest.mark.parametrize(("too_many", "code"), [(403, 403), (200, 200)])
def test_a_limit_may_be_told_otherwise(too_many: int, code: int) -> None:
    with Sandbox(options=Options(too_many=too_many)) as sandbox:
        snapshot(sandbox)
        refused = snapshot(sandbox)

        assert (refused.status_code, refused.json()["Header"]["HttpStatusCode"]) == (code, 429)


def test_a_timestamp_may_be_no_filter() -> None:
    options = Options(timestamp_filters=False)
    with Sandbox(windows=Windows(request=0, snapshot=60), options=options) as sandbox:
        assert [snapshot(sandbox, timestamp=AT).status_code for _ in range(2)] == [200, 429]


def test_a_snapshot_is_in_the_package_s_format() -> None:
    for attributes, path in ((True, "Message/Body/Event"), (False, "Body")):
        layout = Layout(format=Format.XML, attributes=attributes)
        options = Options(prematch=PreMatch(layout=layout))
        with Sandbox(windows=Windows(request=0, snapshot=0), options=options) as sandbox:
            for fixture in (1, 2):
                sandbox.settle(fixture, 1, {"11": 2}, package="prematch")
            content = snapshot(sandbox, "PreMatch/GetFixtureMarkets").content
            root = ElementTree.fromstring(b"<r>" + content + b"</r>")

            assert len(root.findall(path)) == 2


def test_an_answer_may_be_cut_off_spoilt_empty_or_another(sandbox: Sandbox) -> None:
    sandbox.settle(1001, 1, {"11": 2})
    sandbox.fault(CutOff(path="InPlay"))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        snapshot(sandbox)

    sandbox.fault(BadJson(path="InPlay"))
    with pytest.raises(json.JSONDecodeError):
        json.loads(snapshot(sandbox).content)

    sandbox.fault(Empty(path="InPlay"))
    assert snapshot(sandbox).json()["Body"] is None
    sandbox.fault(Answer(path="InPlay", status=200, body='{"Header": {}, "Body": 7}'))
    assert snapshot(sandbox).json()["Body"] == 7
    assert len(snapshot(sandbox).json()["Body"]) == 1
