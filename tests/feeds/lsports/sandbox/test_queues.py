"""The queues that need no broker: they stay, and have one reader."""

import threading
import time

import pytest
import requests

from feeds.lsports.sandbox import Options, Sandbox
from feeds.lsports.sandbox.faults import RefuseConsumers
from feeds.lsports.sandbox.options import InPlay
from tests.feeds.lsports.sandbox.clients import Reader, status

FIRST, SECOND, THIRD = (f'{{"Header":{{"Type":{one}}}}}'.encode() for one in (101, 102, 103))


def bodies(reader: Reader, **words: float) -> list[bytes]:
    """Return what a reader gets, without signs of life."""
    return [one.body for one in reader.take(**words) if one.kind > 100]  # type: ignore[arg-type]


def tell(sandbox: Sandbox) -> None:
    """Say three things."""
    for body in (FIRST, SECOND, THIRD):
        sandbox.publish(body)


def test_what_is_not_acknowledged_comes_again_to_the_next_reader(sandbox: Sandbox) -> None:
    tell(sandbox)
    one, two = Reader(sandbox, name="one"), Reader(sandbox, name="two")
    came = [each for each in one.take() if each.kind > 100]
    one.acknowledge(came[0].tag)
    assert bodies(one) == []

    again = [each for each in two.take() if each.kind > 100]
    assert [(each.tag, each.body) for each in again] == [
        (came[1].tag, SECOND),
        (came[2].tag, THIRD),
    ]
    assert one.acknowledge(came[2].tag) == 0
    assert two.acknowledge(came[2].tag) >= 2
    assert sandbox.counts["second_readers"] == 0


def test_two_readers_at_once_are_counted(sandbox: Sandbox) -> None:
    one, two = Reader(sandbox, name="one"), Reader(sandbox, name="two")
    for reader in (one, two, one):
        reader.take()

    assert (sandbox.counts["second_readers"], sandbox.counts["violations"]) == (1, 1)


def test_a_queue_stays_when_nobody_reads_it(sandbox: Sandbox) -> None:
    tell(sandbox)
    time.sleep(0.1)

    assert Reader(sandbox).depth()["depth"] >= 3


def test_a_reader_waits_for_the_first_message(sandbox: Sandbox, reader: Reader) -> None:
    reader.until(31)
    threading.Timer(0.2, sandbox.publish, (FIRST,)).start()
    began = time.monotonic()

    assert bodies(reader, wait=5) == [FIRST]
    assert time.monotonic() - began < 3


def test_nobody_may_read_for_a_while(sandbox: Sandbox, reader: Reader) -> None:
    tell(sandbox)
    sandbox.fault(RefuseConsumers(package="inplay", seconds=0.5))
    refused = reader.ask()

    assert refused.status_code == 403
    assert refused.json()["detail"] == "ACCESS_REFUSED: queue _430_ in exclusive use."
    assert Reader(sandbox, "_431_").ask().status_code == 200
    time.sleep(0.6)
    assert bodies(reader) == [FIRST, SECOND, THIRD]
    assert sandbox.counts["refused_consumers"] == 1


def test_a_queue_may_have_a_name_of_its_own() -> None:
    with Sandbox(options=Options(inplay=InPlay(id=77, queue="ours"))) as sandbox:
        tell(sandbox)

        assert len(bodies(Reader(sandbox, "ours"))) == 3
        assert Reader(sandbox, "_77_").ask().status_code == 404
        assert status(sandbox)["IsDistributionOn"] is True


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "", "{}", 404),
        ("DELETE", "/_430_", "", 404),
        ("GET", "/_999_", "", 404),
        ("POST", "/_430_/ack", "{}", 400),
        ("GET", "/_430_?most=0", "", 400),
        ("GET", "/_430_?wait=x", "", 400),
    ],
)
def test_queues_are_neither_made_nor_deleted(
    sandbox: Sandbox, method: str, path: str, body: str, code: int
) -> None:
    answer = requests.request(method, sandbox.queues_url + path, data=body, timeout=5)

    assert answer.status_code == code
    assert answer.json()["detail"]
