"""Many at once, and killed in between: no posting is lost, doubled or left half done."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import cast

from django.db import connection, transaction

from tests.factories import FundedPlayer, money
from tests.nursery import Nursery
from tests.services import deep
from tests.wallet.poster import post_for
from wallet import services
from wallet.invariants import TRUTHS
from wallet.models import Transfer
from wallet.selectors import Posted
from wallet.services import InsufficientFunds
from wallet.vocabulary import TransferKind

PROCESSES = 8
SECONDS = 20 if deep() else 4
KILLS = 30 if deep() else 6


def assert_each_key_was_posted_once(files: list[Path]) -> None:
    promised = sorted(key for file in files for key in file.read_text().split())
    posted = Transfer.objects.values_list("key", "player_account_id", "amount")
    assert sorted(posted) == sorted(
        (key, int(key.split(":")[2]), int(key.split(":")[3])) for key in promised
    )
    for truth in TRUTHS:
        assert truth.find() == [], truth.name


@contextmanager
def crew(size: int) -> Iterator[Callable[..., list[object]]]:
    """Yield what does works, each in a thread with a connection, as nearly at once as can be.

    The threads and their connections stay for the next works until the end of the block.
    """
    barrier = threading.Barrier(size)

    def run(work: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return work()
        except Exception as error:
            return error

    with ThreadPoolExecutor(size) as threads:

        def at_once(*works: Callable[[], object]) -> list[object]:
            assert len(works) == size
            return list(threads.map(run, works))

        try:
            yield at_once
        finally:
            at_once(*[leave] * size)


def leave() -> None:
    """Close the connection of the thread that does this."""
    connection.close()


def together(*works: Callable[[], object]) -> list[object]:
    """Run each work in a thread with a connection of its own, as nearly at once as can be."""
    with crew(len(works)) as at_once:
        return at_once(*works)


def post_together(children: Nursery, folder: Path, seconds: float) -> int:
    """Let eight processes post over twenty accounts; return how many transfers that made."""
    accounts = [FundedPlayer.create().account.pk for _ in range(20)]
    files = [folder / f"{seed}" for seed in range(PROCESSES)]
    running = [
        children.start(post_for, seconds, seed, str(file), accounts)
        for seed, file in enumerate(files)
    ]
    assert [children.wait(child) for child in running] == [0] * PROCESSES
    assert_each_key_was_posted_once(files)
    return Transfer.objects.count()


def test_eight_processes_post_over_shared_accounts_without_one_failure(
    children: Nursery, tmp_path: Path
) -> None:
    assert post_together(children, tmp_path, SECONDS) > 1000


def test_the_truths_hold_at_every_moment_while_money_moves(
    children: Nursery, tmp_path: Path
) -> None:
    accounts = [FundedPlayer.create().account.pk for _ in range(20)]
    running = [children.start(post_for, 60, s, str(tmp_path / f"{s}"), accounts) for s in range(2)]
    wait_until(lambda: Transfer.objects.count() > 100)

    for number in range(30):
        assert [truth.name for truth in TRUTHS if truth.find()] == []
        if number % 5 == 0:
            services.checkpoint_house_accounts()

    for child in running:
        assert killed(children, child)


def killed(children: Nursery, child: int) -> bool:
    """Kill a child that is at work; say whether it was."""
    os.kill(child, signal.SIGKILL)
    return children.wait(child) == -signal.SIGKILL


def kill_again_and_again(children: Nursery, folder: Path, kills: int) -> int:
    """Kill a posting process at random moments and let it repeat itself; return the transfers."""
    accounts = [FundedPlayer.create().account.pk for _ in range(20)]
    file, chance = folder / "keys", random.Random(9)
    for _ in range(kills):
        before = file.stat().st_size if file.exists() else 0
        child = children.start(post_for, 60, 1, str(file), accounts)
        wait_until(lambda before=before: file.exists() and file.stat().st_size > before)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.3))
        assert killed(children, child)
        # A line that the kill cut off was never posted: its client never knew it.
        whole = file.read_text().rpartition("\n")[0]
        file.write_text(whole + "\n" if whole else "")
    everything = len(file.read_text().split())
    assert children.run(post_for, 0, 1, str(file), accounts, everything) == 0
    assert_each_key_was_posted_once([file])
    return Transfer.objects.count()


def test_a_process_killed_at_any_moment_leaves_each_posting_done_once(
    children: Nursery, tmp_path: Path
) -> None:
    assert kill_again_and_again(children, tmp_path, KILLS) > KILLS


def wait_until(true: Callable[[], bool], patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_balance_is_spent_once_by_ten_at_the_same_moment(own_database: str) -> None:
    player = FundedPlayer.create("10.00")

    results = together(*(lambda: player.post("-10.00", kind=TransferKind.STAKE) for _ in range(10)))

    refused = [result for result in results if isinstance(result, InsufficientFunds)]
    assert len(refused) == 9
    assert player.balance == "0.00"


def test_the_same_key_posted_by_ten_at_once_is_posted_once(own_database: str) -> None:
    player = FundedPlayer.create("10.00")
    posting = player.posting("5.00")

    results = together(
        *(lambda: services.post_transfers(postings=[posting], actor="test") for _ in range(10))
    )

    repeated = [row.repeated for posted in results for row in cast("list[Posted]", posted)]
    assert sorted(repeated) == [False] + [True] * 9
    assert player.balance == "15.00"


def test_the_same_key_for_two_players_at_once_is_posted_for_one(own_database: str) -> None:
    players = [FundedPlayer.create("10.00"), FundedPlayer.create("10.00")]

    with crew(2) as at_once:
        for round_ in range(20):
            key = f"k-{round_}"
            results = at_once(*(partial(player.post, "1.00", key=key) for player in players))
            assert sum(isinstance(result, services.KeyReused) for result in results) == 1, results

    assert Transfer.objects.filter(key__startswith="k-").count() == 20


def test_two_batches_in_opposite_order_do_not_deadlock(own_database: str) -> None:
    players = [FundedPlayer.create("10.00") for _ in range(10)]

    def post(order: list[FundedPlayer]) -> object:
        postings = [player.posting("1.00") for player in order]
        return len(services.post_transfers(postings=postings, actor="test"))

    with crew(2) as at_once:
        for _ in range(20):
            results = at_once(lambda: post(players), lambda: post(players[::-1]))
            assert results == [10, 10]

    assert {player.balance for player in players} == {"50.00"}


def test_time_and_number_run_the_same_way_also_for_who_had_to_wait(own_database: str) -> None:
    first, second = FundedPlayer.create(), FundedPlayer.create()

    def post_to_both() -> None:
        both = [first.posting("1.00"), second.posting("1.00", key="waited")]
        services.post_transfers(postings=both, actor="test")
        connection.close()

    waiting = threading.Thread(target=post_to_both)
    with transaction.atomic():
        services.lock_accounts([first.account.pk])
        waiting.start()
        wait_until(somebody_waits)
        together(lambda: second.post("2.00", key="went ahead"))
    waiting.join()

    times = Transfer.objects.filter(player_account=second.account).order_by("account_sequence")
    assert [t.key for t in times] == ["went ahead", "waited"]
    assert times[0].created_at < times[1].created_at


def somebody_waits() -> bool:
    """Whether a session of this test's database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # A transaction keeps what it saw first.
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_an_account_is_opened_once_by_ten_at_the_same_moment(own_database: str) -> None:
    player = FundedPlayer.create().player

    results = together(
        *(
            lambda: (
                services.deposit(
                    player=player, amount=money("1", "JPY"), key="j", actor="t", reason="OTHER"
                ).balance_after
            )
            for _ in range(10)
        )
    )

    assert results == [1] * 10
    assert player.accounts.filter(currency_id="JPY").count() == 1
