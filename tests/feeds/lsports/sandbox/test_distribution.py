"""The package's API: status, start, stop, and who may ask."""

from typing import Any

import pytest
import requests

from feeds.lsports.sandbox import Layout, Options, Sandbox
from feeds.lsports.sandbox.faults import Answer, ApiDown, ApiUp, DistributionOff, LostAnswer, Slow
from feeds.lsports.sandbox.options import Consumers, Format, InPlay
from feeds.lsports.windows import Windows
from tests.feeds.lsports.sandbox.clients import Reader, ask, start, status

STATUS = "/Package/GetDistributionStatus"


def test_the_status_tells_of_queue_and_readers(sandbox: Sandbox, reader: Reader) -> None:
    before = status(sandbox)
    sandbox.odds(50)
    reader.take(most=10)
    found = status(sandbox)

    assert before["IsDistributionOn"] is True
    assert before["Consumers"] == 0
    assert (found["Consumers"], found["NumberMessagesInQueue"] >= 50) == (1, True)
    assert found["MessagesPerSecond"] >= 10


def test_consumers_may_be_a_list(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.options = Options(consumers=Consumers.LIST)
    reader.take()

    assert status(sandbox)["Consumers"] == ["consumer-1"]
    assert status(sandbox, "prematch")["Consumers"] == []


@pytest.mark.parametrize(
    "words",
    [
        {"PackageId": 430, "UserName": "inplay", "Password": "sandbox"},
        {"packageId": "430", "userName": "inplay", "password": "sandbox"},
    ],
)
def test_keys_may_be_large_or_small(sandbox: Sandbox, words: dict[str, object]) -> None:
    answer = requests.post(sandbox.api_url + STATUS, json=words, timeout=5)

    assert answer.status_code == 200
    assert answer.json()["Header"]["HttpStatusCode"] == 200


def test_a_package_that_was_stopped_can_be_started() -> None:
    with Sandbox(windows=Windows(forbidden=0), options=Options(distributing=False)) as sandbox:
        reader = Reader(sandbox)
        sandbox.settle(1, 1, {"1": 2})
        assert status(sandbox)["IsDistributionOn"] is False

        assert start(sandbox).json()["Body"] == {"Message": "Start request sent successfully."}
        sandbox.settle(1, 1, {"2": 1})

        assert status(sandbox)["IsDistributionOn"] is True
        assert status(sandbox, "prematch")["IsDistributionOn"] is False
        assert len(reader.told()) == 1
        assert sandbox.counts["starts"] == 1


def test_after_a_start_the_broker_refuses_consumers_for_a_moment(sandbox: Sandbox) -> None:
    reader = Reader(sandbox)
    start(sandbox)
    assert reader.ask().status_code == 200

    sandbox.fault(DistributionOff(package="inplay"))
    start(sandbox)

    assert reader.ask().status_code == 403
    assert (sandbox.counts["starts"], sandbox.counts["starts_in_vain"]) == (1, 1)


def test_a_stop_is_a_violation(sandbox: Sandbox) -> None:
    ask(sandbox, "/Distribution/Stop")

    assert status(sandbox)["IsDistributionOn"] is False
    assert (sandbox.counts["stops"], sandbox.counts["violations"]) == (1, 1)


@pytest.mark.parametrize(
    ("options", "body"),
    [
        (Options(start_as_text=True), "Start request sent successfully."),
        (Options(start_as_text=False), {"Message": "Start request sent successfully."}),
    ],
)
def test_the_answer_to_a_start_is_an_object_or_a_sentence(
    sandbox: Sandbox, options: Options, body: object
) -> None:
    sandbox.options = options

    assert start(sandbox).json()["Body"] == body


def test_the_answers_keys_may_begin_with_small_letters(sandbox: Sandbox) -> None:
    sandbox.options = Options(camel=True)
    found: Any = ask(sandbox, STATUS).json()

    assert found["header"]["httpStatusCode"] == 200
    assert found["body"]["isDistributionOn"] is True


def test_a_package_of_xml_answers_in_xml() -> None:
    options = Options(inplay=InPlay(layout=Layout(format=Format.XML)))
    with Sandbox(options=options) as sandbox:
        assert b'<Body IsDistributionOn="true" Consumers="0"' in ask(sandbox, STATUS).content
        assert ask(sandbox, STATUS, "prematch").json()["Body"]["Consumers"] == 0


@pytest.mark.parametrize("wrong", [{"packageId": 431}, {"userName": "x"}, {"password": ""}])
@pytest.mark.parametrize(("denied", "code"), [(401, 401), (403, 403), (200, 200)])
def test_wrong_credentials_are_refused(
    sandbox: Sandbox, wrong: dict[str, Any], denied: int, code: int
) -> None:
    sandbox.options = Options(denied=denied)
    answer = ask(sandbox, STATUS, **wrong)

    assert answer.status_code == code
    assert answer.json()["Header"]["HttpStatusCode"] == 401
    assert answer.json()["Header"]["Errors"] == [
        {"Message": "The package id, user name or password is wrong."}
    ]
    assert answer.json()["Body"] is None
    assert sandbox.counts["refused_credentials"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", STATUS, "", 405),
        ("POST", "/Package/Nothing", "{}", 404),
        ("POST", STATUS, "no JSON", 400),
        ("POST", STATUS, "[1]", 400),
    ],
)
def test_what_makes_no_sense_is_refused(
    sandbox: Sandbox, method: str, path: str, body: str, code: int
) -> None:
    answer = requests.request(method, sandbox.api_url + path, data=body, timeout=5)

    assert answer.status_code == code
    assert answer.json()["Header"]["Errors"]


def test_answers_go_wrong_on_demand(sandbox: Sandbox) -> None:
    sandbox.fault(Answer(path="Status", status=500))
    sandbox.fault(LostAnswer(path="Status"))
    sandbox.fault(Slow(path="Status", seconds=0.2))

    assert ask(sandbox, STATUS).status_code == 500
    with pytest.raises(requests.ConnectionError):
        ask(sandbox, STATUS)
    assert ask(sandbox, STATUS).status_code == 200


def test_the_api_may_be_down(sandbox: Sandbox) -> None:
    sandbox.fault(ApiDown())
    assert ask(sandbox, STATUS).status_code == 503

    sandbox.fault(ApiUp())
    assert ask(sandbox, STATUS).status_code == 200
