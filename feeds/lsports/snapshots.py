"""A snapshot is cut into messages, one for each fixture: each is stored as any other. Pure."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from xml.parsers import expat

import msgspec

from feeds.lsports.answers import BOM, NotAnAnswer, complaint, refuses

Raw = dict[str, msgspec.Raw]
OF_JSON = msgspec.json.Decoder(Raw)
OR_NOTHING = msgspec.json.Decoder(list[msgspec.Raw] | None)
REF = msgspec.json.Decoder(int | str)
SETTLES = b"settlement"
DECLARATION = re.compile(rb"<\?xml[^<>]*\?>")
HEADER = re.compile(rb"<header[\s/>]", re.IGNORECASE)
ROOT, ROOT_END = b"<all>", b"</all>"


@dataclass(frozen=True, slots=True)
class Cut:
    """A message that a snapshot is cut into, and the fixture it speaks of; none of a league's."""

    fixture: str
    raw: bytes


def cut(method: str, answer: bytes) -> list[Cut]:
    """Return a snapshot's fixtures, each as a message that says where it comes from.

    The words of the answer stay as they are, so that what is told twice is stored once.
    """
    body = answer.removeprefix(BOM).strip()
    if body.startswith(b"<"):
        return list(of_xml(method, body))
    return list(of_json(method, body))


def of_json(method: str, body: bytes) -> Iterator[Cut]:
    """Yield the fixtures of an answer in JSON."""
    try:
        whole = OF_JSON.decode(body)
        told = part(whole, "body")
        beside = {name: value for name, value in whole.items() if value is not told}
        if told is None or refuses(msgspec.json.encode(beside), is_empty=is_null(told)):
            raise NotAnAnswer(f"It tells nothing of fixtures.{complaint(body)}")
        fixtures = OR_NOTHING.decode(told) or []
        for one in fixtures:
            yield Cut(fixture_in(one), message(method, bytes(one)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotAnAnswer(f"It is no list of fixtures.{complaint(body)}") from None


def is_null(told: msgspec.Raw) -> bool:
    """Whether nothing is told."""
    return bytes(memoryview(told)[:4]) == b"null"


def part(told: Raw, name: str) -> msgspec.Raw | None:
    """Return what bears a name, in any case."""
    return next((value for key, value in told.items() if key.lower() == name), None)


def fixture_in(one: msgspec.Raw) -> str:
    """Return the fixture that is spoken of; nothing when it is a league, or can't be told."""
    try:
        told = part(OF_JSON.decode(one), "fixtureid")
        return str(REF.decode(told)) if told is not None else ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def message(method: str, fixture: bytes) -> bytes:
    """Return a fixture as a message of a snapshot."""
    return b'{"Header":{"Type":36,"Snapshot":"%s"},"Body":[%s]}' % (method.encode(), fixture)


def of_xml(method: str, body: bytes) -> Iterator[Cut]:
    """Yield the fixtures of an answer in XML: the elements that bear a fixture's id."""
    spans = Spans(DECLARATION.sub(b"", body))
    spans.read()
    if not spans.found and (not HEADER.search(body) or refuses(ROOT + spans.body + ROOT_END)):
        raise NotAnAnswer(f"It tells nothing of fixtures.{complaint(body)}")
    header = b"<Header><Type>36</Type><Snapshot>%s</Snapshot></Header>" % method.encode()
    for start, end, fixture in spans.found:
        told = spans.body[start:end]
        if told[:5].lower() != b"<body":
            told = b"<Body>%s</Body>" % told
        yield Cut(fixture, b"<Message>%s%s</Message>" % (header, told))


class Spans:
    """Where in an answer the fixtures stand. It may have several roots."""

    def __init__(self, body: bytes) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.words
        self.parser.StartDoctypeDeclHandler = refuse
        self.body = body
        self.open: list[Element] = []
        self.found: list[tuple[int, int, str]] = []

    def read(self) -> None:
        """Read an answer, inside a root of our own."""
        try:
            self.parser.Parse(ROOT, False)
            self.parser.Parse(self.body, False)
            self.parser.Parse(ROOT_END, True)
        except expat.ExpatError:
            raise NotAnAnswer(f"It is no XML that ends.{complaint(self.body)}") from None

    def at(self) -> int:
        """Return where in the answer the parser is."""
        return self.parser.CurrentByteIndex - len(ROOT)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note where an element begins, and whose it is."""
        told = (value for key, value in attributes.items() if key.lower() == "fixtureid")
        self.open.append(Element(name.lower(), self.at(), next(told, "").strip()))

    def words(self, said: str) -> None:
        """Read a fixture's id that is an element of its own."""
        if self.open[-1].name == "fixtureid":
            self.open[-2].fixture += said.strip()

    def end(self, name: str) -> None:
        """Keep an element that bears a fixture's id."""
        over = self.open.pop()
        if over.fixture:
            end = self.body.index(b">", self.at()) + 1
            self.found.append((over.start, end, over.fixture))


@dataclass(slots=True)
class Element:
    """An element that is being read."""

    name: str
    start: int
    fixture: str


def refuse(*_: object) -> None:
    """Refuse what an answer never has."""
    raise NotAnAnswer("It declares a document type.")


def worth_storing(one: Cut, bet_on: Container[str]) -> bool:
    """Whether a fixture settles something, or is one that somebody has bet on.

    How an open market stands that nobody has bet on is of no use, however late a ticket comes.
    """
    if not one.fixture or one.fixture in bet_on:
        return True
    return SETTLES in one.raw.lower()
