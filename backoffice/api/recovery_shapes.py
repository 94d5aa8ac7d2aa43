"""Events that are told again, as the API reads and answers them."""

import msgspec

from feeds.producer_shapes import (
    Asked,
)


class RecoveryAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The event, by its provider's id, and why its results shall be told again."""

    event: str
    note: str


class RecoveryWanted(msgspec.Struct, frozen=True):
    """What is asked for: the producers' numbers, and a sentence that says when they are asked."""

    event: str
    producers: list[int]
    sentence: str


class RecoveryPage(msgspec.Struct):
    """Some requests, and the address of the next."""

    results: list[Asked]
    next: str | None


STRUCTURES = (RecoveryAsked, RecoveryWanted, RecoveryPage)
