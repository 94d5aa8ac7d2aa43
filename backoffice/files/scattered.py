"""Bets whose rows stand in several places of a file, found in flat memory before any is taken in.

Half of an accumulator would pass for a smaller one, and what was taken in can't be taken back.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from hashlib import blake2b
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from backoffice.files.bets import Bet, Record

BUCKETS = 64
IN_MEMORY = 2**16
DIGEST = 8


class Scattered:
    """The bets that stand in several places, each time with other rows."""

    def __init__(self, found: frozenset[bytes] = frozenset()) -> None:
        self.found = found

    def __contains__(self, bet_id: object) -> bool:
        return bool(self.found) and digest(str(bet_id)) in self.found


def scattered_in(bets: Iterable[Bet]) -> tuple[Scattered, int]:
    """Look through all bets; return the scattered ones, and how many rows there are."""
    rows = 0
    with ExitStack() as stack:
        buckets = [
            cast("BinaryIO", stack.enter_context(SpooledTemporaryFile(max_size=IN_MEMORY)))
            for _ in range(BUCKETS)
        ]
        for bet in bets:
            rows += len(bet.rows)
            if bet.bet_id:
                name = digest(bet.bet_id)
                buckets[name[0] % BUCKETS].write(name + digest(content(bet.records)))
        found = frozenset(name for bucket in buckets for name in disagreeing(bucket))
    return Scattered(found), rows


def digest(text: str) -> bytes:
    """Return what stands for a text."""
    return blake2b(text.encode(errors="surrogateescape"), digest_size=DIGEST).digest()


def content(records: Iterable[Record]) -> str:
    """Return all cells of some rows as one text."""
    return "\x1e".join("\x1f".join(record.values()) for record in records)


def disagreeing(bucket: BinaryIO) -> set[bytes]:
    """Return the names that stand in a bucket with more than one content."""
    first: dict[bytes, bytes] = {}
    found = set()
    bucket.seek(0)
    while pair := bucket.read(2 * DIGEST):
        name, what = pair[:DIGEST], pair[DIGEST:]
        if first.setdefault(name, what) != what:
            found.add(name)
    return found
