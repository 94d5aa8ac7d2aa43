"""One look at a message before it is stored: the root and its attributes, and nothing below."""

import re
from collections.abc import Container
from dataclasses import dataclass, field

# Nothing but a declaration may stand before the root: what hides it is left to the parser.
ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]*\?>\s*)?"
    rb"<([A-Za-z_][A-Za-z0-9_.-]*)((?:\s[^<>]*?)?)(/?)>"
)
# A name is looked at once, from its beginning, however long it is.
ATTRIBUTE = re.compile(
    rb"(?<![A-Za-z0-9_.:-])([A-Za-z_:][A-Za-z0-9_.:-]*+)\s*+=\s*(?:\"([^\"]*)\"|'([^']*)')"
)
NUMBER = re.compile(r"-?[0-9]{1,18}")
# A market as everybody writes it: its attributes one by one, up to its number.
MARKET = re.compile(rb'<market(?:\s+[a-z_]+="[^"<&]*")*?\s+id="([0-9]+)"')
FAR_ENOUGH = 4096
GREATEST_PRODUCT = 2**31 - 1
SIGNS = frozenset({"alive", "snapshot_complete", "product_down"})


@dataclass(frozen=True, slots=True)
class Glance:
    """A message's root element. What can't be made out is missing: the parser will complain."""

    root: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    is_whole: bool = False

    @property
    def is_sign(self) -> bool:
        """Whether it only tells how a producer is."""
        return self.is_whole and self.root in SIGNS and self.product is not None

    @property
    def product(self) -> int | None:
        """The producer's number; one that can't be kept is none."""
        told = number(self.attributes.get("product"))
        return told if told is not None and 0 <= told <= GREATEST_PRODUCT else None

    @property
    def timestamp(self) -> int | None:
        """When it was made, in milliseconds."""
        return number(self.attributes.get("timestamp"))

    @property
    def request_id(self) -> int | None:
        """The request that it answers."""
        return number(self.attributes.get("request_id"))

    @property
    def subscribed(self) -> bool:
        """Whether the producer has sent us all since the alive before; what is unknown is not."""
        return self.attributes.get("subscribed") == "1"


def glance(raw: bytes) -> Glance:
    """Return what the root of a message says, and whether nothing follows it."""
    found = ROOT.match(raw, 0, FAR_ENOUGH)
    if found is None:
        return Glance()
    attributes = {
        name.decode(): (double or single).decode(errors="replace")
        for name, double, single in ATTRIBUTE.findall(found[2])
    }
    rest = raw[found.end() :].strip() if len(raw) < FAR_ENOUGH else b"more"
    is_whole = rest == (b"" if found[3] else b"</" + found[1] + b">")
    return Glance(found[1].decode(), attributes, is_whole)


def leaves_out(raw: bytes, markets: Container[str]) -> bool:
    """Whether a message that can be read surely says nothing of these markets, by their ids.

    What is written in any other way than usual might, and what speaks of a whole event does.
    """
    found = MARKET.findall(raw)
    mentioned = raw.count(b"market") - raw.count(b"</market>")
    if not found or len(found) != mentioned or not raw.isascii() or b"super" in raw:
        return False
    return not any(ref.decode() in markets for ref in found)


def number(text: str | None) -> int | None:
    """Return a whole number; nothing when it is none."""
    return int(text) if text is not None and NUMBER.fullmatch(text.strip()) else None


def event_in(raw: bytes) -> str:
    """Return the event that a message is about; nothing when it names none."""
    return glance(raw).attributes.get("event_id", "").strip()
