"""Statements over sets of rows, for settlement and the feeds above it: planned for their values."""

from collections.abc import Iterable, Sequence

from wallet.prepared import copy_rows as copy
from wallet.prepared import execute_planned as execute
from wallet.prepared import fetch_planned as fetch
from wallet.prepared import number_array as numbers
from wallet.prepared import text_array as texts

__all__ = ["copy", "execute", "fetch", "keys", "numbers", "optional", "texts", "words"]


def keys(values: Iterable[bytes]) -> str:
    """Return PostgreSQL's literal for an array of bytes."""
    return texts(["\\x" + value.hex() for value in values])


def optional(values: Sequence[int | None]) -> str:
    """Return PostgreSQL's literal for an array of numbers, some of them missing."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def words(values: Sequence[str | None]) -> str:
    """Return PostgreSQL's literal for an array of plain words, some of them missing."""
    return "{" + ",".join(["NULL" if value is None else f'"{value}"' for value in values]) + "}"
