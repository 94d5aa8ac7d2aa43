"""The world: the same for everybody, with all that can happen, and told without a loss."""

import time
from collections import Counter
from xml.etree import ElementTree

import pytest

from feeds.sportradar.sandbox import Options, Sandbox, World
from feeds.sportradar.sandbox.faults import (
    Delay,
    Down,
    DropQueues,
    Duplicate,
    Fault,
    ForeignSnapshot,
    RepeatRecovery,
    Up,
)
from feeds.sportradar.sandbox.lives import LIVES
from feeds.sportradar.windows import Windows
from tests.feeds.sportradar.sandbox.clients import Came, Listener, recover

WORLD = World(seed=7, events=1000)
CODES = {"1": "liveodds", "3": "pre", "6": "vf"}


def test_a_world_is_the_same_for_everybody() -> None:
    small, again, other = World(events=50), World(events=50), World(seed=2, events=50)

    assert small.happenings == again.happenings
    assert small.cast == again.cast
    assert small.happenings != other.happenings


def test_an_event_is_the_same_among_few_and_many_whenever_it_begins() -> None:
    few, many = World(events=20), World(events=40, start=1_800_000_000_000, span=60)

    assert few.cast == many.cast[:20]
    first = few.cast[0].ref
    kinds = [
        [one.body[:70] for one in sorted(world.happenings, key=lambda one: one.timestamp)
         if one.event == first]
        for world in (few, many)
    ]  # fmt: skip
    assert kinds[0] == kinds[1] != []


def test_a_world_s_times_follow_from_its_start_and_span() -> None:
    world = World(events=200, start=1_800_000_000_000, span=60)

    assert all(0 <= one.timestamp - world.start <= 60_000 for one in world.happenings)
    told = [one.told_at for one in world.happenings]
    assert told == sorted(told)
    assert told[-1] - world.start < 65_000
    assert world.placing == (world.start - 7_200_000, world.start)


def test_everything_happens_in_a_world() -> None:
    kinds: Counter[str] = Counter()
    for one in WORLD.happenings:
        kinds.update(what_is_in(ElementTree.fromstring(one.body)))

    assert set(kinds) == {
        "bet_settlement", "rollback_bet_settlement", "bet_cancel", "rollback_bet_cancel",
        "certainty 1", "certainty 2", "no certainty", "result 1", "result 0", "result -1",
        "half void", "void", "dead heat 0.5", "dead heat 0.33", "void reason", "part of a market",
        "window", "from", "until", "always", "superceded", "no markets", "negative id",
        "season", "race", "virtual", "two specifiers", "value with a colon",
    }  # fmt: skip
    assert len({one.product for one in WORLD.happenings}) == 3


def what_is_in(root: ElementTree.Element) -> set[str]:
    """Return what a message is an example of."""
    found = {root.tag}
    event = root.attrib["event_id"]
    found |= {word for word, part in (
        ("negative id", ":-"), ("season", ":season:"), ("race", ":stage:"), ("virtual", "vf:"),
    ) if part in event}  # fmt: skip
    if root.tag == "bet_settlement":
        certainty = root.get("certainty")
        found.add(f"certainty {certainty}" if certainty else "no certainty")
    if root.tag == "bet_cancel":
        limits = (root.get("start_time") is None, root.get("end_time") is None)
        found.add({(False, False): "window", (False, True): "from", (True, False): "until",
                   (True, True): "always"}[limits])  # fmt: skip
    if root.get("superceded_by"):
        found.add("superceded")
    markets = list(root.iter("market"))
    if not markets:
        found.add("no markets")
    for market in markets:
        found |= what_is_said_of(market, root.tag)
    return found


def what_is_said_of(market: ElementTree.Element, root: str) -> set[str]:
    """Return what a market is an example of."""
    found = set()
    specifiers = market.get("specifiers", "")
    if "|" in specifiers:
        found.add("two specifiers")
    if ":" in specifiers:
        found.add("value with a colon")
    if market.get("void_reason") is not None:
        found.add("void reason")
    for outcome in market:
        if root == "rollback_bet_settlement":
            found.add("part of a market")
            continue
        found.add(f"result {outcome.attrib['result']}")
        if void := outcome.get("void_factor"):
            found.add("half void" if void == "0.5" else "void")
        if (factor := outcome.get("dead_heat_factor")) not in (None, "1.0"):
            found.add(f"dead heat {factor}")
    return found


def test_each_life_is_lived() -> None:
    assert len({life.__name__ for life, _ in LIVES}) == len(LIVES) == 19


