"""What LSports' API answers, in JSON or XML, its names in any case. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

import msgspec

LONGEST_COMPLAINT = 200
COMPLAINTS = ("message", "error", "errors", "errormessage", "title", "detail")
BOM = b"\xef\xbb\xbf"


class NotAnAnswer(Exception):
    """Somebody answered what LSports would not. The text is a sentence."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Whether a package is being sent, to how many consumers, and how many messages wait."""

    is_on: bool
    consumers: int | None
    depth: int | None


def distribution_in(raw: bytes) -> Distribution:
    """Return what is told of a package's distribution."""
    told = leaves(raw)
    match str(told.get("isdistributionon", "")).lower():
        case "true" | "1":
            is_on = True
        case "false" | "0":
            is_on = False
        case _:
            raise NotAnAnswer(f"It does not say whether the package is sent.{complaint(raw)}")
    return Distribution(
        is_on, counted(told.get("consumers")), counted(told.get("numbermessagesinqueue"))
    )


def complaint(raw: bytes) -> str:
    """Return what an answer complains of, as the end of a sentence; nothing when it says nothing.

    Some say it in plain words.
    """
    try:
        told = leaves(raw)
        said = next((told[name] for name in COMPLAINTS if told.get(name)), "")
    except NotAnAnswer:
        said = raw[: 4 * LONGEST_COMPLAINT].decode(errors="replace")
    words = " ".join(str(text(said)).split())[:LONGEST_COMPLAINT].rstrip(".")
    return f" It says: {words}." if words and "<" not in words else ""


def refuses(raw: bytes, *, is_empty: bool = True) -> bool:
    """Whether an answer that looks well says beside its body that it is none.

    Where nothing stands in the body, whatever it complains of says so.
    """
    told = leaves(raw)
    status = str(told.get("httpstatuscode", told.get("statuscode", "200"))).lower()
    if told.get("errors") or told.get("error") or not status.startswith(("2", "ok")):
        return True
    return is_empty and bool(complaint(raw))


def text(said: Any) -> Any:
    """Return the first words in what may be a list of complaints, each with more about it."""
    while isinstance(said, list | dict) and said:
        said = said[0] if isinstance(said, list) else next(iter(said.values()))
    return said


def counted(said: Any) -> int | None:
    """Return a number; a list is as many as it has."""
    if isinstance(said, list):
        return len(said)
    digits = str(said)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def leaves(raw: bytes) -> dict[str, Any]:
    """Return all that an answer names, by its names in small letters; the outermost come first."""
    body = raw.removeprefix(BOM).strip()
    if body.startswith(b"<"):
        return of_xml(body)
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotAnAnswer("It is neither JSON nor XML.") from None
    found: dict[str, Any] = {}
    level = [told]
    while level:
        below = []
        for one in level:
            for name, value in one.items() if isinstance(one, Mapping) else ():
                found.setdefault(name.lower(), value)
                below.append(value)
        level = below
    return found


def of_xml(raw: bytes) -> dict[str, Any]:
    """Return the texts and attributes of an answer in XML."""
    found: dict[str, Any] = {}
    open_now: list[str] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        open_now.append(name.lower())
        for key, value in attributes.items():
            found.setdefault(key.lower(), value)

    def end(name: str) -> None:
        open_now.pop()

    def words(said: str) -> None:
        if open_now:
            found[open_now[-1]] = (str(found.get(open_now[-1], "")) + said).strip()

    def refuse(*_: object) -> None:
        raise NotAnAnswer("It declares a document type.")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = words, refuse
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise NotAnAnswer("It is neither JSON nor XML.") from None
    return found
