"""The API: who may ask, what is described, and how often one may ask."""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from feeds.sportradar.sandbox import Options, Sandbox
from feeds.sportradar.sandbox.faults import Answer, ApiDown, ApiUp, Down, Fault, LostAnswer, Slow
from feeds.sportradar.sandbox.options import TooOld
from feeds.sportradar.windows import Windows
from tests.feeds.sportradar.sandbox.clients import Listener, ask, now, recover

WHOAMI = "/v1/users/whoami.xml"
PRODUCERS = "/v1/descriptions/producers.xml"
MINUTE, DAY = 60_000, 86_400_000
STATEFUL = "/v1/liveodds/stateful_messages/events/sr:match:1/initiate_request"


def test_whoami_tells_the_bookmaker_and_where_the_messages_are(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "GET", WHOAMI)

    found = ElementTree.fromstring(answer.content)
    assert (found.tag, found.attrib["response_code"]) == ("bookmaker_details", "OK")
    assert found.attrib["bookmaker_id"] == "88"
    assert found.attrib["virtual_host"] == "/unifiedfeed/88"
    assert found.attrib["expire_at"].endswith("Z")
    assert answer.headers["Content-Type"] == "application/xml"


def test_the_server_s_clock_may_be_wrong(sandbox: Sandbox) -> None:
    sandbox.options = Options(skew=3600)

    answer = ask(sandbox, "GET", WHOAMI)

    ahead = parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()
    assert 3590 < ahead < 3605
    assert sandbox.settle("sr:match:1", 1, {"1": 1}).timestamp > now() + 3_590_000


def test_producers_are_listed_with_their_windows(sandbox: Sandbox) -> None:
    found = ElementTree.fromstring(ask(sandbox, "GET", PRODUCERS).content)

    listed = {one.attrib["id"]: one.attrib for one in found}
    assert len(listed) == 15
    assert listed["1"] == {
        "id": "1",
        "name": "liveodds",
        "description": "Live Odds",
        "api_url": f"{sandbox.api_url}/v1/liveodds/",
        "active": "true",
        "scope": "live",
        "stateful_recovery_window_in_minutes": "600",
    }
    assert [one for one, said in listed.items() if said["active"] == "true"] == ["1", "3", "6"]
    assert listed["14"]["scope"] == "prematch|live"


def test_void_reasons_are_listed(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "GET", "/v1/descriptions/void_reasons.xml")

    listed = {one.attrib["id"]: one.attrib["description"]
              for one in ElementTree.fromstring(answer.content)}  # fmt: skip
    assert len(listed) == 17
    assert listed["15"] == "CLIENT_SIDE_SETTLEMENT_NEEDED"


@pytest.mark.parametrize("token", [None, "", "another"])
def test_without_the_token_nothing_is_told(sandbox: Sandbox, token: str | None) -> None:
    headers = {} if token is None else {"x-access-token": token}

    answer = requests.get(sandbox.api_url + WHOAMI, headers=headers, timeout=5)

    assert answer.status_code == 403
    assert ElementTree.fromstring(answer.content).attrib == {"response_code": "FORBIDDEN"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [({"token_expired": True}, "has expired"), ({"blocked": True}, "address")],
)
def test_a_token_may_expire_and_an_address_be_blocked(
    sandbox: Sandbox, words: dict[str, Any], sentence: str
) -> None:
    sandbox.options = Options(**words)

    answer = ask(sandbox, "GET", WHOAMI)

    assert answer.status_code == 403
    assert sentence in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/liveodds/recovery/initiate_request?after=soon", 400),
        ("/v1/liveodds/recovery/initiate_request?request_id=x", 400),
        ("/v1/liveodds/recovery/initiate_request?node_id=", 400),
        ("/v1/unheard/recovery/initiate_request", 404),
        ("/v1/betpal/recovery/initiate_request", 403),
        ("/v1/unheard/stateful_messages/events/sr:match:1/initiate_request", 404),
        ("/v1/liveodds/recovery", 404),
        ("/v1/unheard", 404),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_counted_as_a_recovery(
    sandbox: Sandbox, path: str, status: int
) -> None:
    assert ask(sandbox, "POST", path).status_code == status
    assert sandbox.counts["buckets"] == {}
    assert sandbox.counts["recoveries_asked"] == 0


def test_both_ways_to_write_the_path_are_known(sandbox: Sandbox) -> None:
    for root in ("", "/v1"):
        path = f"{root}/pre/recovery/initiate_request?request_id=1"
        assert ask(sandbox, "POST", path).status_code == 202

    assert sandbox.counts["recoveries"] == {"pre": 2}
    assert sandbox.counts["requests_too_close"] == 1


@pytest.mark.parametrize(
    ("age", "most"), [(MINUTE, 20), (31 * MINUTE, 4), (DAY + MINUTE, 2), (None, 2)]
)
def test_recoveries_of_all_producers_together_are_limited(
    sandbox: Sandbox, age: int | None, most: int
) -> None:
    query = {} if age is None else {"after": now() - age}
    sandbox.options = Options(active=(3, 7))

    answers = [recover(sandbox, "pre", **query).status_code for _ in range(most + 1)]

    assert answers == [202] * most + [429]
    assert recover(sandbox, "wns", **query).status_code == 429
    assert sandbox.counts["violations"] == 2


