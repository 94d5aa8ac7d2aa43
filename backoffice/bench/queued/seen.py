"""What is seen before the backlogs: messages that go on, a big market, a ticket that comes late."""

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from statistics import quantiles

from backoffice.bench.feed.sides import wait
from backoffice.bench.intake.tickets import player_ref
from backoffice.bench.measuring import Say
from backoffice.bench.queued.live import LOOK, Pushing, Watch, is_paid, newly_settled, stored
from backoffice.bench.queued.sides import all_settled
from backoffice.bench.queued.staging import QueuedSize, Stage
from backoffice.bench.queued.stock import STEADY
from backoffice.bench.queued.telling import LATE
from backoffice.bench.settle.bets import Bet, Leg, bets, bets_on, end_of
from backoffice.intake import bring_in
from feeds import inbox

SAMPLE = 50  # Of so many messages that go on the time of one is taken.


class Seen:
    """What is seen: figures that are no rate."""

    def __init__(
        self, stage: Stage, size: QueuedSize, say: Say, depth: Callable[[], int] = lambda: 0
    ) -> None:
        self.telling, self.books = stage.provider.telling, stage.books
        self.vendor, self.receiver = stage.vendor, stage.receiver
        self.size, self.say, self.depth = size, say, depth

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
        watch, self.taken = self.going_on(STEADY, self.size.rate)
        self.deepest = watch.deepest

    def going_on(
        self,
        purpose: str,
        rate: float,
        *,
        beside: int = 0,
        others: Callable[[int], None] = lambda count: None,
    ) -> tuple[Watch, list[float]]:
        """Let messages go on; return what was seen, and how long some of the tickets waited."""
        some = bets(self.books.layout.feed_range(purpose, 0))
        bodies, ends = self.telling.settlements(some, 0)
        self.books.expected.note(ends)
        pushing = Pushing(self.vendor, bodies, rate, beside=beside, others=others)
        watch = Watch(stored(), pushing, self.depth)
        taken: list[float] = []
        left = {bet.bet_id: place for place, bet in enumerate(some) if place % SAMPLE == 0}

        def is_over() -> bool:
            for bet_id in newly_settled(told_of(left, pushing)):
                taken.append(time.perf_counter() - pushing.pushed[left.pop(bet_id)])
            return pushing.is_over and not left

        watch.until(is_over)
        wait(all_settled, self.receiver, LOOK)
        return watch, taken

    def one_market(self) -> None:
        """Settle a big market while messages go on; see how long these wait, and its tickets."""
        tickets, telling = self.books.layout.on_markets, self.telling
        on_market = bets_on(telling.offer.hot_event)
        self.books.expected.note((bet, end_of(bet, telling.favourite)) for bet in on_market)
        others = telling.strangers(self.size.beside * 120)
        place = self.size.beside  # The big one comes after a second.
        bodies = [*others[:place], telling.hot(), *others[place:]]
        watch = Watch(stored(), Pushing(self.vendor, bodies, self.size.beside))
        pushing = watch.pushing
        watch.until(lambda: len(pushing.pushed) > place and is_paid(tickets))
        self.paid = time.perf_counter() - pushing.pushed[place]
        self.ack = watch.longest
        pushing.stop()
        wait(all_settled, self.receiver, LOOK)

    def late_ticket(self) -> None:
        """Bring the first ticket on an event of which much was said."""
        telling = self.telling
        bodies = telling.long_story(self.size.story)
        replay = f"{telling.offer.provider.lower()}-replay"
        for start in range(0, len(bodies), 1000):
            received = inbox.receive(feed=replay, bodies=bodies[start : start + 1000])
            inbox.process(message_ids=received.ids)
        began = time.perf_counter()
        bring_in(tickets=[telling.late_ticket()], actor="bench")
        self.late = time.perf_counter() - began
        first = telling.offer.market_ref(0)
        leg = Leg(telling.story, first, telling.favourite, Decimal("2.00"), won=False)
        bet = Bet(LATE, player_ref(0), 100, (leg,))
        self.books.expected.note([(bet, end_of(bet, telling.favourite))])

    def lines(self) -> list[str]:
        """Tell what was seen."""
        size = self.size
        return [
            f"{size.rate} messages a second for {size.seconds} s: {self.deepest:,} waited at most; "
            f"from published to settled {percentiles(self.taken)}.",
            f"One market with {self.books.layout.on_markets:,} tickets beside {size.beside} "
            f"messages a second: the longest wait for an ack {self.ack:.2f} s, its last ticket "
            f"paid after {self.paid:.1f} s.",
            f"A first ticket on an event with {size.story:,} messages: {self.late:.2f} s.",
        ]


def percentiles(taken: Sequence[float]) -> str:
    """Return how long tickets waited, in words."""
    cuts = quantiles(taken, n=100)
    return f"p50 {cuts[49] * 1e3:.0f} ms, p99 {cuts[98] * 1e3:.0f} ms of {len(taken):,}"


def told_of(left: dict[str, int], pushing: Pushing) -> list[str]:
    """Return the bets of which something was said."""
    return [bet_id for bet_id, place in left.items() if place < len(pushing.pushed)]
