"""A process of its own that posts until it is told to stop, or until it is killed.

    python -m tests.wallet.poster SEED SECONDS FILE ACCOUNT…

Each key is written to FILE before it is posted. A second start with the same FILE posts the keys
in it again, as a client would after a crash.
"""

import os
import random
import sys
import time
from pathlib import Path

import django

BATCH = 5


def main() -> None:
    """Post batches over shared accounts; exit 1 on the first posting that fails."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "backoffice.settings"
    django.setup()
    seed, seconds, name, *accounts = sys.argv[1:]
    chance, file = random.Random(int(seed)), Path(name)
    known = file.read_text().split() if file.exists() else []
    post([line for line in known if line.count(":") == 3])
    deadline = time.monotonic() + float(seconds)
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


def post(keys: list[str]) -> None:
    """Post what the keys say: seed, number, account, minor units."""
    from wallet import services  # noqa: PLC0415 - Django is set up by now
    from wallet.money import Money, Unit  # noqa: PLC0415
    from wallet.vocabulary import TransferKind  # noqa: PLC0415

    euro = Unit("EUR", 2)
    for start in range(0, len(keys), BATCH):
        postings = []
        for key in keys[start : start + BATCH]:
            _, _, account, minor = key.split(":")
            change = Money(int(minor), euro)
            postings.append(
                services.Posting(key, int(account), TransferKind.SETTLEMENT, change, "BET_SETTLED")
            )
        services.post_transfers(postings=postings, actor="poster")


if __name__ == "__main__":
    main()
