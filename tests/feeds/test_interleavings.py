"""Every order in which two sides can commit: whoever comes second sees the other.

Each side runs in a thread of its own and stops before each of its commits, until the order that is
tried lets it go on. A side that waits for the other's lock goes on when it gets it. All orders are
tried, one after the other, on bets and events of their own.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from backoffice import truths
from backoffice.intake import bring_in
from feeds import inbox, store
from feeds.models import FeedMessage, Unfinished
from settlement import reading, services, tasks
from settlement.models import (
    DueMarket,
    DueTicket,
    LookBack,
    MarketFact,
    Review,
    SettlementEvent,
    Ticket,
    TicketFact,
)
from settlement.recording import look_for_tickets
from tests.factories import FundedPlayer
from tests.feeds.words import FEED, message, odds88, settled, speak
from tests.services import deep
from tests.settlement.asked import Json, bet, selection
from wallet import prepared

PATIENCE = 20
QUIET = 0.005
MONEY = 1_000_000_00  # cents
PREEMPTIONS = 3 if deep() else 2
FEWER = PREEMPTIONS - 1
OF_THREE = 1
PARKED: list[BaseDatabaseWrapper] = []
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
            if PARKED:
                connections[DEFAULT_DB_ALIAS] = PARKED.pop()
            connection.ensure_connection()
            self.pid = connection.connection.info.backend_pid
            commit = connection.commit
            connection.commit = partial(self.stand_before, commit)  # type: ignore[method-assign]
            self.wait_for_leave()
            self.work()
        except Exception as error:
            self.error = repr(error)
        finally:
            park_connection()
            self.becomes("is over")

    def stand_before(self, commit: Callable[[], None]) -> None:
        """Wait for leave to commit, if there is anything that others would see."""
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
            written = cursor.fetchone() == (True,)
        if written:
            self.wait_for_leave()
        commit()

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


def park_connection() -> None:
    """Leave this thread's connection to the next side: a new one is slow until it is warm."""
    mine = connections[DEFAULT_DB_ALIAS]
    vars(mine).pop("commit", None)
    mine.inc_thread_sharing()
    PARKED.append(mine)


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
            "SELECT bool_and(wait_event_type IS NOT DISTINCT FROM 'Lock') "
            "FROM unnest(%s::int[]) pid LEFT JOIN LATERAL pg_stat_get_activity(pid) ON true",
            [list(pids)],
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make sides stop before statements that commit by themselves, and where a look may be late.

    The connections that they leave are closed afterwards.
    """
    run = prepared.run

    def stop_and_run(statement: str, values: Sequence[Any]) -> Any:
        side = threading.current_thread()
        if isinstance(side, Side) and stops_before(statement):
            side.wait_for_leave()
        return run(statement, values)

    monkeypatch.setattr(prepared, "run", stop_and_run)
    yield
    while PARKED:
        PARKED.pop().close()


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
Story = Callable[[FundedPlayer, str], Sequence[Work]]


def bring(*asked: Json) -> Work:
    """Return the bringing in of tickets, together; each comes in."""

    def work() -> None:
        answers = bring_in(tickets=asked, actor="test")
        assert {answer.status for answer in answers} == {"created"}, answers

    return work


def hear(*raw: bytes, feed: str = "odds88", drained: bool = False) -> Work:
    """Return the receiving and the processing of messages, together."""

    def work() -> None:
        inbox.process(message_ids=inbox.receive(feed=feed, bodies=raw).ids)
        if drained:
            inbox.drain()

    return work


def in_turn(*works: Work) -> Work:
    """Return one work after the other."""
    return lambda: [work() for work in works]


def left_undone() -> dict[str, int]:
    """Return how many rows still wait for somebody."""
    waiting = (DueTicket, DueMarket, LookBack, Unfinished, Review)
    counts = {model.__name__: model.objects.count() for model in waiting}
    return {name: number for name, number in counts.items() if number}


def events_of(name: str) -> list[list[int]]:
    """Return what each ticket of a story paid, in cents, after each of its events."""
    found: dict[str, list[int]] = {}
    events = SettlementEvent.objects.filter(ticket__bet_id__startswith=f"{name}-")
    for bet_id, payout in events.order_by("sequence").values_list("ticket__bet_id", "after_payout"):
        found.setdefault(bet_id, []).append(payout)
    return list(found.values())


def try_all_orders(
    story: Story,
    bets: int,
    *,
    ends: Sequence[Sequence[int]] = ((2500,),),
    orders: Iterable[Choice] | None = None,
) -> int:
    """Tell a story in every order: each bet's payouts are one of `ends`, and nothing is left.

    What each bet is paid in the end is the last number of each of them. Returns how many orders
    that were.
    """
    player, tried = FundedPlayer.create(f"{MONEY // 100}.00"), 0
    for choose in orders or Orders(PREEMPTIONS):
        name = f"{next(numbers)}"

        race(story(player, name), choose)

        paid = events_of(name)
        assert len(paid) == bets
        assert all(one in [list(end) for end in ends] for one in paid), paid
        assert left_undone() == {}
        tried += 1
    assert tried > 4
    assert cents(player) == MONEY + tickets_of(player) * (ends[0][-1] - 1000)
    assert_sound()
    return tried


def tickets_of(player: FundedPlayer) -> int:
    """Return how many tickets somebody has."""
    return Ticket.objects.filter(player=player.player).count()


def cents(player: FundedPlayer) -> int:
    """Return what a player holds now."""
    player.account.refresh_from_db()
    return player.account.balance or 0


def assert_sound() -> None:
    """Look at every truth, and at the inbox."""
    assert_true()
    assert set(FeedMessage.objects.values_list("state", flat=True)) <= {"DONE"}


def assert_true() -> None:
    """Look at every truth."""
    assert [(found.name, found.rows) for found in truths.check() if found.rows] == []


def under_all_its_ids(player: FundedPlayer, name: str) -> Sequence[Work]:
    """Its bet_id, the request in it, its provider_bet_id as it is, and the request in that."""
    own = [{}, {}, {"provider_bet_id": f"R:{name}"}, {"provider_bet_id": f"R-{name}"}]
    asked = [
        bet(player, bet_id=f"{name}-{number}", provider="odds88", **words)
        for number, words in enumerate(own)
    ]
    who = player.player.external_id
    told = [f"{name}-0", f"{who}:{name}-1", f"R:{name}", f"{who}:R-{name}"]
    return bring(*asked), hear(*[odds88(ref) for ref in told])


def test_a_bet_and_its_result_find_each_other_in_every_order(
    own_database: str, stops: None
) -> None:
    try_all_orders(under_all_its_ids, bets=4)


def on_market(player: FundedPlayer, name: str, number: int = 0) -> Json:
    """Write down a ticket on the first market of an event that bears the story's name."""
    leg = selection(event=f"E-{name}")
    return bet(player, leg, bet_id=f"{name}-{number}", provider="sportradar")


