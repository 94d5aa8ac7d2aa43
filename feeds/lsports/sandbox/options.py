"""How a sandbox behaves where LSports leaves a choice, or where a test wants it otherwise."""

from enum import StrEnum

from msgspec import Struct

INPLAY, PREMATCH = "inplay", "prematch"


class Format(StrEnum):
    """What messages and answers are written in."""

    JSON = "json"
    XML = "xml"


class Wrapping(StrEnum):
    """What a JSON message's header and body lie in."""

    PLAIN = "plain"
    MESSAGE = "message"
    LIST = "list"


class Nesting(StrEnum):
    """Where the events of an outright lie."""

    NESTED = "nested"  # Competition.Competitions[].Events[]
    FLAT = "flat"  # Competition.Events[]
    NONE = "none"  # Events[]


class Zone(StrEnum):
    """How a bet's LastUpdate names its zone."""

    UTC = "Z"
    OFFSET = "+02:00"
    NONE = ""
    EPOCH = "epoch"  # No date at all, but milliseconds.


class Consumers(StrEnum):
    """How a package's status tells who reads its queue."""

    LIST = "list"
    NUMBER = "number"


class Layout(Struct, frozen=True, forbid_unknown_fields=True):
    """How a package writes its messages."""

    format: Format = Format.JSON
    attributes: bool = True  # XML of attributes in lists with names; else of elements, two roots.
    body: str = "MessageBody"  # The body's name in XML of attributes.
    wrapping: Wrapping = Wrapping.PLAIN
    camel: bool = False  # fixtureId in place of FixtureId, in JSON.
    ids_as_text: bool = False
    type_as_text: bool = False
    seconds: bool = False  # ServerTimestamp in seconds, not milliseconds.
    digits: int = 7  # Of a second's fraction in LastUpdate.
    zone: Zone = Zone.UTC
    nesting: Nesting = Nesting.NESTED


LAYOUTS = (
    Layout(),
    Layout(wrapping=Wrapping.MESSAGE, ids_as_text=True, digits=6, nesting=Nesting.FLAT),
    Layout(wrapping=Wrapping.LIST, type_as_text=True, zone=Zone.OFFSET, nesting=Nesting.NONE),
    Layout(camel=True, seconds=True, zone=Zone.EPOCH),
    Layout(format=Format.XML, digits=3),
    Layout(format=Format.XML, body="Body", zone=Zone.NONE, nesting=Nesting.FLAT),
    Layout(format=Format.XML, attributes=False, digits=4, nesting=Nesting.NONE),
    Layout(format=Format.XML, attributes=False, seconds=True),
)


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """A package."""

    id: int
    user: str
    password: str = "sandbox"  # noqa: S105 - it guards nothing
    queue: str | None = None  # Its own name, else _{id}_.
    layout: Layout = Layout()

    @property
    def queue_name(self) -> str:
        """Return the name of its queue."""
        return f"_{self.id}_" if self.queue is None else self.queue


class InPlay(Settings, frozen=True):
    """The package of what is being played."""

    id: int = 430
    user: str = "inplay"


class PreMatch(Settings, frozen=True):
    """The package of what is still to be played."""

    id: int = 431
    user: str = "prematch"


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """The choices. Most can be changed while the sandbox runs; ids and queues can't."""

    inplay: InPlay = InPlay()
    prematch: PreMatch = PreMatch()
    cut_off: int = 10_000  # With so many messages in its queue a package's distribution ends.
    distributing: bool = True  # Both packages distribute from the beginning.
    refused_after_start: bool = True  # Nobody may consume for the `forbidden` window.
    consumers: Consumers = Consumers.NUMBER
    start_as_text: bool = False  # The answer's body is a sentence, not an object.
    camel: bool = False  # The answers' keys.
    denied: int = 401  # For wrong credentials; 200 has the error in the answer's header.
    too_many: int = 429  # For a request too soon; 403 is seen too, 200 as above.
    timestamp_filters: bool = True  # A snapshot since a time is not one of everything.
    outrights_nested: bool = False  # Snapshots of outright fixtures lie in competitions.
    keep_queues: bool = False  # On a broker: what waits at the start stays, queues outlive us.
    persistent: bool = True  # On a broker: messages outlive its restart.
    skew: float = 0  # So many seconds the server's clock is ahead.
