"""A message of LSports, JSON or XML, as one tree: every layout is read alike from it.

Names are in small letters, whatever they were. What stands in the tree are dicts, lists and values;
in XML an attribute is what a child with that name would be, and children of one name are a list.
Expat reads the XML; a document type, and with it every entity of one's own, is refused.
"""

import re
from functools import lru_cache
from typing import Any
from xml.parsers import expat

import msgspec

from feeds.lsports.values import FloatText
from settlement.said import Unreadable

BLANKS = b" \t\r\n\xef\xbb\xbf"  # The last three are the byte order mark.
MOST_BYTES = 16 * 1024 * 1024
MOST_DEPTH = 20
MOST_ATTRIBUTES = 100
MOST_ELEMENTS = 500_000
ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252"})
DECLARATION = re.compile(rb"<\?xml[\s?][^>]*\?>")
ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")

OUR_ROOT = b"<_>"

Node = dict[str, Any]
JSON: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=FloatText)


def text_in(raw: bytes) -> bytes:
    """Return a message without what may stand before it."""
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"It is longer than {MOST_BYTES // 1024**2} MB.")
    text = raw.lstrip(BLANKS)
    if not text:
        raise Unreadable("It is empty.")
    return text


def tree_of(text: bytes) -> Any:
    """Return a message, without blanks before it, as a tree."""
    if text.startswith(b"<"):
        return xml_tree(text)
    if text[:1] in (b"{", b"["):
        return lowered(json_of(text))
    raise Unreadable("It is neither JSON nor XML.")


def json_of(text: bytes) -> Any:
    """Return JSON as it was written; a number with a fraction or an exponent stays text."""
    try:
        return JSON.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise Unreadable(f"It is not JSON: {str(error)[:150]}.") from None
    except RecursionError:
        raise Unreadable("It is nested too deep.") from None


def lowered(value: Any, depth: int = 0) -> Any:
    """Return a value whose names are in small letters."""
    if depth > MOST_DEPTH:
        raise Unreadable("It is nested too deep.")
    if isinstance(value, dict):
        return {small(name): lowered(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [lowered(one, depth + 1) for one in value]
    return value


@lru_cache(4096)
def small(name: str) -> str:
    """Return a name in small letters, without a prefix."""
    return name.rpartition(":")[2].lower()


def xml_tree(text: bytes) -> Node:
    """Return XML as a tree: what stands in a root of our own, for there may be two roots."""
    if b"\x00" in text[:4]:
        raise Unreadable("It is written in UTF-16, which is not read here.")
    declared = DECLARATION.match(text)
    if declared:
        text = text[declared.end() :]
    if b"<!DOCTYPE" in text:  # Also where expat would complain of its place.
        refuse_doctype()
    builder = Builder(encoding_of(declared[0] if declared else b""))
    try:
        builder.parser.Parse(OUR_ROOT, False)
        builder.parser.Parse(text, False)
        builder.parser.Parse(b"</_>", True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        shift = len(OUR_ROOT) if error.lineno == 1 else 0
        place = f"line {error.lineno}, column {error.offset - shift}"
        raise Unreadable(f"It is not XML: {why} ({place}).") from None
    except (LookupError, ValueError) as error:
        raise Unreadable(f"Its encoding can't be read: {str(error)[:100]}.") from None
    return builder.root


def encoding_of(declaration: bytes) -> str:
    """Return the encoding that a document declares; refuse what nobody sends."""
    found = ENCODING.search(declaration)
    name = found[1].decode("ascii", "replace").lower() if found else "utf-8"
    if name not in ENCODINGS:
        raise Unreadable(f"It is written in “{name[:40]}”, which is not read here.")
    return "utf-8" if name == "utf8" else name


class Builder:
    """Builds the tree while expat reads. It is written for speed."""

    def __init__(self, encoding: str) -> None:
        self.root: Node = {}
        self.above: list[tuple[str, Node]] = []
        self.text = ""
        self.elements = 0
        self.parser = expat.ParserCreate(encoding)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = refuse_doctype

    def start(self, name: str, said: dict[str, str]) -> None:
        """Open an element."""
        self.elements += 1
        self.text = ""
        if len(self.above) > MOST_DEPTH or self.elements > MOST_ELEMENTS:
            raise Unreadable("It is nested too deep, or holds too many elements.")
        if not self.above:
            self.above.append(("", self.root))
            return
        if len(said) > MOST_ATTRIBUTES:
            raise Unreadable(f"One of its elements has more than {MOST_ATTRIBUTES} attributes.")
        values = {small(one): told for one, told in said.items()} if said else {}
        if "nil" in values or "xmlns" in said:
            values = {small(one): told for one, told in said.items() if not is_about_xml(one)}
        self.above.append((small(name), values))

    def characters(self, text: str) -> None:
        """Hear what stands in an element."""
        self.text += text

    def end(self, name: str) -> None:
        """Close an element: it stands in the one above, as text when nothing is in it."""
        own, node = self.above.pop()
        if not self.above:
            return
        value: Any = node or self.text or None
        self.text = ""
        parent = self.above[-1][1]
        if own not in parent:
            parent[own] = value
        elif isinstance(before := parent[own], list):
            before.append(value)
        else:
            parent[own] = [before, value]


def is_about_xml(name: str) -> bool:
    """Whether an attribute is no value: a namespace, or the word that there is none."""
    return name.startswith(("xmlns", "xsi:"))


def refuse_doctype(*_: Any) -> None:
    """Refuse a document that declares a type: entities could come with it."""
    raise Unreadable("It declares a document type: such XML is not read.")


def listed(value: Any, item: str) -> list[Any]:
    """Return the members of a list, also of one whose members stand in elements of their own."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return []
    if isinstance(value, list):
        return [one for each in value for one in listed(each, item)]
    if isinstance(value, dict) and item in value:
        return listed(value[item], item)
    return [value]