def told_of(name: str) -> bytes:
    """Return the message that settles that market, and another one that nobody bets on."""
    event = f"E-{name}"
    return message(settled(event, X="won"), settled(event, market="2", X="lost"))


def hear_of(name: str) -> Work:
    """Return the hearing of that message, and the settling of whatever is due then."""
    return hear(told_of(name), feed=FEED, drained=True)


def first_ticket(player: FundedPlayer, name: str) -> Sequence[Work]:
    return bring(on_market(player, name)), hear_of(name)


def second_ticket(player: FundedPlayer, name: str) -> Sequence[Work]:
    bring(on_market(player, name))()
    return bring(on_market(player, name, 1)), hear_of(name)


def first_and_second_ticket(player: FundedPlayer, name: str) -> Sequence[Work]:
    tickets = [bring(on_market(player, name, number)) for number in range(2)]
    return in_turn(*tickets), hear_of(name)


def two_first_tickets(player: FundedPlayer, name: str) -> Sequence[Work]:
    return *[bring(on_market(player, name, number)) for number in range(2)], hear_of(name)


def two_first_tickets_afterwards(player: FundedPlayer, name: str) -> Sequence[Work]:
    hear(told_of(name), feed=FEED)()
    return [bring(on_market(player, name, number)) for number in range(2)]


@pytest.mark.parametrize(
    ("story", "bets", "most"),
    [
        (first_ticket, 1, PREEMPTIONS),
        (second_ticket, 2, PREEMPTIONS),
        (first_and_second_ticket, 2, FEWER),
        (two_first_tickets, 2, OF_THREE),
        (two_first_tickets_afterwards, 2, FEWER),
    ],
)
def test_a_ticket_and_what_settles_its_market_find_each_other_in_every_order(
    own_database: str, stops: None, story: Story, bets: int, most: int
) -> None:
    speak()

    try_all_orders(story, bets, orders=Orders(most))


