"""A ticket at its provider, as the API reads and answers it. Amounts are decimal text."""

from typing import Literal

import msgspec


class CancelAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the provider shall cancel a bet: we want it, or it was not answered in time."""

    reason: Literal["bookmaker", "time_out"] = "bookmaker"


class CashOutAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the provider shall pay for a bet."""

    amount: str


class Wish(msgspec.Struct, frozen=True):
    """A wish that the provider took; `lookup` is the number under which it is kept."""

    bet_id: str
    lookup: int
    sentence: str


class ProviderField(msgspec.Struct):
    """One field on both sides; what a side says nothing of is null, and no difference."""

    field: str
    ours: str | None
    theirs: str | None
    differs: bool


class ProviderLookUp(msgspec.Struct):
    """What a provider says of a ticket beside what we have.

    `lookup` is what accepting its result names; null when it gives none, or one of another ticket
    (then `complaint` says why).
    """

    bet_id: str
    provider: str
    asked_at: str
    calls: list[int]
    lookup: int | None
    status: str | None
    reject_reason: str | None
    cancellation: str | None
    complaint: str | None
    sentences: list[str]
    differs: bool
    fields: list[ProviderField]


STRUCTURES = (CancelAsked, CashOutAsked, Wish, ProviderLookUp)
