"""Every order in which two sides can commit: whoever comes second sees the other.

Each side runs in a thread of its own and stops before each of its commits, until the order that is
tried lets it go on. A side that waits for the other's lock goes on when it gets it. All orders are
tried, one after the other, on bets and events of their own.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.db import connection

from backoffice import truths
from backoffice.intake import bring_in
from feeds import inbox, store
from feeds.models import FeedMessage, Unfinished
from settlement import reading
from settlement.models import (
    DueMarket,
    DueTicket,
    LookBack,
    Review,
    SettlementEvent,
)
from tests.factories import FundedPlayer
from tests.feeds.words import FEED, message, odds88, settled, speak
from tests.services import deep
from tests.settlement.asked import Json, bet, selection
from wallet import prepared

PATIENCE = 20
QUIET = 0.002
PREEMPTIONS = 4 if deep() else 2
numbers = count(1)


class Side(threading.Thread):
    """One side: it runs up to its next commit, and stands there until it may go on."""

    def __init__(self, work: Callable[[], object], changed: threading.Condition) -> None:
        super().__init__(daemon=True)
        self.work, self.changed = work, changed
        self.pid, self.state, self.error = 0, "runs", ""
        self.may_go = threading.Semaphore(0)

    def run(self) -> None:
        """Do the work with a connection whose commits wait."""
        try:
            connection.ensure_connection()
            self.pid = connection.connection.info.backend_pid
            commit = connection.commit
            connection.commit = lambda: (self.stand(), commit())  # type: ignore[method-assign]
            self.wait_for_leave()
            self.work()
        except Exception as error:
            self.error = repr(error)
        finally:
            connection.close()
            self.becomes("is over")

    def stand(self) -> None:
        """Wait for leave to commit, if there is anything that others would see."""
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
            if cursor.fetchone() == (False,):
                return
        self.wait_for_leave()

    def wait_for_leave(self) -> None:
        """Stand until it is this side's turn."""
        self.becomes("stands")
        self.may_go.acquire()

    def becomes(self, state: str) -> None:
        """Tell whoever watches."""
        with self.changed:
            self.state = state
            self.changed.notify_all()

    def go_on(self) -> None:
        """Let the side commit, and run to its next commit."""
        self.state = "runs"
        self.may_go.release()


Choice = Callable[[Sequence[int]], int]


def race(works: Sequence[Callable[[], object]], choose: Choice) -> None:
    """Run sides to their ends, letting one after the other go on as `choose` says."""
    changed = threading.Condition()
    sides = [Side(work, changed) for work in works]
    for side in sides:
        side.start()
    while ready := standing(sides, changed):
        sides[choose(ready)].go_on()
    for side in sides:
        side.join()
    assert [side.error for side in sides] == [""] * len(sides)


def standing(sides: Sequence[Side], changed: threading.Condition) -> list[int]:
    """Return the sides that stand at a commit, once each other one is over or waits for a lock."""
    deadline = time.monotonic() + PATIENCE
    with changed:
        while True:
            stand = [n for n, side in enumerate(sides) if side.state == "stands"]
            running = [side.pid for side in sides if side.state == "runs"]
            if not running or (stand and changed.wait(QUIET) is False and blocked(running)):
                return stand
            if not stand:
                changed.wait(QUIET)
            assert time.monotonic() < deadline, [side.state for side in sides]


def blocked(pids: Sequence[int]) -> bool:
    """Whether all of these sessions wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(cardinality(pg_blocking_pids(pid)) > 0) FROM unnest(%s::int[]) pid",
            [list(pids)],
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make sides stop before statements that commit by themselves, and where a look may be late."""
    run = prepared.run

    def stop_and_run(statement: str, values: Sequence[Any]) -> Any:
        side = threading.current_thread()
        if isinstance(side, Side) and stops_before(statement):
            side.wait_for_leave()
        return run(statement, values)

    monkeypatch.setattr(prepared, "run", stop_and_run)


def stops_before(statement: str) -> bool:
    """Whether a side stops before a statement, besides its commits."""
    alone = not connection.in_atomic_block and not statement.lstrip().startswith("SELECT")
    return alone or statement in LATE


LATE = (store.FINISH, reading.SELECTIONS)  # Tickets were looked for; tickets were locked.


@dataclass(slots=True)
class Orders:
    """All orders in which to let two sides go on, each a list of choices."""

    most: int
    taken: list[tuple[int, int]] = field(default_factory=list)
    prefix: list[int] = field(default_factory=list)
    last: int = 0
    preemptions: int = 0

    def choose(self, ready: Sequence[int]) -> int:
        """Choose who goes on: the same side again, until another order is asked for."""
        options = sorted(ready, key=lambda side: side != self.last)
        if self.last in ready and self.preemptions >= self.most:
            options = options[:1]
        place = len(self.taken)
        index = min(self.prefix[place] if place < len(self.prefix) else 0, len(options) - 1)
        self.taken.append((index, len(options)))
        self.preemptions += bool(index and self.last in ready)
        self.last = options[index]
        return self.last

    def __iter__(self) -> Iterator[Choice]:
        """Yield a way to choose for each order."""
        while True:
            self.taken, self.last, self.preemptions = [], 0, 0
            yield self.choose
            while self.taken and self.taken[-1][0] + 1 >= self.taken[-1][1]:
                self.taken.pop()
            if not self.taken:
                return
            self.prefix = [index for index, _ in self.taken[:-1]] + [self.taken[-1][0] + 1]


