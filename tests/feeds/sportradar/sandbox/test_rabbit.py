"""The sandbox on a RabbitMQ: keys, headers, and connections that break."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
from kombu.connection import Connection

from feeds.sportradar.sandbox import Options, Sandbox
from feeds.sportradar.windows import Windows
from tests.feeds.proxy import Proxy
from tests.feeds.sportradar.sandbox.clients import BINDINGS, ask, now, recover

MATCH = "sr:match:-5"
QUIET = Options(active=())


class Reader:
    """A queue of a broker: exclusive, and gone with its connection."""

    def __init__(self, connection: Any, bindings: list[str]) -> None:
        self.connection = connection
        self.channel = connection.channel()
        self.name = self.channel.queue_declare("", exclusive=True, auto_delete=True).queue
        for binding in bindings:
            self.channel.queue_bind(self.name, "unifiedfeed", binding)
        self.came: list[Any] = []
        self.channel.basic_consume(self.name, no_ack=True, callback=self.came.append)

    def until(self, count: int) -> list[Any]:
        """Return the messages once there are so many."""
        deadline = time.monotonic() + 20
        while len(self.came) < count and time.monotonic() < deadline:
            try:
                self.connection.drain_events(timeout=0.2)
            except TimeoutError:
                continue
        assert len(self.came) >= count
        return self.came


@contextmanager
def reading(url: str, bindings: list[str] | None = None) -> Iterator[Reader]:
    """Listen on a broker."""
    connect: Callable[..., Any] = Connection
    with connect(url) as connection:
        yield Reader(connection, bindings or BINDINGS)


@pytest.fixture
def proxy(amqp_url: str) -> Iterator[Proxy]:
    """Something between the sandbox and its broker."""
    with closing(Proxy(amqp_url)) as proxy:
        yield proxy


def test_messages_reach_a_queue_with_key_header_and_body(amqp_url: str) -> None:
    with Sandbox(broker=amqp_url, options=QUIET) as sandbox, reading(amqp_url) as reader:
        told = sandbox.settle(MATCH, 1, {"1": 1})
        [came] = reader.until(1)

    assert came.delivery_info["exchange"] == "unifiedfeed"
    assert came.delivery_info["routing_key"] == "lo.-.live.bet_settlement.1.sr:match.-5.-"
    assert came.headers == {"timestamp_in_ms": told.sent_at}
    assert came.body == told.body


def test_alives_and_recoveries_come_through_the_broker(amqp_url: str) -> None:
    with Sandbox(broker=amqp_url, windows=Windows(alive=0.05)) as sandbox:
        before = now() - 1
        sandbox.settle(MATCH, 1, {"1": 1})
        with reading(amqp_url, ["-.-.-.alive.#"]) as alives:
            alives.until(3)
        with reading(amqp_url, ["*.*.*.bet_settlement.#", "-.-.-.snapshot_complete.#"]) as reader:
            recover(sandbox, after=before, request_id=6)
            settled, end = (ElementTree.fromstring(one.body) for one in reader.until(2)[:2])

    assert (settled.tag, end.tag) == ("bet_settlement", "snapshot_complete")
    assert settled.attrib["request_id"] == end.attrib["request_id"] == "6"


def test_whoami_names_the_broker_s_virtual_host(amqp_url: str) -> None:
    with Sandbox(broker=amqp_url, options=QUIET) as sandbox:
        found = ElementTree.fromstring(ask(sandbox, "GET", "/v1/users/whoami.xml").content)

        assert found.attrib["virtual_host"] == "/"
        assert sandbox.amqp_url == amqp_url


def test_a_virtual_host_may_begin_with_a_slash(amqp_url: str) -> None:
    sandbox = object.__new__(Sandbox)
    parts = urlsplit(amqp_url)
    sandbox.amqp_url = f"amqp://{parts.netloc}/{quote('/unifiedfeed/88', safe='')}"
    sandbox.port = 1

    assert sandbox.site.virtual_host == "/unifiedfeed/88"


def test_messages_that_reach_nobody_are_counted(amqp_url: str) -> None:
    key = f"lo.{secrets.token_hex(4)}"  # Other tests may listen on the same broker.
    with Sandbox(broker=amqp_url, options=QUIET) as sandbox:
        sandbox.publish(b"<nobody/>", key=key)
        with reading(amqp_url, [key]) as reader:
            sandbox.publish(b"<somebody/>", key=key)
            reader.until(1)
        sandbox.stop()

        assert sandbox.counts["messages_published"] == 2
        assert sandbox.counts["messages_unroutable"] == 1


def test_nothing_is_lost_when_the_publisher_s_connection_breaks(
    amqp_url: str, proxy: Proxy
) -> None:
    key = f"lo.{secrets.token_hex(4)}"
    with Sandbox(broker=proxy.url, options=QUIET) as sandbox, reading(amqp_url, [key]) as reader:
        talk = threading.Thread(target=tell, args=(sandbox, key, 3000))
        talk.start()
        for _ in range(4):
            time.sleep(0.1)
            proxy.cut()
        talk.join(30)
        sandbox.stop()
        time.sleep(0.2)
        reader.until(3000)

    numbers = list(dict.fromkeys(one.body for one in reader.came))
    assert len(numbers) == 3000
    assert numbers == sorted(numbers)
    assert sandbox.counts["broker_connects"] >= 2


def test_a_broker_that_was_away_gets_what_was_told_meanwhile(amqp_url: str, proxy: Proxy) -> None:
    key = f"lo.{secrets.token_hex(4)}"
    with Sandbox(broker=proxy.url, options=QUIET) as sandbox, reading(amqp_url, [key]) as reader:
        proxy.close()
        talk = threading.Thread(target=tell, args=(sandbox, key, 5))
        talk.start()
        time.sleep(0.3)
        assert talk.is_alive()

        proxy.open()
        talk.join(10)
        reader.until(5)
        assert list(dict.fromkeys(one.body for one in reader.came)) == [
            f"<m{number:05}/>".encode() for number in range(5)
        ]


def test_a_sandbox_ends_while_its_broker_is_away(proxy: Proxy) -> None:
    with Sandbox(broker=proxy.url, windows=Windows(alive=0.05)) as sandbox:
        proxy.close()
        time.sleep(0.3)
        began = time.monotonic()
        sandbox.stop()

        assert time.monotonic() - began < 5


def tell(sandbox: Sandbox, key: str, count: int) -> None:
    """Say so many different things."""
    for number in range(count):
        sandbox.publish(f"<m{number:05}/>".encode(), key=key)
