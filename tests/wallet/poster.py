"""A work for a child of the nursery: it posts until its time is over, or until it is killed.

Each key is written to a file before it is posted. A second start with the same file posts what the
first may not have come to again, as a client would after a crash.
"""

import random
import time
from collections.abc import Sequence
from pathlib import Path

from wallet import services
from wallet.money import Money, Unit
from wallet.vocabulary import TransferKind

BATCH = 5
EURO = Unit("EUR", 2)


def post_for(
    seconds: float, seed: int, name: str, accounts: Sequence[int], again: int = 100
) -> None:
    """Post the last keys `again`, then batches over shared accounts."""
    chance, file = random.Random(seed), Path(name)
    known = file.read_text().split() if file.exists() else []
    post(known[-again:])
    deadline = time.monotonic() + seconds
    number = len(known)
    with file.open("a", buffering=1) as keys:
        while time.monotonic() < deadline:
            chosen = chance.choices(accounts, k=BATCH)
            batch = [
                f"{seed}:{number + i}:{a}:{chance.randint(1, 99)}" for i, a in enumerate(chosen)
            ]
            number += BATCH
            keys.write("\n".join(batch) + "\n")
            post(batch)


def post(keys: Sequence[str]) -> None:
    """Post what the keys say: seed, number, account, minor units."""
    for start in range(0, len(keys), BATCH):
        postings = []
        for key in keys[start : start + BATCH]:
            _, _, account, minor = key.split(":")
            change = Money(int(minor), EURO)
            postings.append(
                services.Posting(key, int(account), TransferKind.SETTLEMENT, change, "BET_SETTLED")
            )
        services.post_transfers(postings=postings, actor="poster")
