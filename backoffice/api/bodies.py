"""What a client sent: JSON whose numbers lose nothing, and whose size and depth are bounded."""

from decimal import Decimal, InvalidOperation
from typing import IO, Any

import msgspec
from rest_framework.exceptions import ParseError  # type: ignore[import-untyped]
from rest_framework.parsers import BaseParser  # type: ignore[import-untyped]
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice.api.errors import Refused

MOST_LEVELS = 20
TOO_DEEP = f"The body is nested deeper than {MOST_LEVELS} levels."

decoder = msgspec.json.Decoder(float_hook=Decimal)


class ExactJson(BaseParser):  # type: ignore[misc]
    """Reads JSON of at most the view's `most_bytes`; a decimal number stays the one written."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str, parser_context: dict[str, Any]) -> Any:
        most = parser_context["view"].most_bytes
        try:
            body = stream.read(most + 1)
        except OSError:
            raise ParseError("The body broke off.") from None
        if len(body) > most:
            raise Refused(413, "too_large", f"A body has at most {most:,} bytes.")
        return decoded(body)


def decoded(body: bytes) -> Any:
    """Return what a body holds."""
    try:
        found = decoder.decode(body)
    except msgspec.DecodeError as error:
        raise ParseError(f"{error}.") from None
    except UnicodeDecodeError:
        raise ParseError("The body is not UTF-8.") from None
    except InvalidOperation:
        raise ParseError("A number's exponent is out of range.") from None
    except RecursionError:
        raise ParseError(TOO_DEEP) from None
    if is_too_deep(found):
        raise ParseError(TOO_DEEP)
    return found


def is_too_deep(found: Any) -> bool:
    """Whether lists and objects are nested deeper than a ticket ever needs."""
    level = [found]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def body_of(request: Request) -> Any:
    """Return the decoded body; refuse one that is missing, which the framework takes for {}."""
    found = request.data
    if request.stream is None:
        raise ParseError("The body is empty, or came without its Content-Length.")
    return found