def test_limits_may_be_each_producer_s_own(sandbox: Sandbox) -> None:
    sandbox.options = Options(per_producer=True)

    for code in ("pre", "liveodds"):
        assert [recover(sandbox, code).status_code for _ in range(3)] == [202, 202, 429]


def test_a_hundred_events_in_ten_minutes_are_allowed(sandbox: Sandbox) -> None:
    answers = [ask(sandbox, "POST", STATEFUL).status_code for _ in range(101)]

    assert answers == [202] * 100 + [429]
    assert sandbox.counts["buckets"] == {"EVENT": 100}
    assert sandbox.counts["refused_limit"] == 1


def test_a_bucket_is_refilled_after_its_window() -> None:
    with Sandbox(windows=Windows(minute=0.05)) as sandbox:
        assert [recover(sandbox).status_code for _ in range(3)] == [202, 202, 429]
        assert until(lambda: recover(sandbox).status_code == 202)


def test_more_than_the_window_is_refused_or_cut(sandbox: Sandbox) -> None:
    long_ago = now() - 601 * MINUTE

    assert recover(sandbox, after=long_ago).status_code == 400
    sandbox.options = Options(too_old=TooOld.CLAMPED)
    assert recover(sandbox, after=long_ago).status_code == 202

    assert sandbox.counts["after_too_old"] == sandbox.counts["after_clamped"] == 1
    assert sandbox.counts["buckets"] == {"HOURS": 1}


def test_what_lies_ahead_can_t_be_recovered(sandbox: Sandbox) -> None:
    assert recover(sandbox, after=now() + MINUTE).status_code == 400
    assert sandbox.counts["after_ahead"] == 1


def test_a_recovery_of_a_producer_that_is_down_fails_and_counts(sandbox: Sandbox) -> None:
    sandbox.fault(Down(product=1))

    assert recover(sandbox, after=now() - 1).status_code == 503
    assert recover(sandbox, "pre", after=now() - 1).status_code == 202
    assert sandbox.counts["buckets"] == {"MINUTES": 2}
    assert (sandbox.counts["refused_down"], sandbox.counts["recoveries_asked"]) == (1, 1)


def test_the_api_is_down_and_comes_back(sandbox: Sandbox) -> None:
    sandbox.fault(ApiDown())
    assert ask(sandbox, "GET", WHOAMI).status_code == 503
    assert recover(sandbox).status_code == 503
    assert sandbox.counts["buckets"] == {}

    sandbox.fault(ApiUp())
    assert ask(sandbox, "GET", WHOAMI).status_code == 200
    sandbox.fault(ApiDown(seconds=1))
    assert ask(sandbox, "GET", WHOAMI).status_code == 503
    assert until(lambda: listens(sandbox))


@pytest.mark.parametrize("fault", [ApiDown(refuse=True), ApiDown(refuse=True, seconds=0.3)])
def test_nobody_listens_for_a_while(sandbox: Sandbox, fault: ApiDown) -> None:
    sandbox.fault(fault)
    assert until(lambda: not listens(sandbox))

    if fault.seconds is None:
        sandbox.fault(ApiUp())
    assert until(lambda: listens(sandbox))


@pytest.mark.parametrize(
    ("fault", "status", "asked"),
    [
        (Answer(path="recovery", status=500), 500, 0),
        (Answer(path="recovery", status=200, body="<html>"), 200, 0),
        (LostAnswer(path="recovery"), None, 1),
        (Slow(path="recovery", seconds=0.1), 202, 1),
    ],
)
def test_an_answer_goes_wrong_once(
    sandbox: Sandbox, fault: Fault, status: int | None, asked: int
) -> None:
    sandbox.fault(fault)

    assert ask(sandbox, "GET", WHOAMI).status_code == 200
    if status is None:
        with pytest.raises(requests.ConnectionError):
            recover(sandbox)
    else:
        assert recover(sandbox).status_code == status
    assert sandbox.counts["recoveries_asked"] == asked
    assert recover(sandbox).status_code == 202


def test_requests_are_counted_by_what_they_ask_for(sandbox: Sandbox) -> None:
    Listener(sandbox)
    ask(sandbox, "GET", WHOAMI)
    ask(sandbox, "GET", PRODUCERS)
    ask(sandbox, "POST", STATEFUL)
    recover(sandbox)
    ask(sandbox, "GET", "/v1/elsewhere")

    assert sandbox.counts["requests"] == {
        "whoami": 1, "producers": 1, "stateful": 1, "recovery": 1, "unknown": 1,
    }  # fmt: skip


def listens(sandbox: Sandbox) -> bool:
    """Say whether the API answers."""
    try:
        return ask(sandbox, "GET", WHOAMI).status_code == 200
    except requests.RequestException:
        return False


def until(fact: Callable[[], bool]) -> bool:
    """Wait until something is so."""
    deadline = time.monotonic() + 5
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
