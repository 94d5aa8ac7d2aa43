"""The wallet for longer than a test run allows: `make campaign NAME=wallet`."""

from pathlib import Path

from tests.nursery import Nursery
from tests.wallet.test_races import kill_again_and_again, post_together

KILLS, SECONDS = 200, 120


def test_two_hundred_kills(children: Nursery, tmp_path: Path) -> None:
    transfers = kill_again_and_again(children, tmp_path, KILLS)

    print(f"\n{KILLS} kills, {transfers} transfers, each posted once; all truths hold.")


def test_two_minutes_over_shared_accounts(children: Nursery, tmp_path: Path) -> None:
    transfers = post_together(children, tmp_path, SECONDS)

    print(f"\n{transfers} transfers by 8 processes over 20 accounts in {SECONDS} s, 0 failed.")
