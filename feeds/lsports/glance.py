"""One look at a message before it is stored: its header, and what signs and fixtures tell.

Only what surely is of a type has one here: what is odd, unreadable, or says two things at once is
stored, and the parser will complain.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from feeds.lsports.tree import BLANKS, Node, json_of, listed, small, text_in, tree_of, xml_tree
from feeds.lsports.values import TICKS_A_MILLISECOND, Odd, code_of, id_of, text_of, ticks_of
from settlement.said import Unreadable

FIXTURE, LIVESCORE, ODDS = 1, 2, 3
KEEP_ALIVE, HEARTBEAT = 31, 32
SETTLEMENTS = frozenset({35, 42, 43})
SNAPSHOT = 36
SIGNS = frozenset({KEEP_ALIVE, HEARTBEAT})
LEFT_OUT = frozenset({FIXTURE, LIVESCORE, ODDS, *range(SNAPSHOT, 42)})
CANCELLED, ABANDONED = 4, 7
OFF = frozenset({CANCELLED, ABANDONED})

# Nothing but a declaration and one root may stand before the header: what hides it is stored.
XML_HEADER = re.compile(
    rb"(?:<\?xml[^<>]*\?>\s*)?(<Message(?:\s[^<>]*)?>\s*)?"
    rb"(<Header(?:\s[^<>]*)?(?:/>|>.*?</Header\s*>))",
    re.DOTALL,
)
CLOSING = (b"</Body>", b"</MessageBody>", b"</Header>", b"/>")
FAR_ENOUGH = 4096
AFTER_NAME = re.compile(rb"\s*:\s*")

Whole = dict[str, msgspec.Raw]
NAME = b"ixtureId"  # However it begins; its value as JSON, attributes and elements have it.
VALUE = re.compile(rb"""["']?\s{0,9}[:=>]\s{0,9}["']?\s{0,9}([0-9]{1,40})""")
WHOLE: msgspec.json.Decoder[Whole | list[Whole]] = msgspec.json.Decoder(Whole | list[Whole])


@dataclass(frozen=True, slots=True)
class Glance:
    """What a message's header says. What can't be made out is missing.

    `fixtures` are those whose status a message about fixtures or scores tells.
    """

    kind: int | None = None
    made_ms: int | None = None
    guid: str = ""
    fixtures: tuple[tuple[str, int], ...] = ()

    @property
    def is_sign(self) -> bool:
        """Whether it only tells how a package is."""
        return self.kind in SIGNS

    @property
    def has_fixtures_off(self) -> bool:
        """Whether it tells of a fixture that is cancelled or abandoned."""
        return any(status in OFF for _, status in self.fixtures)

    @property
    def is_left_out(self) -> bool:
        """Whether a message of a queue is about odds, scores or fixtures that nobody looks at."""
        return self.kind in LEFT_OUT and not self.has_fixtures_off


NOTHING = Glance()


def glance(raw: bytes) -> Glance:
    """Return what the header of a message says, when it is surely that."""
    text = raw.lstrip(BLANKS)
    try:
        header = xml_header(text) if text.startswith(b"<") else json_header(text)
    except (Unreadable, RecursionError, ValueError):
        return NOTHING
    if header is None or (kind := code_of(text_of(header.get("type")))) is None:
        return NOTHING
    fixtures = statuses_in(text) if kind in (FIXTURE, LIVESCORE) else ()
    return Glance(kind, made_ms(header), text_of(header.get("msgguid")).strip(), fixtures)


def made_ms(header: Node) -> int | None:
    """Return when a message was made, in milliseconds."""
    for name in ("servertimestamp", "creationdate"):
        if (ticks := ticks_of(text_of(header.get(name)))) is not None:
            return ticks // TICKS_A_MILLISECOND
    return None


def json_header(text: bytes) -> Node | None:
    """Return the one header of a JSON message; nothing when there is any doubt."""
    found = WHOLE.decode(text)
    if isinstance(found, list):
        if len(found) != 1:
            return None
        found = found[0]
    named = {small(name): name for name in found}
    if len(named) < len(found) or ("message" in named) == ("header" in named):
        return None
    if "message" in named:
        inner = bytes(found[named["message"]])
        return json_header(inner) if first(text, named["message"], inner) else None
    header = bytes(found[named["header"]])
    if not first(text, named["header"], header) or b"\\" in header:
        return None
    if header.lower().count(b'type"') != 1 or not header.startswith(b"{"):
        return None
    return {small(name): value for name, value in json_of(header).items()}


def first(text: bytes, name: str, value: bytes) -> bool:
    """Whether the first member of this name has that value: the last of two would be heard."""
    key = f'"{name}"'.encode()
    at = text.find(key)
    if at < 0 or b"\\" in text[:at]:
        return False
    after = AFTER_NAME.match(text, at + len(key))
    return after is not None and text.startswith(value, after.end())


def xml_header(text: bytes) -> Node | None:
    """Return the one header of an XML message; nothing when there is any doubt."""
    found = XML_HEADER.match(text, 0, FAR_ENOUGH)
    if found is None or not text.rstrip().endswith(b"</Message>" if found[1] else CLOSING):
        return None
    if text.rfind(b"eader", found.end()) >= 0:  # Another header, or the word: it is looked at.
        return None
    header = xml_tree(found[2]).get("header")
    if not isinstance(header, dict) or isinstance(header.get("type"), list):
        return None
    return header


def body_of(raw: bytes) -> Any:
    """Return what a message holds beside its header."""
    tree = tree_of(text_in(raw))
    if isinstance(tree, list):
        tree = tree[0] if len(tree) == 1 else None
    if isinstance(tree, dict):
        tree = tree.get("message", tree)
    if not isinstance(tree, dict):
        return None
    return tree.get("body", tree.get("messagebody"))


def fixtures_in(raw: bytes) -> Iterator[str]:
    """Yield the fixtures that a message seems to be about; one that hides is read in full."""
    at = raw.find(NAME)
    while at >= 0:
        if found := VALUE.match(raw, at + len(NAME)):
            yield id_of(found[1].decode(), "a fixture")
        at = raw.find(NAME, at + 1)


def active_fixtures(raw: bytes) -> frozenset[str] | None:
    """Return the fixtures that a keep-alive names; nothing when it does not tell."""
    try:
        body = body_of(raw)
    except Unreadable:
        return None
    alive = body.get("keepalive") if isinstance(body, dict) else None
    if not isinstance(alive, dict) or "activeevents" not in alive:
        return None
    return frozenset(ids_in(alive["activeevents"]))


def ids_in(value: Any) -> list[str]:
    """Return all ids that stand somewhere below."""
    if isinstance(value, dict):
        return [ref for one in value.values() for ref in ids_in(one)]
    if isinstance(value, list):
        return [ref for one in value for ref in ids_in(one)]
    try:
        return [id_of(text_of(value), "a fixture")]
    except Odd:
        return []


def interrupted(raw: bytes) -> bool:
    """Whether a heartbeat says that the feed behind it is interrupted."""
    if b"interrupted" not in raw.lower():
        return False
    try:
        body = body_of(raw)
    except Unreadable:
        return False
    told = body.get("feedinterrupted") if isinstance(body, dict) else None
    return any(code_of(ref) not in (0, None) or ref == "true" for ref in ids_in(told))


def fixture_statuses(raw: bytes) -> dict[str, int]:
    """Return how the fixtures of a fixture or livescore message stand, as far as it tells."""
    try:
        body = body_of(raw)
    except Unreadable:
        return {}
    found: dict[str, int] = {}
    events = body.get("events") if isinstance(body, dict) else body
    for event in listed(events, "event"):
        status = status_of(event) if isinstance(event, dict) else None
        if status is not None:
            for ref in ids_in(event.get("fixtureid")):
                found[ref] = status
    return found


def status_of(event: Node) -> int | None:
    """Return a fixture's status; one that is off counts wherever it is told."""
    told = [code_of(text_of(found)) for path in STATUSES if (found := below(event, path))]
    codes = [code for code in told if code is not None]
    return next((code for code in codes if code in OFF), codes[0] if codes else None)


STATUSES = (("fixture", "status"), ("livescore", "scoreboard", "status"))


def below(node: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at the end of a path; nothing when it ends before."""
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node


def statuses_in(text: bytes) -> tuple[tuple[str, int], ...]:
    """Return how the fixtures stand; a message without the word is not read."""
    if b"status" not in text and b"Status" not in text and b"STATUS" not in text:
        return ()
    return tuple(fixture_statuses(text).items())
