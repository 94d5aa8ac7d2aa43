"""What the packages say in time: signs of life, settlements, and what goes wrong."""

import json
import time

import pytest

from feeds.lsports.sandbox import Bet, Market, Options, Sandbox
from feeds.lsports.sandbox.faults import (
    Delay,
    DistributionOff,
    DistributionOn,
    Duplicate,
    Fault,
    Interrupted,
    Outage,
    Over,
    Silent,
    SkipHeartbeats,
)
from feeds.lsports.sandbox.vendor import NoSuchPackage
from feeds.lsports.windows import Windows
from tests.feeds.lsports.sandbox.clients import Came, Reader, snapshot

QUICK = Windows(heartbeat=0.05, keep_alive=0.1, request=0, snapshot=0)
OFFER = Market("1", "1X2", (Bet("11", "1"), Bet("12", "X"), Bet("13", "2")))


def bets(came: Came) -> list[dict[str, object]]:
    """Return the bets of a message with one market."""
    found: list[dict[str, object]] = came.said["Body"]["Events"][0]["Markets"][0]["Bets"]
    return found


def test_both_packages_have_heartbeats_and_one_keeps_alive() -> None:
    with Sandbox(windows=QUICK) as sandbox:
        inplay, prematch = Reader(sandbox, "_430_"), Reader(sandbox, "_431_")
        sandbox.offer(1001, OFFER)
        sandbox.offer(1002, OFFER, package="prematch")

        assert [list(one.said) for one in prematch.until(32, 2)] == [["Header"], ["Header"]]
        alive = inplay.until(31, 2)[-1].said["Body"]["KeepAlive"]
        assert alive["ActiveEvents"] == [1001]
        assert 31 not in [one.kind for one in prematch.take(wait=0.3)]


def test_a_fixture_that_is_over_or_forgotten_is_followed_no_more() -> None:
    with Sandbox(windows=QUICK) as sandbox:
        reader = Reader(sandbox)
        for fixture in (1, 2, 3):
            sandbox.offer(fixture, OFFER)
        sandbox.end_fixture(1, 4)
        sandbox.forget(2)
        reader.take()

        assert reader.until(31)[-1].said["Body"]["KeepAlive"]["ActiveEvents"] == [3]


def test_a_bet_is_settled_taken_back_settled_otherwise_and_opened(
    sandbox: Sandbox, reader: Reader
) -> None:
    sandbox.offer(1001, OFFER)
    sandbox.settle(1001, 1, {"11": 2, "12": 1})
    sandbox.take_back(1001, 1, ["11"])
    sandbox.settle(1001, 1, {"11": 4})
    sandbox.reopen(1001, 1, ["11"])
    told = [bets(one) for one in reader.told()]

    assert [(one["Id"], one["Settlement"]) for one in told[0]] == [(11, 2), (12, 1)]
    [back], [again], [opened] = told[1:]
    assert (back["Status"], back["Settlement"]) == (3, -1)
    assert (again["Status"], again["Settlement"]) == (3, 4)
    assert opened["Status"] == 1
    assert "Settlement" not in opened
    times = [str(one["LastUpdate"]) for one in (told[0][0], back, again, opened)]
    assert times == sorted(set(times))


def test_both_packages_may_say_the_same(sandbox: Sandbox) -> None:
    told = sandbox.settle(1001, 1, {"11": 2}, package="both", at=1753091636180)

    assert told.packages == ("inplay", "prematch")
    for queue in ("_430_", "_431_"):
        [came] = Reader(sandbox, queue).told()
        [bet] = bets(came)
        assert (bet["Settlement"], bet["LastUpdate"]) == (2, "2025-07-21T09:53:56.1800000Z")


def test_there_are_two_packages(sandbox: Sandbox) -> None:
    with pytest.raises(NoSuchPackage, match="no package live"):
        sandbox.settle(1, 1, {"1": 1}, package="live")


@pytest.mark.parametrize("kind", [42, 43])
def test_what_was_settled_as_an_outright_stays_one(
    sandbox: Sandbox, reader: Reader, kind: int
) -> None:
    sandbox.settle(7, 274, {"5": 2}, kind=kind)
    sandbox.take_back(7, 274, ["5"])

    assert [one.kind for one in reader.told()] == [kind, kind]


