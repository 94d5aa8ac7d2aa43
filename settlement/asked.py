"""A ticket in a client's words: its fields, and the refusal that names one of them."""

import re
from typing import Any

import msgspec

LONGEST_REFUSAL = 250
Id = str | int


class TicketRefusal(Exception):
    """A ticket that was not taken in; nothing changed. `field` names the culprit when one does."""

    def __init__(self, text: str, *, field: str = "", code: str = "invalid") -> None:
        super().__init__(writable(text))
        self.field = writable(field)
        self.code = code

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.field}: {text}" if self.field else text


def writable(text: str) -> str:
    """Return a sentence that can be written down, whatever was quoted in it."""
    return text[:LONGEST_REFUSAL].encode("utf-8", "replace").decode()


class AskedSelection(msgspec.Struct, forbid_unknown_fields=True):
    """A selection in a client's words."""

    event: Id
    market: Id
    outcome: Id
    price: Any
    specifiers: str = ""
    provider: str | None = None
    banker: bool = False
    group: Id | None = None
    part_price: Any = None
    place_fraction: Any = None
    place_price: Any = None
    place_market: Id | None = None
    place_outcome: Id | None = None
    line: Id | None = None
    start_at: str | None = None
    event_name: str = ""
    market_name: str = ""
    outcome_name: str = ""


class AskedTicket(msgspec.Struct, forbid_unknown_fields=True):
    """A ticket in a client's words."""

    bet_id: Id
    provider: str
    player: Id
    currency: str
    stake: Any
    kind: str
    placed_at: str
    selections: list[AskedSelection]
    provider_bet_id: Id | None = None
    each_way: bool = False
    free_bet_ref: Id | None = None
    stake_taken: bool = True
    accepted_at: str | None = None


def type_refusal(error: str) -> TicketRefusal:
    """Return a decoding error in our words, with its field counted as people count."""
    found = WRONG_TYPE.fullmatch(error)
    where = found["path"] or "" if found else ""
    field = INDEX.sub(lambda index: f"[{int(index[1]) + 1}]", where.removeprefix("."))
    if found is None:
        return TicketRefusal(error)
    if found["missing"] is not None:
        field = ".".join(filter(None, (field, found["missing"])))
        return TicketRefusal("is missing.", field=field)
    if found["unknown"] is not None:
        field = ".".join(filter(None, (field, found["unknown"] or "“”")))
        return TicketRefusal("is not a field of a ticket.", field=field)
    wanted = " or ".join(TYPES.get(one, one) for one in found["wanted"].split(" | "))
    return TicketRefusal(
        f"must be {wanted}, not {TYPES.get(found['got'], found['got'])}.", field=field
    )


WRONG_TYPE = re.compile(
    r"(?:Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`"
    r"|Object missing required field `(?P<missing>[^`]+)`"
    r"|Object contains unknown field `(?P<unknown>[^`]*)`)(?: - at `\$(?P<path>[^`]*)`)?",
    re.DOTALL,
)
INDEX = re.compile(r"\[(\d+)\]")
TYPES = {
    "str": "text", "int": "a whole number", "bool": "true or false", "array": "a list",
    "object": "an object", "null": "empty", "float": "a number", "decimal": "a number",
}  # fmt: skip
