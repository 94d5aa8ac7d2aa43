"""The sandbox on a RabbitMQ: durable queues that are there before anybody asks."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from amqp.exceptions import AccessRefused, NotFound
from kombu.connection import Connection

from feeds.lsports.sandbox import Options, Sandbox
from feeds.lsports.sandbox.faults import DistributionOff, RefuseConsumers
from feeds.lsports.sandbox.options import InPlay, PreMatch
from feeds.lsports.windows import Windows
from tests.feeds.lsports.sandbox.clients import snapshot, start, status
from tests.feeds.proxy import Proxy

SHORT = Windows(request=0, snapshot=0)
SIGNS = (b'"Type":31', b'"Type":32')


@pytest.fixture
def options() -> Options:
    """Packages of their own: other tests may use the same broker."""
    number = 10**6 + secrets.randbelow(10**8)
    return Options(inplay=InPlay(id=number), prematch=PreMatch(id=number + 1))


@contextmanager
def channel_of(url: str) -> Iterator[Any]:
    """Yield a channel of a broker."""
    connect: Callable[..., Any] = Connection  # Its library has no annotations.
    with connect(url) as connection:
        yield connection.channel()


def consumed(channel: Any, queue: str, count: int) -> list[Any]:
    """Return so many messages of a queue, without signs of life."""
    came: list[Any] = []

    def take(message: Any) -> None:
        if not any(sign in message.body for sign in SIGNS):
            came.append(message)

    channel.basic_consume(queue, no_ack=True, callback=take)
    deadline = time.monotonic() + 20
    while len(came) < count and time.monotonic() < deadline:
        try:
            channel.connection.drain_events(timeout=0.2)
        except TimeoutError:
            continue
    assert len(came) >= count
    return came


def test_messages_wait_in_a_durable_queue_for_whoever_comes(
    amqp_url: str, options: Options
) -> None:
    with Sandbox(broker=amqp_url, options=options, windows=SHORT) as sandbox:
        told = sandbox.settle(1001, 1, {"11": 2})
        with channel_of(str(sandbox.amqp_url("inplay"))) as channel:
            queue = options.inplay.queue_name
            channel.queue_declare(queue, passive=True)
            [came] = consumed(channel, queue, 1)

    assert came.body == told.body
    assert came.properties["content_type"] == "application/json"
    assert came.properties["delivery_mode"] == 2


def test_queues_are_gone_at_the_end_unless_they_are_to_be_kept(
    amqp_url: str, options: Options
) -> None:
    kept = Options(inplay=options.inplay, prematch=options.prematch, keep_queues=True)
    for chosen in (kept, kept, options):
        with Sandbox(broker=amqp_url, options=chosen, windows=SHORT) as sandbox:
            sandbox.settle(1001, 1, {"11": 2})
            depth = status(sandbox)["NumberMessagesInQueue"]
        with channel_of(amqp_url) as channel:
            if chosen is kept:
                assert channel.queue_declare(options.inplay.queue_name, passive=True)
            else:
                assert depth < 4
                with pytest.raises(NotFound):
                    channel.queue_declare(options.inplay.queue_name, passive=True)


def test_the_status_tells_what_the_broker_knows(amqp_url: str, options: Options) -> None:
    with Sandbox(broker=amqp_url, options=options, windows=SHORT) as sandbox:
        sandbox.odds(50)
        assert status(sandbox)["NumberMessagesInQueue"] >= 50

        with channel_of(amqp_url) as channel:
            consumed(channel, options.inplay.queue_name, 50)
            found = status(sandbox)

    assert (found["Consumers"], found["NumberMessagesInQueue"]) == (1, 0)


def test_too_many_messages_end_the_distribution(amqp_url: str, options: Options) -> None:
    tight = Options(inplay=options.inplay, prematch=options.prematch, cut_off=1000)
    with Sandbox(broker=amqp_url, options=tight, windows=SHORT) as sandbox:
        sandbox.odds(1500)
        sandbox.settle(1001, 1, {"11": 2})

        assert status(sandbox)["NumberMessagesInQueue"] == 1000
        assert status(sandbox)["IsDistributionOn"] is False
        assert sandbox.counts["cut_offs"] == 1
        assert len(snapshot(sandbox).json()["Body"]) == 1


def test_after_a_start_the_broker_refuses_consumers_for_a_moment(
    amqp_url: str, options: Options
) -> None:
    queue, windows = options.inplay.queue_name, Windows(forbidden=1)
    with Sandbox(broker=amqp_url, options=options, windows=windows) as sandbox:
        sandbox.fault(DistributionOff())
        start(sandbox)
        told = sandbox.settle(1001, 1, {"11": 2})
        with channel_of(amqp_url) as channel, pytest.raises(AccessRefused):
            channel.basic_consume(queue)
        time.sleep(1.3)
        with channel_of(amqp_url) as channel:
            [came] = consumed(channel, queue, 1)

    assert came.body == told.body


def test_whoever_consumes_already_is_not_thrown_out(amqp_url: str, options: Options) -> None:
    with (
        Sandbox(broker=amqp_url, options=options, windows=SHORT) as sandbox,
        channel_of(amqp_url) as channel,
    ):
        channel.basic_consume(options.inplay.queue_name, no_ack=True, callback=lambda message: None)
        sandbox.fault(RefuseConsumers(package="inplay", seconds=5))

        assert status(sandbox)["Consumers"] == 1


def test_nothing_is_lost_when_the_publisher_s_connection_breaks(
    amqp_url: str, options: Options
) -> None:
    with (
        closing(Proxy(amqp_url)) as proxy,
        Sandbox(broker=proxy.url, options=options, windows=SHORT) as sandbox,
        channel_of(amqp_url) as channel,
    ):
        talk = threading.Thread(target=tell, args=(sandbox, 3000))
        talk.start()
        for _ in range(3):
            time.sleep(0.1)
            proxy.cut()
        talk.join(30)
        came = consumed(channel, options.inplay.queue_name, 3000)

    assert list(dict.fromkeys(bytes(one.body) for one in came)) == [
        f"<m{number:05}/>".encode() for number in range(3000)
    ]
    assert sandbox.counts["broker_connects"] > 2


def test_the_status_is_answered_while_the_broker_is_away(amqp_url: str, options: Options) -> None:
    with (
        closing(Proxy(amqp_url)) as proxy,
        Sandbox(broker=proxy.url, options=options, windows=SHORT) as sandbox,
    ):
        proxy.close()
        time.sleep(0.3)
        sandbox.fault(DistributionOff())

        assert start(sandbox).status_code == 200
        assert status(sandbox)["IsDistributionOn"] is True


def test_packages_may_have_brokers_of_their_own(amqp_url: str, options: Options) -> None:
    urls = {"inplay": amqp_url, "prematch": f"{amqp_url}?"}
    with Sandbox(broker=urls, options=options) as sandbox:
        assert sandbox.amqp_url("prematch") == f"{amqp_url}?"


def tell(sandbox: Sandbox, count: int) -> None:
    """Say so many different things."""
    for number in range(count):
        sandbox.publish(f"<m{number:05}/>".encode())