def test_a_message_comes_as_it_is(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.publish(b'{"Header":{"Type":35}')
    sandbox.publish(b"\xff\xfe")

    assert [one.body for one in reader.take()[-2:]] == [b'{"Header":{"Type":35}', b"\xff\xfe"]


@pytest.mark.parametrize("fault", [Silent(package="inplay"), Outage(), DistributionOff()])
def test_what_is_said_meanwhile_is_in_the_snapshot_only(
    sandbox: Sandbox, reader: Reader, fault: Fault
) -> None:
    sandbox.fault(fault)
    sandbox.settle(1001, 1, {"11": 2})
    sandbox.fault(Over())
    sandbox.fault(DistributionOn())
    sandbox.settle(1001, 1, {"12": 1})

    [came] = reader.told()
    assert [one["Id"] for one in bets(came)] == [12]
    [fixture] = snapshot(sandbox).json()["Body"]
    assert [one["Id"] for one in fixture["Markets"][0]["Bets"]] == [11, 12]
    assert sandbox.counts["messages_lost"] == 1


def test_a_silent_package_has_no_heartbeat_and_one_that_loses_messages_has() -> None:
    with Sandbox(windows=QUICK) as sandbox:
        inplay, prematch = Reader(sandbox, "_430_"), Reader(sandbox, "_431_")
        sandbox.fault(Silent(package="inplay", seconds=0.4))
        sandbox.fault(Outage(package="prematch", seconds=60))
        inplay.take()

        assert inplay.take(wait=0.2) == []
        prematch.until(32, 2)
        inplay.until(32)


def test_heartbeats_may_say_that_the_feed_is_interrupted_or_be_left_out() -> None:
    with Sandbox(windows=Windows(heartbeat=0.05)) as sandbox:
        reader = Reader(sandbox, "_431_")
        sandbox.fault(Interrupted(seconds=0.3))
        interrupted = [one for one in reader.until(32, 4) if "Body" in one.said]
        assert interrupted[0].said["Body"] == {"FeedInterrupted": [1]}

        sandbox.fault(SkipHeartbeats(package="prematch", count=2))
        time.sleep(0.5)
        assert "Body" not in reader.until(32)[-1].said


def test_messages_come_twice_and_late(sandbox: Sandbox, reader: Reader) -> None:
    first = sandbox.settle(1, 1, {"1": 1}).body
    sandbox.fault(Duplicate(count=1))
    assert [one.body for one in reader.told()] == [first, first]

    sandbox.fault(Delay(seconds=0.8))
    sandbox.settle(1, 1, {"1": 2})
    assert reader.told() == []
    assert [one.kind for one in reader.until(35)] == [35]
    assert sandbox.counts["messages_late"] >= 1


def test_what_is_late_is_lost_when_the_distribution_ends(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.fault(Delay(seconds=0.2))
    sandbox.settle(1, 1, {"1": 2})
    sandbox.fault(DistributionOff())
    time.sleep(0.5)

    assert reader.told() == []
    assert sandbox.counts["messages_lost"] >= 1


def test_too_many_messages_end_the_distribution() -> None:
    with Sandbox(options=Options(cut_off=5)) as sandbox:
        reader = Reader(sandbox)
        sandbox.odds(20)

        assert reader.depth()["depth"] == 5
        assert not sandbox.vendor.package("inplay").state.distributing
        assert sandbox.vendor.package("prematch").state.distributing
        assert (sandbox.counts["cut_offs"], sandbox.counts["violations"]) == (1, 1)


def test_whoever_reads_in_time_is_not_cut_off() -> None:
    with Sandbox(options=Options(cut_off=8)) as sandbox:
        reader = Reader(sandbox)
        for _ in range(10):
            sandbox.odds(4)
            reader.acknowledge(reader.take()[-1].tag)

        assert sandbox.counts["cut_offs"] == 0


def test_odds_have_new_headers_and_about_eight_kilobytes(sandbox: Sandbox, reader: Reader) -> None:
    assert sandbox.odds(40) == 40
    came = reader.told()

    assert len({one.said["Header"]["MsgGuid"] for one in came}) == 40
    assert {one.kind for one in came} == {3}
    assert 7_000 < sum(len(one.body) for one in came) / 40 < 9_000
    assert json.loads(came[0].body)["Body"]["Events"][0]["Markets"][0]["Bets"][0]["Status"] == 1


def test_odds_flow_at_a_rate_until_they_are_stopped(sandbox: Sandbox, reader: Reader) -> None:
    flow = sandbox.flow(50, bets=2)
    reader.until(3, 10)
    flow.stop()
    told = flow.told

    assert 10 <= told <= 500
    time.sleep(0.1)
    assert flow.told == told
