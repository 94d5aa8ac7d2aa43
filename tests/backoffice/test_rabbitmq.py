"""The broker that the feeds' tests will use: real, ours alone, and closed to others."""

from kombu import Connection, Exchange, Queue


def test_a_message_goes_through_a_real_broker(amqp_url: str) -> None:
    queue = Queue("desk-test", Exchange("desk-test"), routing_key="r", durable=True)
    with Connection(amqp_url) as connection, connection.SimpleQueue(queue) as messages:
        messages.put({"bet": "T-1"}, declare=[queue])
        message = messages.get(timeout=10)
        message.ack()

        assert message.payload == {"bet": "T-1"}
