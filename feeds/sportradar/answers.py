"""What Sportradar's API answers: our account, its producers, its void reasons. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.parsers import expat

DEFAULT_MINUTES = 4320
MOST_MINUTES = 60 * 24 * 365
LONGEST = 200


class NotAnAnswer(Exception):
    """It is not the document that was asked for."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its attributes and its own text."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose token it is."""

    bookmaker_id: str
    virtual_host: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProducerTold:
    """A producer as the API describes it."""

    number: int
    code: str
    name: str
    scope: str
    is_active: bool
    recovery_minutes: int


def read_account(raw: bytes) -> Account:
    """Return what whoami says."""
    for one in elements(raw):
        if bookmaker := one.attributes.get("bookmaker_id", ""):
            host = one.attributes.get("virtual_host") or f"/unifiedfeed/{bookmaker}"
            return Account(
                bookmaker[:60], host[:LONGEST], time_in(one.attributes.get("expire_at", ""))
            )
    raise NotAnAnswer("It names no bookmaker.")


def read_producers(raw: bytes) -> list[ProducerTold]:
    """Return the producers; what has no number is none."""
    told = [
        ProducerTold(
            number=int(one.attributes["id"]),
            code=code_in(one.attributes.get("api_url", "")) or one.attributes.get("name", "")[:60],
            name=(one.attributes.get("description") or one.attributes.get("name", ""))[:LONGEST],
            scope=one.attributes.get("scope", "")[:60],
            is_active=one.attributes.get("active", "true") == "true",
            recovery_minutes=minutes_in(
                one.attributes.get("stateful_recovery_window_in_minutes", "")
            ),
        )
        for one in elements(raw)
        if one.name == "producer" and is_number(one.attributes.get("id", ""))
    ]
    if not told:
        raise NotAnAnswer("It names no producers.")
    return told


def read_void_reasons(raw: bytes) -> dict[int, str]:
    """Return the reasons for voiding, by their numbers."""
    told = {
        int(one.attributes["id"]): one.attributes.get("description", "")[:LONGEST]
        for one in elements(raw)
        if one.name == "void_reason" and is_number(one.attributes.get("id", ""))
    }
    if not told:
        raise NotAnAnswer("It names no void reasons.")
    return told


def read_message(raw: bytes) -> str:
    """Return what an answer says to people; nothing when it says nothing."""
    try:
        said = [one.text.strip() for one in elements(raw) if one.name in ("message", "action")]
    except NotAnAnswer:
        return ""
    return " ".join(" ".join(said).split())[:LONGEST]


def code_in(api_url: str) -> str:
    """Return the word that a producer has in addresses: the last of its own."""
    return api_url.rstrip("/").rpartition("/")[2][:60]


def minutes_in(text: str) -> int:
    """Return how far back a producer tells again."""
    if not is_number(text) or not 0 < int(text) <= MOST_MINUTES:
        return DEFAULT_MINUTES
    return int(text)


def is_number(text: str) -> bool:
    """Whether a text is a number as they are written there."""
    return text.isascii() and text.isdigit() and len(text) < 10


def time_in(text: str) -> datetime | None:
    """Return a time; one without a zone is in UTC, what is none is not there."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def elements(raw: bytes) -> list[Element]:
    """Return the elements of a document; one that declares anything of its own is refused."""
    found: list[Element] = []
    texts: list[list[str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        texts.append([])
        found.append(Element(name.rpartition(":")[2], attributes))
        places.append(len(found) - 1)

    def end(_: str) -> None:
        place = places.pop()
        one = found[place]
        found[place] = Element(one.name, one.attributes, "".join(texts[place]))

    def text(data: str) -> None:
        if places:
            texts[places[-1]].append(data)

    def refuse(*_: object) -> None:
        raise NotAnAnswer("It declares a document type.")

    places: list[int] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NotAnAnswer(f"It is not XML: {error}.") from None
    return found
