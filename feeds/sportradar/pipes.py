"""The two ways that messages come: from Sportradar's broker, or from a sandbox without one."""

from feeds.amqp import Consumer, Where
from feeds.pipes import FromSandbox, Pipe

EXCHANGE = "unifiedfeed"
SETTLES = (
    "bet_settlement",
    "bet_cancel",
    "cancelbet",
    "rollback_bet_settlement",
    "rollback_betsettlement",
    "rollback_bet_cancel",
    "rollback_cancelbet",
)
# Settlements and cancels in one queue keep their order; odds are not asked for.
BINDINGS = (
    *(f"*.*.*.{kind}.#" for kind in SETTLES),
    "-.-.-.alive.#",
    "-.-.-.snapshot_complete.#",
    "-.-.-.product_down.#",
)


def from_sandbox(url: str) -> Pipe:
    """Return a queue of our own at a sandbox."""
    return FromSandbox(url, asked={"bindings": BINDINGS})


def from_broker(where: Where) -> Pipe:
    """Return a queue of our own at Sportradar's broker, which ends with the connection."""
    consumer = Consumer(where)
    try:
        consumer.read("", exchange=EXCHANGE, bindings=BINDINGS)
    except BaseException:
        consumer.close()
        raise
    return consumer