def test_a_market_is_bet_on_twice_while_its_message_is_looked_at(
    own_database: str, stops: None
) -> None:
    """The first bet comes before the second look, the other before the facts are committed."""
    speak()
    player = FundedPlayer.create("100.00")
    first, second = [bring(on_market(player, "M", number)) for number in range(2)]
    turns = [0, 0, *[1] * 20, 0, *[2] * 20]

    def choose(ready: Sequence[int]) -> int:
        while turns:
            if (side := turns.pop(0)) in ready:
                return side
        return ready[0]

    race([hear_of("M"), first, second], choose)

    assert events_of("M") == [[2500], [2500]]
    assert left_undone() == {}


def told_by_odds88(word: str, at: int) -> Callable[[str], Work]:
    return lambda name: hear(odds88(f"{name}-0", word, at=at))


def told_by_market(word: str, at: int) -> Callable[[str], Work]:
    def work(name: str) -> Work:
        said = message(settled(f"E-{name}", X=word, at=at))
        return hear(said, feed=FEED, drained=True)

    return work


def taken_by_odds88(player: FundedPlayer, name: str) -> None:
    bring(bet(player, bet_id=f"{name}-0", provider="odds88"))()


def taken_on_market(player: FundedPlayer, name: str) -> None:
    bring(on_market(player, name))()


def left_due(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hear something, and settle nothing: all is left due."""
    with monkeypatch.context() as patched:
        for module, name in ((services, "settle"), (services, "drain")):
            patched.setattr(module, name, lambda **_: services.Done())
        for name in ("look_for_tickets", "look_for_all_tickets"):
            patched.setattr(inbox, name, lambda *_: None)
        work()


BOTH = pytest.mark.parametrize(
    ("taken", "told"),
    [(taken_by_odds88, told_by_odds88), (taken_on_market, told_by_market)],
    ids=["bet", "market"],
)


@BOTH
@pytest.mark.parametrize(
    ("old", "new", "ends"),
    [(0, 1, [(0,), (2500, 0)]), (1, 0, [(2500,), (0, 2500)])],
    ids=["newer", "older"],
)
def test_a_due_row_and_a_new_fact_end_in_the_latest_result_in_every_order(
    own_database: str, stops: None, monkeypatch: pytest.MonkeyPatch,
    taken: Any, told: Any, old: int, new: int, ends: Sequence[Sequence[int]],
) -> None:  # fmt: skip
    """The row is of a winner, the new fact says that he lost, a second later or earlier."""
    speak()

    def story(player: FundedPlayer, name: str) -> Sequence[Work]:
        taken(player, name)
        left_due(told("won", old)(name), monkeypatch)
        return tasks.settle_due, told("lost", new)(name)

    try_all_orders(story, 1, ends=ends)


@BOTH
def test_two_results_of_one_ticket_by_two_processes_end_in_the_later_one(
    own_database: str, stops: None, taken: Any, told: Any
) -> None:
    speak()

    def story(player: FundedPlayer, name: str) -> Sequence[Work]:
        taken(player, name)
        return told("won", 0)(name), told("lost", 1)(name)

    try_all_orders(story, 1, ends=[(0,), (2500, 0)], orders=Orders(FEWER))


@BOTH
def test_one_message_by_two_processes_is_one_fact(
    own_database: str, stops: None, taken: Any, told: Any
) -> None:
    speak()

    def story(player: FundedPlayer, name: str) -> Sequence[Work]:
        taken(player, name)
        return [told("won", 0)(name)] * 2

    try_all_orders(story, 1, orders=Orders(FEWER))

    tickets = Ticket.objects.count()
    assert TicketFact.objects.count() + MarketFact.objects.count() == tickets
    assert set(FeedMessage.objects.values_list("times_received", flat=True)) == {2}


@BOTH
def test_two_who_settle_what_is_due_settle_it_once(
    own_database: str, stops: None, monkeypatch: pytest.MonkeyPatch, taken: Any, told: Any
) -> None:
    speak()

    def story(player: FundedPlayer, name: str) -> Sequence[Work]:
        taken(player, name)
        left_due(told("won", 0)(name), monkeypatch)
        ticket = Ticket.objects.latest("pk").pk
        return tasks.settle_due, in_turn(
            look_for_tickets, lambda: services.settle(ticket_ids=[ticket])
        )

    try_all_orders(story, 1)
