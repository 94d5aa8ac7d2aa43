"""The run: messages that go on, a big market, a late ticket; then backlogs, ours and the limit."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import quantiles

from django.conf import settings
from django.db import connection, connections

from backoffice.bench import machine, ratios
from backoffice.bench.databases import Database
from backoffice.bench.feed.sides import wait
from backoffice.bench.intake.opening import add_players
from backoffice.bench.intake.run import analyse
from backoffice.bench.intake.tickets import player_ref
from backoffice.bench.measuring import Say, Size, Subject, measured
from backoffice.bench.rabbitmq import rabbitmq
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.bench.scratch import moved
from backoffice.bench.settle.bets import Bet, Leg, bets, bets_on, end_of
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.layout import Layout
from backoffice.bench.uof.children import BareConsumer, Receiver, Vendor
from backoffice.bench.uof.live import Pushing, Watch, is_paid, newly_settled
from backoffice.bench.uof.messages import hot, long_story, settlements, strangers
from backoffice.bench.uof.sides import LOOK, Backlog, Bare, all_settled, stored
from backoffice.bench.uof.stock import BACKLOG, HOT, HOT_EVENT, OVER, STEADY, specifiers, stock
from backoffice.intake import bring_in
from feeds import inbox
from feeds.models import Producer

STORED, SUSTAINED = "stored and acknowledged", 1500.0
WAITING, MOST_WAITING = "messages that waited at most", 2000.0
ACK, MOST_ACK = "the longest wait for an ack beside it", 1.0
PAID, MOST_PAID = "a market's last ticket", 15.0
LATE, MOST_LATE = "a first ticket's look back", 1.0
SIGNS = 12.0  # Seconds in which a producer that is up says so.
SAMPLE = 50  # Of so many messages that go on the time of one is taken.
STORY = "sr:match:70000001"


@dataclass(frozen=True, slots=True)
class UofSize(Size):
    """How much a run does."""

    players: int
    backlog: int
    rate: int
    seconds: int
    market: int
    beside: int
    story: int


FULL = UofSize(
    rounds=2, players=2_000, backlog=20_000, rate=500, seconds=60, market=100_000, beside=100,
    story=3000,
)  # fmt: skip
SMOKE = UofSize(
    rounds=2, players=100, backlog=200, rate=50, seconds=2, market=1000, beside=20, story=100
)
NOTES = (
    "A rate counts messages of fifty markets with two outcomes each, some 8 kB; each has one open "
    "ticket. The runner has one core for both of its threads; PostgreSQL, RabbitMQ and the sandbox "
    "share all. A message waits from before it is published until it is stored and "
    "committed: its ack follows at once. All bets' ends, all balances and all truths were compared "
    "at the end.",
)


def goals(size: UofSize) -> list[Goal]:
    """Return what is asked of a run."""
    return [
        Goal(STORED, "1,500 a second", floor=1),
        Goal(STORED, Bare.name, floor=0.04),
        Goal(Backlog.name, Bare.name),
        Goal("2,000 messages", WAITING, floor=1),
        Goal("1 s", ACK, floor=1),
        Goal("15 s", PAID, floor=1),
        Goal("1 s ", LATE, floor=1),
    ]


def layout(size: UofSize) -> Layout:
    """Return what stands in the database: the big market's tickets first."""
    backlog = [max(20, size.backlog // 10)] + [size.backlog] * size.rounds
    feed = {BACKLOG: backlog, STEADY: [size.rate * size.seconds]}
    needed = sum(map(sum, feed.values())) + size.market
    left = -needed % size.players  # As many for each player.
    return Layout(tickets=needed + left, feed=feed, markets={HOT: [size.market + left]})


def run(*, size: UofSize, goals: Sequence[Goal], say: Say) -> Report:
    """Fill a database, start the processes, and measure."""
    with ExitStack() as stack:
        broker = stack.enter_context(rabbitmq())
        found = machine.look()
        here = Database(connection.settings_dict["NAME"])
        connections.close_all()
        here.enter()
        vendor = Vendor(broker)
        stack.callback(vendor.end)
        receiver = Receiver(vendor, moved(settings.DATABASE_URL, here.name))
        stack.callback(receiver.end)
        wait(is_up, receiver)  # Before there are tickets: it would ask about all their events.
        books = filled(here, size, say)
        seen = Seen(books, vendor, receiver, size, say)
        seen.all()
        consumer = BareConsumer(broker)
        stack.callback(consumer.end)
        backlog = Backlog(books=books, vendor=vendor, receiver=receiver)
        taking_part = [backlog, Bare(books=books, broker=broker, consumer=consumer)]
        report = measured(
            title="Messages a second from RabbitMQ to the balances.",
            taking_part=taking_part,
            found=found,
            goals=[goal for goal in goals if (goal.side, goal.against) == PAIRED],
            notes=NOTES,
            size=size,
            warmed_up=lambda: analyse(here),
            say=say,
        )
        return completed(report, goals, backlog, seen)


PAIRED = (Backlog.name, Bare.name)


def is_up() -> bool:
    """Whether the producer is up, and has said so since."""
    return Producer.objects.filter(state="UP", checkpoint_ms__isnull=False).exists()


def filled(here: Database, size: UofSize, say: Say) -> Books:
    """Return the books with their tickets."""
    say(f"opening {size.players:,} accounts")
    add_players(size.players)
    books = Books(database=here, layout=layout(size), stock=stock)
    books.fill(say)
    analyse(here)
    return books


class Seen:
    """What is seen before the backlogs: figures that are no rate."""

    def __init__(
        self, books: Books, vendor: Vendor, receiver: Receiver, size: UofSize, say: Say
    ) -> None:
        self.books, self.vendor, self.receiver = books, vendor, receiver
        self.size, self.say = size, say

    def all(self) -> None:
        """See it all, one thing after the other."""
        self.say("messages that go on")
        self.steadily()
        self.say(f"one market with {self.books.layout.on_markets:,} tickets")
        self.one_market()
        self.say("a first ticket that comes late")
        self.late_ticket()

    def steadily(self) -> None:
        """Let messages go on; see how many wait, and how long tickets do."""
        some = bets(self.books.layout.feed_range(STEADY, 0))
        bodies, ends = settlements(some, 0)
        self.books.expected.note(ends)
        watch = Watch(stored(), Pushing(self.vendor, bodies, self.size.rate))
        pushing = watch.pushing
        self.taken: list[float] = []
        left = {bet.bet_id: place for place, bet in enumerate(some) if place % SAMPLE == 0}

        def is_over() -> bool:
            for bet_id in newly_settled(told_of(left, pushing)):
                self.taken.append(time.perf_counter() - pushing.pushed[left.pop(bet_id)])
            return pushing.is_over and not left

        watch.until(is_over)
        wait(all_settled, self.receiver, LOOK)
        self.deepest = watch.deepest

    def one_market(self) -> None:
        """Settle a big market while messages go on; see how long these wait, and its tickets."""
        tickets = self.books.layout.on_markets
        self.books.expected.note((bet, end_of(bet, OVER)) for bet in bets_on(HOT_EVENT))
        others = strangers(self.size.beside * 120)
        place = self.size.beside  # The big one comes after a second.
        bodies = [*others[:place], hot(), *others[place:]]
        watch = Watch(stored(), Pushing(self.vendor, bodies, self.size.beside))
        pushing = watch.pushing
        watch.until(lambda: len(pushing.pushed) > place and is_paid(tickets))
        self.paid = time.perf_counter() - pushing.pushed[place]
        self.ack = watch.longest
        pushing.stop()
        wait(all_settled, self.receiver, LOOK)

    def late_ticket(self) -> None:
        """Bring the first ticket on an event of which much was said."""
        bodies = long_story(STORY, self.size.story)
        for start in range(0, len(bodies), 1000):
            stored = inbox.receive(feed="sportradar-replay", bodies=bodies[start : start + 1000])
            inbox.process(message_ids=stored.ids)
        began = time.perf_counter()
        bring_in(tickets=[late_ticket()], actor="bench")
        self.late = time.perf_counter() - began
        leg = Leg(STORY, "100", OVER, Decimal("2.00"), won=False)
        bet = Bet("late", player_ref(0), 100, (leg,))
        self.books.expected.note([(bet, end_of(bet, OVER))])


def told_of(left: dict[str, int], pushing: Pushing) -> list[str]:
    """Return the bets of which something was said."""
    return [bet_id for bet_id, place in left.items() if place < len(pushing.pushed)]


def late_ticket() -> dict[str, object]:
    """Return a ticket as a client brings it."""
    selection = {
        "event": STORY, "market": "100", "specifiers": specifiers(0), "outcome": OVER,
        "price": "2.00",
    }  # fmt: skip
    return {
        "bet_id": "late", "provider": "sportradar", "player": player_ref(0), "currency": "EUR",
        "stake": "1.00", "kind": "single", "placed_at": "2026-05-01T10:00:00Z",
        "stake_taken": False, "selections": [selection],
    }  # fmt: skip


def completed(report: Report, goals: Sequence[Goal], backlog: Backlog, seen: Seen) -> Report:
    """Add what is compared with a figure."""
    cuts = quantiles(seen.taken, n=100)
    rates = {name: [lap.rate for lap in laps] for name, laps in report.laps.items()}
    figures = rates | {
        STORED: backlog.stored,
        "1,500 a second": [SUSTAINED] * len(backlog.stored),
        "2,000 messages": [MOST_WAITING],
        WAITING: [float(max(seen.deepest, 1))],
        "1 s": [MOST_ACK],
        ACK: [max(seen.ack, LOOK)],
        "15 s": [MOST_PAID],
        PAID: [seen.paid],
        "1 s ": [MOST_LATE],
        LATE: [seen.late],
    }
    lines = (
        f"Stored and acknowledged a second: {', '.join(f'{one:,.0f}' for one in backlog.stored)}.",
        f"{seen.size.rate} messages a second for {seen.size.seconds} s: {seen.deepest:,} waited at "
        f"most; from published to settled p50 {cuts[49] * 1e3:.0f} ms, p99 {cuts[98] * 1e3:.0f} ms "
        f"of {len(seen.taken):,}.",
        f"One market with {seen.books.layout.on_markets:,} tickets beside {seen.size.beside} "
        f"messages a second: the longest wait for an ack {seen.ack:.2f} s, its last ticket paid "
        f"after {seen.paid:.1f} s.",
        f"A first ticket on an event with {seen.size.story:,} messages: {seen.late:.2f} s.",
    )
    return replace(report, ratios=ratios.compare(goals, figures), notes=[*lines, *report.notes])


SUBJECT = Subject(FULL, SMOKE, goals=goals, run=run)
