"""A consumer as small as can be: it takes messages and acknowledges them, a thousand at once.

Each line of its input names a queue and how many messages to take; each of its output says that it
is ready for the next.
"""

import sys
from collections.abc import Callable
from typing import Any

from kombu.connection import Connection

from feeds.amqp import PREFETCH

AT_ONCE = 1000


def main(broker: str) -> None:
    """Take what is asked for."""
    connect: Callable[..., Any] = Connection
    with connect(broker) as connection:
        ready()
        for line in sys.stdin:
            queue, count = line.split()
            take(connection, queue, int(count))
            ready()


def take(connection: Any, queue: str, count: int) -> None:
    """Take so many messages, and let the broker forget them."""
    left = count
    channel = connection.channel()

    def came(message: Any) -> None:
        nonlocal left
        left -= 1
        if left % AT_ONCE == 0:
            channel.basic_ack(message.delivery_tag, multiple=True)

    channel.basic_qos(0, PREFETCH, False)
    channel.basic_consume(queue, callback=came)
    while left:
        connection.drain_events()
    channel.close()


def ready() -> None:
    """Say that the work is done."""
    print(flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