Work = Callable[[], object]
Telling = Callable[[FundedPlayer, str], Sequence[Work]]


def bring(*asked: Json) -> Work:
    """Return the bringing in of tickets, one after the other; each comes in."""

    def work() -> None:
        for one in asked:
            assert [answer.status for answer in bring_in(tickets=[one], actor="test")] == [
                "created"
            ]

    return work


def hear(raw: bytes, *, feed: str = "odds88", drained: bool = False) -> Work:
    """Return the receiving and the processing of a message."""

    def work() -> None:
        inbox.process(message_ids=inbox.receive(feed=feed, bodies=[raw]).ids)
        if drained:
            inbox.drain()

    return work


def left_undone() -> dict[str, int]:
    """Return how many rows still wait for somebody."""
    waiting = (DueTicket, DueMarket, LookBack, Unfinished, Review)
    counts = {model.__name__: model.objects.count() for model in waiting}
    return {name: number for name, number in counts.items() if number}


def events_of(bet_id: str) -> list[tuple[str, int]]:
    """Return what happened to a ticket, with what it paid in cents then."""
    found = SettlementEvent.objects.filter(ticket__bet_id=bet_id).order_by("sequence")
    return list(found.values_list("kind", "after_payout"))


def try_all_orders(telling: Telling, bets: int) -> None:
    """Tell a story in every order: all its bets win, once, and nothing is left undone."""
    player, told = FundedPlayer.create("100000.00"), 0
    for choose in Orders(PREEMPTIONS):
        name = f"{next(numbers)}"

        race(telling(player, name), choose)

        for number in range(bets):
            assert events_of(f"{name}-{number}") == [("SETTLE", 2500)]
        assert left_undone() == {}
        told += 1
    assert told > 5
    assert player.balance == f"{100000 + 15 * bets * told}.00"
    assert_sound()


def assert_sound() -> None:
    """Look at every truth, and at the inbox."""
    assert [(found.name, found.rows) for found in truths.check() if found.rows] == []
    assert set(FeedMessage.objects.values_list("state", flat=True)) <= {"DONE"}


def by_bet_id(player: FundedPlayer, name: str) -> Sequence[Work]:
    asked = bet(player, bet_id=f"{name}-0", provider="odds88")
    return bring(asked), hear(odds88(f"{name}-0"))


def by_request(player: FundedPlayer, name: str) -> Sequence[Work]:
    asked = bet(player, bet_id=f"{name}-0", provider="odds88")
    return bring(asked), hear(odds88(f"{player.player.external_id}:{name}-0"))


def by_provider_bet_id(player: FundedPlayer, name: str) -> Sequence[Work]:
    asked = bet(player, bet_id=f"{name}-0", provider="odds88", provider_bet_id=f"R:{name}")
    return bring(asked), hear(odds88(f"R:{name}"))


def by_request_as_provider_bet_id(player: FundedPlayer, name: str) -> Sequence[Work]:
    asked = bet(player, bet_id=f"{name}-0", provider="odds88", provider_bet_id=f"R-{name}")
    return bring(asked), hear(odds88(f"{player.player.external_id}:R-{name}"))


@pytest.mark.parametrize(
    "telling", [by_bet_id, by_request, by_provider_bet_id, by_request_as_provider_bet_id]
)
def test_a_bet_and_its_result_find_each_other_in_every_order(
    own_database: str, stops: None, telling: Telling
) -> None:
    try_all_orders(telling, bets=1)


def on_market(player: FundedPlayer, name: str, number: int = 0) -> Json:
    """Write down a ticket on the first market of an event that bears the story's name."""
    leg = selection(event=f"E-{name}")
    return bet(player, leg, bet_id=f"{name}-{number}", provider="sportradar")


def told_of(name: str) -> bytes:
    """Return the message that settles that market, and another one that nobody bets on."""
    event = f"E-{name}"
    return message(settled(event, X="won"), settled(event, market="2", X="lost"))


def first_ticket(player: FundedPlayer, name: str) -> Sequence[Work]:
    return bring(on_market(player, name)), hear(told_of(name), feed=FEED, drained=True)


def second_ticket(player: FundedPlayer, name: str) -> Sequence[Work]:
    bring(on_market(player, name))()
    return bring(on_market(player, name, 1)), hear(told_of(name), feed=FEED, drained=True)


def first_and_second_ticket(player: FundedPlayer, name: str) -> Sequence[Work]:
    tickets = [on_market(player, name, number) for number in range(2)]
    return bring(*tickets), hear(told_of(name), feed=FEED, drained=True)


def two_first_tickets(player: FundedPlayer, name: str) -> Sequence[Work]:
    tickets = [bring(on_market(player, name, number)) for number in range(2)]
    return *tickets, hear(told_of(name), feed=FEED, drained=True)


def two_first_tickets_afterwards(player: FundedPlayer, name: str) -> Sequence[Work]:
    hear(told_of(name), feed=FEED)()
    return [bring(on_market(player, name, number)) for number in range(2)]


@pytest.mark.parametrize(
    ("telling", "bets"),
    [
        (first_ticket, 1),
        (second_ticket, 2),
        (first_and_second_ticket, 2),
        (two_first_tickets, 2),
        (two_first_tickets_afterwards, 2),
    ],
)
def test_a_ticket_and_what_settles_its_market_find_each_other_in_every_order(
    own_database: str, stops: None, telling: Telling, bets: int
) -> None:
    speak()

    try_all_orders(telling, bets)
