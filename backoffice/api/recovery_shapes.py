"""Events that are told again, as the API reads and answers them."""

import msgspec

from feeds.recovery_shapes import Asked


class RecoveryAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The event, by its provider's id, and why its results shall be told again."""

    event: str
    note: str


class RecoveryWanted(msgspec.Struct, frozen=True):
    """Who is asked, and a sentence that says when: feeds, and of Sportradar the producers."""

    event: str
    feeds: list[str]
    producers: list[int]
    sentence: str


class RecoveryPage(msgspec.Struct):
    """Some requests, and the address of the next."""

    results: list[Asked]
    next: str | None


STRUCTURES = (RecoveryAsked, RecoveryWanted, RecoveryPage)
