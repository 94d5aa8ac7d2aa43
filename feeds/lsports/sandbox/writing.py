"""Messages as bytes: in JSON and XML, in each of their layouts."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from feeds.lsports.sandbox.options import Format, Layout, Wrapping, Zone

Tree = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
JSON = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before a message's body."""

    kind: int
    guid: str
    made_at: int
    number: int = 1

    def tree(self, layout: Layout) -> dict[str, Any]:
        """Return it as it is told."""
        return {
            "Type": str(self.kind) if layout.type_as_text else self.kind,
            "MsgSeq": self.number,
            "MsgGuid": self.guid,
            "CreationDate": moment(self.made_at),
            "ServerTimestamp": self.made_at // 1000 if layout.seconds else self.made_at,
        }


def guid_of(bits: int) -> str:
    """Return a message's id."""
    return str(uuid.UUID(int=bits, version=4))


def moment(at: int, digits: int = 7, zone: Zone = Zone.UTC) -> str:
    """Return a time as LSports writes it."""
    if zone is Zone.EPOCH:
        return str(at)
    shift = timedelta(hours=2 if zone is Zone.OFFSET else 0)
    seconds = (EPOCH + timedelta(seconds=at // 1000) + shift).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{seconds}.{f'{at % 1000:03}'.ljust(digits, '0')[:digits]}{zone}"


def head(header: Header, layout: Layout) -> bytes:
    """Return a header as it stands in its message."""
    tree = header.tree(layout)
    if layout.format is Format.JSON:
        return JSON.encode(camel(tree) if layout.camel else tree)
    if not layout.attributes:
        return elements("Header", tree).encode()
    created = quoteattr(tree["CreationDate"])
    inner = "".join(elements(key, tree[key]) for key in ("Type", "MsgGuid", "ServerTimestamp"))
    return f"<Header CreationDate={created}>{inner}</Header>".encode()


def written(header: Header, body: Tree | None, layout: Layout) -> bytes:
    """Return a message; without a body it is its header only."""
    before, after = around(body, layout)
    return before + head(header, layout) + after


def around(body: Tree | None, layout: Layout) -> tuple[bytes, bytes]:
    """Return what stands before a message's header, and all that comes after it."""
    if layout.format is Format.JSON:
        return around_json(body, layout)
    if not layout.attributes:
        return b"", b"" if body is None else elements("Body", body).encode()
    inner = "" if body is None else attributes(layout.body, body)
    return b"<Message>", f"{inner}</Message>".encode()


def around_json(body: Tree | None, layout: Layout) -> tuple[bytes, bytes]:
    """Return what stands around a header in JSON."""
    names = ("message", "header", "body") if layout.camel else ("Message", "Header", "Body")
    message, header, said = (f'"{name}":'.encode() for name in names)
    opened, closed = {
        Wrapping.PLAIN: (b"{", b"}"),
        Wrapping.MESSAGE: (b"{" + message + b"{", b"}}"),
        Wrapping.LIST: (b"[{", b"}]"),
    }[layout.wrapping]
    if body is None:
        return opened + header, closed
    inner = JSON.encode(camel(body) if layout.camel else body)
    return opened + header, b"," + said + inner + closed


def camel(tree: Any) -> Any:
    """Return the same with small first letters."""
    if isinstance(tree, Mapping):
        return {key[:1].lower() + key[1:]: camel(value) for key, value in tree.items()}
    return [camel(one) for one in tree] if isinstance(tree, list) else tree


def elements(name: str, value: Any) -> str:
    """Return an element whose parts are elements; a list is the same name again and again."""
    if isinstance(value, list):
        return "".join(elements(name, one) for one in value)
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(elements(key, one) for key, one in value.items())}</{name}>"
    return f"<{name}>{text(value)}</{name}>"


def attributes(name: str, value: Any) -> str:
    """Return an element whose plain parts are attributes; a list has an element of its own."""
    if isinstance(value, list):
        one = singular(name)
        return f"<{name}>{''.join(attributes(one, part) for part in value)}</{name}>"
    if not isinstance(value, Mapping):
        return f"<{name}>{text(value)}</{name}>"
    plain = {key: one for key, one in value.items() if not isinstance(one, list | Mapping)}
    words = "".join(
        f" {key}={quoteattr(plain_text(one))}" for key, one in plain.items() if one is not None
    )
    inner = "".join(attributes(key, one) for key, one in value.items() if key not in plain)
    return f"<{name}{words}>{inner}</{name}>" if inner else f"<{name}{words}/>"


def singular(name: str) -> str:
    """Return what one of a list is called."""
    return "Event" if name in ("Body", "MessageBody") else name.removesuffix("s")


def text(value: object) -> str:
    """Return a value between two tags."""
    return "" if value is None else escape(plain_text(value))


def plain_text(value: object) -> str:
    """Return a value as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def id_of(given: str, layout: Layout) -> str | int:
    """Return an id as a layout writes it."""
    return int(given) if given.isdigit() and not layout.ids_as_text else given
