"""The two ways that messages come: from LSports' broker, or from a sandbox without one."""

from feeds.amqp import Consumer, Missing, NotKnown, Where
from feeds.connections import Trouble
from feeds.lsports.api import Account
from feeds.pipes import FromSandbox, Pipe


def from_sandbox(url: str, queue: str, account: Account) -> Pipe:
    """Return a package's queue at a sandbox."""
    found = FromSandbox(url, queue=queue)
    try:
        found.look()
    except Missing as missing:
        raise no_queue(queue, account, missing) from None
    return found


def from_broker(where: Where, queue: str, account: Account) -> Pipe:
    """Return a package's queue, which LSports has made for us: it is read, and never declared."""
    try:
        consumer = Consumer(where)
    except NotKnown as refused:
        raise Trouble(
            f"{refused} Check {account.setting('USER')}, {account.setting('PASSWORD')} and "
            f"{account.setting('AMQP_URL')}."
        ) from None
    try:
        consumer.read(queue)
    except Missing as missing:
        consumer.close()
        raise no_queue(queue, account, missing) from None
    except BaseException:
        consumer.close()
        raise
    return consumer


def no_queue(queue: str, account: Account, missing: Missing) -> Trouble:
    """Return what is wrong when LSports has no queue of this name."""
    return Trouble(
        f"LSports has no queue {queue} for us: {account.setting('PACKAGE_ID')} is not this "
        f"package's, or its queue has a name of its own that {account.setting('QUEUE')} must "
        f"give. {missing}"
    )
