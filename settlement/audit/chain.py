"""Links of the chain: how a seal follows the one before, and whose key stands for it."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings

BEGINNING = bytes(32)


@dataclass(frozen=True, slots=True)
class Link:
    """What a seal says: all of it goes into the chain. `sealed_at` is in microseconds."""

    number: int
    table: str
    form: int
    cluster: str
    sealed_at: str
    last_xact: str
    last_id: int
    row_count: int
    least_id: int
    greatest_id: int
    ids: Sequence[int]
    digests: Sequence[bytes]

    def after(self, previous: bytes) -> bytes:
        """Return the chain's hash when this link follows `previous`."""
        words = (
            self.number, self.table, self.form, self.cluster, self.sealed_at, self.last_xact,
            self.last_id, self.row_count, self.least_id, self.greatest_id,
            ",".join(map(str, self.ids)),
        )  # fmt: skip
        said = "\n".join(map(str, words)).encode() + b"\n"
        return sha256(previous + said + b"".join(filter(None, self.digests))).digest()


def sign(number: int, chain: bytes) -> bytes:
    """Sign a place in the chain with today's key."""
    return signature(settings.AUDIT_KEY, number, chain)


def is_signed(number: int, chain: bytes, signed: bytes) -> bool:
    """Say whether one of our keys, today's or an earlier one, signed this place in the chain."""
    return any(
        hmac.compare_digest(signature(key, number, chain), signed)
        for key in (settings.AUDIT_KEY, *settings.AUDIT_KEY_FALLBACKS)
    )


def signature(key: str, number: int, chain: bytes) -> bytes:
    """Return the HMAC-SHA256 of a place in the chain."""
    return hmac.digest(key.encode(), f"{number}:{chain.hex()}".encode(), "sha256")
