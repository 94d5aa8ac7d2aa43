"""What looking at the seals can find, in words for people and programs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Fault(StrEnum):
    """What can be wrong with a row, a seal, or the chain's end."""

    CHANGED = "CHANGED"
    MISSING = "MISSING"
    ADDED = "ADDED"
    SEAL_MISSING = "SEAL_MISSING"
    SEAL_CHANGED = "SEAL_CHANGED"
    SEAL_NOT_SIGNED = "SEAL_NOT_SIGNED"
    SEAL_UNKNOWN = "SEAL_UNKNOWN"
    HEAD_NOT_SIGNED = "HEAD_NOT_SIGNED"
    END_MISSING = "END_MISSING"
    HEAD_DIFFERS = "HEAD_DIFFERS"


SENTENCES = {
    Fault.CHANGED: "Row {id} of {table} was changed after seal {seal} was put on it.",
    Fault.MISSING: "Row {id} of {table} is gone; seal {seal} was put on it.",
    Fault.ADDED: "Row {id} of {table} was added later among the rows of seal {seal}.",
    Fault.SEAL_MISSING: "Seal {seal} is gone.",
    Fault.SEAL_CHANGED: "Seal {seal}, of {table}, was changed: it does not follow from the last.",
    Fault.SEAL_NOT_SIGNED: "Seal {seal}, of {table}, is not signed with our key (AUDIT_KEY).",
    Fault.SEAL_UNKNOWN: "Seal {seal} is of a form of {table} that this release does not know.",
    Fault.HEAD_NOT_SIGNED: "The head is not signed with our key: it is not what was saved.",
    Fault.END_MISSING: "The chain's end is gone: the saved head, seal {seal}, is not there.",
    Fault.HEAD_DIFFERS: "Seal {seal} is another one than when the head was saved.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is not as it was."""

    fault: Fault
    seal: int
    table: str = ""
    id: int | None = None

    @property
    def sentence(self) -> str:
        """Say it to a person."""
        return SENTENCES[self.fault].format(seal=self.seal, table=self.table, id=self.id)


class Head(NamedTuple):
    """The chain's end, as it is saved outside: it tells when later a part of the end is cut off."""

    number: int
    chain: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, and what was found.

    In `restored` tables, which another cluster sealed last, added rows can't be told yet.
    """

    seals: int
    rows: int
    waiting: int
    restored: list[str]
    head: Head | None
    finding: Finding | None