def test_some_messages_come_twice_and_some_late() -> None:
    bodies = Counter(one.body for one in WORLD.happenings)
    late = [one for one in WORLD.happenings if one.told_at > one.timestamp + 1000]

    assert max(bodies.values()) == 2
    assert 0.04 < sum(count - 1 for count in bodies.values()) / len(bodies) < 0.08
    assert len(late) > 0.05 * len(bodies)


def test_no_two_messages_of_an_event_have_the_same_time() -> None:
    times = Counter((one.event, one.timestamp) for one in {
        one.body: one for one in WORLD.happenings if b"superceded" not in one.body
        and b"<market" in one.body
    }.values())  # fmt: skip

    assert set(times.values()) == {1}


def test_a_story_is_told_in_its_time(sandbox: Sandbox) -> None:
    sandbox.options = Options(active=())
    world = World(events=20, start=sandbox.vendor.now(), span=1)

    began = time.monotonic()
    playing = sandbox.play(world)
    assert not playing.is_over
    assert playing.join(10)

    assert 0.5 < time.monotonic() - began < 10
    told = [entry for product in (1, 3, 6) for entry in sandbox.vendor.producer(product).history]
    assert Counter(one.body for one in told) == Counter(one.body for one in world.happenings)
    assert all(0 <= one.sent_at - one.timestamp < 9000 for one in told)


def test_a_story_that_is_stopped_is_told_no_further(sandbox: Sandbox) -> None:
    playing = sandbox.play(World(events=20, start=sandbox.vendor.now(), span=600))
    playing.stop()

    assert not playing.is_over
    assert sandbox.counts["messages_told"] < 5


class Careful:
    """A client that recovers a producer whenever it must, from its last good alive."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.found: set[bytes] = set()
        self.good = dict.fromkeys(CODES, sandbox.vendor.now() - 1)
        self.open: dict[str, str] = {}
        self.request = 0
        self.listener = Listener(sandbox)
        for product in self.good:
            self.recover(product)

    def recover(self, product: str) -> None:
        """Ask for what was missed."""
        self.request += 1
        self.open[product] = str(self.request)
        query = {"after": self.good[product], "request_id": self.request}
        while recover(self.sandbox, CODES[product], **query).status_code != 202:
            time.sleep(0.05)

    def listen_anew(self) -> None:
        """Begin anew after the queue is gone."""
        self.listener = Listener(self.sandbox)
        for product in self.good:
            self.recover(product)

    def hear(self, one: Came) -> None:
        """Take a message in."""
        said = one.said
        product = said["product"]
        if one.root == "alive":
            self.hear_alive(product, said)
        elif one.root == "snapshot_complete":
            if self.open.get(product) == said["request_id"]:
                del self.open[product]
        else:
            ours = one.body
            if number := said.get("request_id"):
                ours = ours.replace(f' request_id="{number}"'.encode(), b"")
            self.found.add(ours)

    def hear_alive(self, product: str, said: dict[str, str]) -> None:
        """Note the time of a good sign of life, or ask for a recovery."""
        if said["subscribed"] == "0":
            if product not in self.open:
                self.recover(product)
        elif product not in self.open:
            self.good[product] = int(said["timestamp"])

    def listen(self, seconds: float) -> None:
        """Take messages in for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                came = self.listener.take(wait=0.05)
            except Exception:
                self.listen_anew()
                continue
            for one in came:
                self.hear(one)


FAULTS: list[Fault] = [
    DropQueues(), Down(product=1), Up(product=1), Delay(product=3, seconds=0.2), DropQueues(),
    Delay(product=3, seconds=0), RepeatRecovery(after=3), ForeignSnapshot(), Down(product=3),
    Duplicate(count=5), Up(product=3), DropQueues(),
]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_who_recovers_from_the_last_alive_misses_nothing(seed: int) -> None:
    with Sandbox(windows=Windows(alive=0.03, minute=0.05)) as sandbox:
        world = World(seed=seed, events=300, start=sandbox.vendor.now(), span=2.5)
        client = Careful(sandbox)
        playing = sandbox.play(world)
        for fault in FAULTS:
            client.listen(0.2)
            sandbox.fault(fault)
        client.listen(0.3)
        assert playing.join(10)
        wanted = {one.body for one in world.happenings}
        deadline = time.monotonic() + 20
        while (client.open or client.found != wanted) and time.monotonic() < deadline:
            client.listen(0.1)

        assert client.open == {}
        assert client.found == wanted
        assert sandbox.counts["recoveries_completed"] >= 4
