"""Many settle at once, in any order and any company: the same tickets end in the same state.

A history is some tickets of several kinds and all that is said of them. It is told several times,
each time of tickets of its own: shuffled, doubled, in other portions, by other processes.
"""

import random
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from structlog.testing import capture_logs

from backoffice.intake import bring_in
from feeds import inbox
from feeds.matching import market_key, tracked
from feeds.readers import read
from settlement import services, tasks, writing
from settlement.models import (
    DueTicket,
    MarketFact,
    Selection,
    SettlementEvent,
    Ticket,
    TicketFact,
)
from settlement.plans import Move
from settlement.recording import (
    ForMarket,
    ForTicket,
    look_for_tickets,
    record_market_facts,
    record_results,
)
from settlement.said import MarketContent, MarketSaid, OutcomeSaid
from settlement.vocabulary import MarketFactKind
from tests.factories import FundedPlayer
from tests.feeds.test_interleavings import assert_sound, left_undone
from tests.feeds.words import START, fact, odds88, settled, speak
from tests.nursery import Nursery
from tests.services import deep
from tests.settlement.asked import Json, selection, ticket
from tests.settlement.fold.facts_of import ENDED
from tests.settlement.test_intake_races import deadlocks
from tests.wallet.test_races import somebody_waits, together, wait_until
from wallet.models import Account
from wallet.selectors import Posted

HISTORIES = 1000 if deep() else 100
BY_FOUR = 100 if deep() else 5
TOGETHER = 50
MILLISECOND = START // 10_000
PLAYERS = 4
WORDS = ["won", "lost", "void", "half won", "half lost", "tied 1/2", "undecided"]
MARKETS = {"1": "123", "2": "12", "W": "1234", "P": "1234"}
PRICES = ["1.5", "2", "3.25", "7/2", "11"]
Item = MarketSaid | bytes


@dataclass(slots=True)
class Told:
    """A history as it is told of one set of tickets: its bet ids and events begin with `name`."""

    early: list[Json] = field(default_factory=list)
    late: list[Json] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)


def told(seed: int, name: str, players: Sequence[str]) -> Told:
    """Return a history: what is agreed and said hangs on the seed, whose it is on the name."""
    chance, found = random.Random(seed), Told()
    everything = ticket(
        leg(chance, name, "1"), leg(chance, name, "2"), leg(chance, name, "W"),
        kind="system:2,3/3", stake="3.00", provider="sportradar",
    )  # fmt: skip
    asked = [everything, racing(chance, name, placed=True)]
    asked += [one_of_many(chance, name) for _ in range(chance.randint(2, 5))]
    for number, one in enumerate(asked):
        one |= {
            "bet_id": f"{name}{seed}-{number}",
            "player": players[(seed + number) % len(players)],
            **accepted(chance),
        }
        late = number > 1 and chance.random() < 0.3
        (found.late if late else found.early).append(one)
        if one["provider"] == "odds88":
            found.items += results(chance, one)
    for market, refs in MARKETS.items():
        found.items += facts(chance, f"{name}{seed}", market, refs)
    for one in (*found.early, *found.late):
        for chosen in one["selections"]:
            chosen["event"] = event_of(f"{name}{seed}", chosen["event"])
    return found


def event_of(name: str, market: str) -> str:
    """Return the event that a market is on: the race has two."""
    return f"{name}-{'W' if market in 'WP' else market}"


def leg(chance: random.Random, name: str, market: str, **words: Any) -> Json:
    """Write down a selection; its event's name is written last."""
    ref, price = chance.choice(MARKETS[market]), chance.choice(PRICES)
    return selection(event=market, market=market, outcome=ref, price=price) | words


def racing(chance: random.Random, name: str, *, placed: bool) -> Json:
    """Write down an each-way single, with or without an outcome for its place part."""
    chosen = leg(chance, name, "W", place_fraction="1/4")
    if placed:
        chosen |= {"place_market": "P", "place_outcome": chosen["outcome"]}
    return ticket(chosen, each_way=True, stake="2.50", provider="sportradar")


def one_of_many(chance: random.Random, name: str) -> Json:
    """Write down a ticket of some kind."""
    kind = chance.choice(["single", "double", "treble", "racing", "odds88", "odds88 double"])
    stake = chance.choice(["10.00", "3.33", "0.07"])
    if kind == "racing":
        return racing(chance, name, placed=chance.random() < 0.5)
    count = {"double": 2, "treble": 3, "odds88 double": 2}.get(kind, 1)
    legs = [leg(chance, name, market) for market in chance.sample("12W", count)]
    word, provider = ("double" if count == 2 else kind), "sportradar"
    if kind.startswith("odds88"):
        word, provider = ("double" if count == 2 else "single"), "odds88"
    return ticket(*legs, kind=word, stake=stake, provider=provider)


def accepted(chance: random.Random) -> Json:
    """Return when a bet was accepted: some seconds after noon, so that windows may hold it."""
    return {"accepted_at": f"2026-11-20T12:00:0{chance.randrange(10)}Z"}


def results(chance: random.Random, asked: Json) -> list[Item]:
    """Return what Odds88 says of a bet: some of it at the same time, some of it taken back."""
    cents = round(float(asked["stake"]) * 100)
    refs = [one["outcome"] for one in asked["selections"]]
    return [
        odds88(
            asked["bet_id"],
            word := chance.choice(["won", "lost", "void", "open"]),
            at=chance.randrange(3),
            stake=cents,
            multiplier=chance.choice(["1.7", "2.5", "12.35"]) if word == "won" else "",
            legs=dict.fromkeys(refs, word),
            version=chance.randrange(3),
        )
        for _ in range(chance.randint(1, 4))
    ]


def facts(chance: random.Random, name: str, market: str, refs: str) -> list[Item]:
    """Return what is said of a market, in no order."""
    kinds = [MarketFactKind.SETTLEMENT] * 5 + [
        MarketFactKind.ROLLBACK, MarketFactKind.CANCEL, MarketFactKind.CANCEL_ROLLBACK,
    ]  # fmt: skip
    return [
        fact(
            event_of(name, market),
            content(chance, kind, refs),
            kind=kind,
            market=market,
            at=chance.randrange(6),
            certainty=chance.choice([1, 2]),
        )
        for kind in chance.choices(kinds, k=chance.randint(1, 6))
    ]


def content(chance: random.Random, kind: MarketFactKind, refs: str) -> MarketContent:
    """Return what a fact of a kind says."""
    named = chance.sample(refs, chance.randint(1, len(refs)))
    if kind == MarketFactKind.SETTLEMENT:
        return MarketContent(
            outcomes={ref: OutcomeSaid(ENDED[chance.choice(WORDS)]) for ref in named}
        )
    if kind == MarketFactKind.ROLLBACK:
        whole = chance.random() < 0.5
        return MarketContent(outcomes={} if whole else {ref: OutcomeSaid() for ref in named})
    window = chance.choice([(None, None), (0, 5000), (3000, None), (None, 4000)])
    start, end = (None if at is None else MILLISECOND + at for at in window)
    return MarketContent(start=start, end=end)


def players_of(name: str) -> list[str]:
    """Return players with money of their own for one telling."""
    made = [FundedPlayer.create("100000.00", external_id=f"{name}P{n}") for n in range(PLAYERS)]
    return [one.player.external_id for one in made]


def tell(items: Sequence[Item]) -> None:
    """Write down some facts together: of markets as they are, of bets through the inbox."""
    said = [one for one in items if isinstance(one, MarketSaid)]
    known = tracked(said)
    with transaction.atomic():
        record_market_facts([ForMarket(known[market_key(one)], one, None) for one in said])
    raw = [one for one in items if isinstance(one, bytes)]
    inbox.process(message_ids=inbox.receive(feed="odds88", bodies=raw).ids)


def settle_some(chance: random.Random) -> None:
    """Do a part of what is due, or nothing."""
    if chance.random() < 0.6:
        look_for_tickets()
    if chance.random() < 0.6:
        services.settle_due(most=chance.choice([3, 50, 1000]))


def tell_all(histories: Sequence[Told], chance: random.Random, *, at_most: int) -> None:
    """Tell histories at once: shuffled, each fact one to `at_most` times, in random portions."""
    bring(one for told in histories for one in told.early)
    late = [one for told in histories for one in told.late]
    items = [
        one for told in histories for one in told.items for _ in range(chance.randint(1, at_most))
    ]
    if at_most > 1:
        chance.shuffle(items)
        chance.shuffle(late)
    while items or late:
        portion = len(items) if at_most == 1 else chance.randint(1, 3 * len(histories))
        tell(items[:portion])
        bring(late[: portion // 4])
        del items[:portion], late[: portion // 4]
        if at_most > 1:
            settle_some(chance)
        elif not items:
            bring(late)
            late = []
    inbox.drain()


def bring(asked: Iterable[Json]) -> None:
    """Bring tickets in; each comes in."""
    answers = bring_in(tickets=list(asked), actor="test")
    assert {answer.status for answer in answers} <= {"created"}, answers


def digest(name: str) -> dict[str, Any]:
    """Return how all tickets of a telling stand, and what its players hold."""
    tickets = Ticket.objects.filter(bet_id__startswith=name).order_by("bet_id")
    legs = Selection.objects.filter(ticket__bet_id__startswith=name)
    found: dict[str, Any] = {
        bet_id.removeprefix(name): [status, result, payout]
        for bet_id, status, result, payout in tickets.values_list(
            "bet_id", "status", "result", "payout"
        )
    }
    for bet_id, *ended in legs.order_by("ticket__bet_id", "position").values_list(
        "ticket__bet_id", "position", "win_factor", "void_factor", "place_win_factor",
        "place_void_factor", "deduction_percent", "starting_price", "result",
    ):  # fmt: skip
        found[bet_id.removeprefix(name)].append(ended)
    accounts = Account.objects.filter(player__external_id__startswith=f"{name}P")
    for who, balance in accounts.values_list("player__external_id", "balance"):
        found[who.removeprefix(name)] = balance
    return found


def tell_in_two_orders(seeds: Sequence[int]) -> int:
    """Tell histories in order and in disorder; return how many tickets ended alike."""
    names = [f"{way}{seeds[0]}h" for way in ("in", "dis")]
    for at_most, name in zip((1, 5), names, strict=True):
        players = players_of(name)
        histories = [told(seed, name, players) for seed in seeds]
        tell_all(histories, random.Random(seeds[0]), at_most=at_most)
    first, second = (digest(name) for name in names)
    unlike = {key for key in first if first[key] != second.get(key)}
    assert not unlike, {key: (first[key], second.get(key)) for key in sorted(unlike)[:3]}
    return len(first) - PLAYERS


def test_facts_in_any_order_and_number_come_to_the_same_digest(own_database: str) -> None:
    speak()

    tickets = sum(
        tell_in_two_orders(range(start, start + TOGETHER))
        for start in range(0, HISTORIES, TOGETHER)
    )

    assert tickets >= 4 * HISTORIES
    statuses = set(Ticket.objects.values_list("status", "result"))
    assert {("OPEN", "NONE"), ("SETTLED", "WIN"), ("SETTLED", "MIXED")} <= statuses
    assert {kind for kind, _ in kinds_of_events()} >= {"SETTLE", "RESETTLE", "REOPEN", "VOID"}
    assert set(left_undone()) <= {"Review"}
    assert_sound()


def kinds_of_events() -> set[tuple[str, str]]:
    """Return what has happened to tickets, and by whom."""
    return set(SettlementEvent.objects.values_list("kind", "source"))


def tell_share(seeds: Sequence[int], name: str, child: int, children: int, chance: int) -> None:
    """Tell a share of histories, in a process of its own; each fact is in one or more shares."""
    speak()
    players = [f"{name}P{number}" for number in range(PLAYERS)]
    histories = [told(seed, name, players) for seed in seeds]
    drawn, own = random.Random(chance), random.Random(chance * 100 + child)
    late = [one for each in histories for one in each.late]
    bring(one for place, one in enumerate(late) if place % children == child)
    items = [one for each in histories for one in each.items]
    shares = [drawn.sample(range(children), drawn.randint(1, children)) for _ in range(len(items))]
    mine = [one for one, share in zip(items, shares, strict=True) if child in share] * 2
    own.shuffle(mine)
    while mine:
        portion = own.randint(1, 30)
        tell(mine[:portion])
        del mine[:portion]
        settle_some(own)
    inbox.drain()


def tell_by_four(children: Nursery, seeds: Sequence[int]) -> int:
    """Tell histories in order here, and by four processes; return how many ended alike."""
    alone, shared = f"alone{seeds[0]}h", f"shared{seeds[0]}h"
    players = players_of(alone)
    tell_all([told(seed, alone, players) for seed in seeds], random.Random(1), at_most=1)
    players = players_of(shared)
    bring(one for seed in seeds for one in told(seed, shared, players).early)
    running = [
        children.start(tell_share, list(seeds), shared, child, 4, seeds[0]) for child in range(4)
    ]
    assert [children.wait(child) for child in running] == [0] * 4
    inbox.drain()
    first, second = digest(alone), digest(shared)
    unlike = {key for key in first if first[key] != second.get(key)}
    assert not unlike, {key: (first[key], second.get(key)) for key in sorted(unlike)[:3]}
    return len(first) - PLAYERS


def test_facts_told_by_four_processes_come_to_the_same_digest(children: Nursery) -> None:
    speak()
    for start in range(0, BY_FOUR, 5):
        assert tell_by_four(children, range(start, start + 5)) > 15
    assert_sound()


def test_any_path_to_a_settlement_has_the_money_effect_of_that_settlement_alone(
    own_database: str,
) -> None:
    speak()
    chance = random.Random(11)
    paths = [chance.choices(WORDS[:6], k=chance.randint(2, 6)) for _ in range(60)]
    for name in ("path", "alone"):
        players = players_of(name)
        bring(
            ticket(
                selection(event=f"{name}-{n}"), bet_id=f"{name}-{n}", player=players[n % PLAYERS],
                provider="sportradar", stake="3.33",
            )
            for n in range(len(paths))
        )  # fmt: skip

    for place in range(6):
        tell([settled(f"path-{n}", X=path[place], at=place)
              for n, path in enumerate(paths) if place < len(path)])  # fmt: skip
        inbox.drain()
    tell([settled(f"alone-{n}", X=path[-1], at=len(path) - 1) for n, path in enumerate(paths)])
    inbox.drain()

    assert digest("path") == digest("alone")
    events = SettlementEvent.objects.filter(ticket__bet_id__startswith="path")
    assert events.count() > 1.5 * len(paths)
    assert_sound()


def crowd(number: int) -> list[int]:
    """Bring in so many tickets of Odds88; return their numbers."""
    players = players_of("c")
    bring(
        ticket(selection(n % 9), bet_id=f"c-{n}", player=players[n % PLAYERS], provider="odds88")
        for n in range(number)
    )
    return list(Ticket.objects.order_by("pk").values_list("pk", flat=True))


def hear_again_and_again(seed: int, rounds: int, tickets: Sequence[int]) -> None:
    """Hear results of random tickets, and settle random sets of them, some of them at once."""
    speak()
    chance = random.Random(seed)
    for round_ in range(rounds):
        numbers = chance.sample(range(len(tickets)), 12)
        word = chance.choice(["won", "lost", "void", "open"])
        raw = [odds88(f"c-{n}", word, at=100 * round_ + seed) for n in numbers]
        inbox.process(message_ids=inbox.receive(feed="odds88", bodies=raw).ids)
        services.settle(ticket_ids=chance.sample(list(tickets), 25))
        if chance.random() < 0.3:
            services.drain()


def assert_all_in_their_latest_state(rounds: int, settlers: int) -> None:
    """Nothing is left, and each ticket stands where its latest result says."""
    inbox.drain()
    assert left_undone() == {}
    assert_sound()
    heard = [fact for one in Ticket.objects.prefetch_related("facts") for fact in one.facts.all()]
    assert len(heard) > rounds * settlers
    assert Ticket.objects.exclude(status="OPEN").count() > 0


def test_twenty_threads_over_the_same_tickets_settle_them_without_a_deadlock_that_escapes(
    own_database: str,
) -> None:
    speak()
    tickets, rounds = crowd(60), 10 if deep() else 3

    with capture_logs() as logs:
        results = together(
            *(partial(hear_again_and_again, seed, rounds, tickets) for seed in range(20))
        )

    assert results == [None] * 20
    retries = [log["attempt"] for log in logs if log["event"] == "settlement_retried"]
    assert max(retries, default=0) < services.MOST_ATTEMPTS
    assert not [log for log in logs if log["event"] == "ticket_cannot_be_settled"]
    assert_all_in_their_latest_state(rounds, 20)


@pytest.mark.deep
def test_twenty_processes_over_the_same_tickets_settle_them(children: Nursery) -> None:
    speak()
    tickets = crowd(60)

    running = [children.start(hear_again_and_again, seed, 5, tickets) for seed in range(20)]
    assert [children.wait(child) for child in running] == [0] * 20

    assert_all_in_their_latest_state(5, 20)


def in_a_thread(work: Callable[[], object]) -> list[object]:
    """Do a work by somebody else, who must not have to wait for us."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.extend(together(work)))
    thread.start()
    wait_until(lambda: bool(results), patience=20)
    thread.join()
    return results


def left_due() -> list[int]:
    """Bring two tickets in whose results are written down and not settled."""
    tickets = crowd(2)
    for number, one in enumerate(tickets):
        hear_unsettled(one, odds88(f"c-{number}"))
    return tickets


def hear_unsettled(number: int, raw: bytes) -> None:
    """Write a result down and leave its ticket due."""
    (said,) = read("odds88", raw).tickets
    record_results([ForTicket(number, said, None)])


@pytest.mark.parametrize("settle", ["settle_due", "settle"])
def test_what_somebody_else_is_at_is_left_to_him(own_database: str, settle: str) -> None:
    """His due rows are passed over: nobody waits, and nothing is left when he is done."""
    first, second = left_due()

    with transaction.atomic():
        DueTicket.objects.select_for_update().get(ticket_id=first)
        work = (
            services.settle_due
            if settle == "settle_due"
            else partial(services.settle, ticket_ids=[first, second])
        )
        in_a_thread(work)
        assert Ticket.objects.get(pk=second).status == "SETTLED"
    services.drain()

    assert left_undone() == {}
    assert Ticket.objects.filter(status="SETTLED").count() == 2


@pytest.mark.parametrize("named", [True, False])
def test_a_market_that_somebody_else_looks_at_is_left_to_him(
    own_database: str, named: bool
) -> None:
    players = players_of("m")
    bring(
        ticket(selection(n), bet_id=f"m-{n}", player=players[0], provider="sportradar")
        for n in range(2)
    )
    tell([settled(f"E-{n}", X="won") for n in range(2)])
    markets = sorted(tracked([settled(f"E-{n}", X="won") for n in range(2)]).values())

    with transaction.atomic():
        look_for_tickets(markets[:1])
        in_a_thread(partial(look_for_tickets, markets if named else None))
    tasks.settle_due()

    assert left_undone() == {}
    assert Ticket.objects.filter(status="SETTLED").count() == 2


def test_a_ticket_that_is_being_settled_hears_new_facts_meanwhile(own_database: str) -> None:
    """Plain FOR UPDATE would make every message wait that names one of the tickets."""
    first, _ = left_due()

    with transaction.atomic():
        services.settle(ticket_ids=[first])
        assert in_a_thread(partial(hear_unsettled, first, odds88("c-0", "lost", at=1))) == [None]
    services.drain()

    assert Ticket.objects.get(pk=first).result == "LOSE"
    assert left_undone() == {}


def test_the_same_facts_written_in_opposite_orders_do_not_deadlock(own_database: str) -> None:
    tickets = crowd(60)
    bring(
        ticket(selection(n), bet_id=f"m-{n}", player="cP0", provider="sportradar")
        for n in range(60)
    )
    markets = tracked([settled(f"E-{n}", X="won") for n in range(60)])

    for at in range(10):
        results = [
            ForTicket(one, read("odds88", odds88("c", at=at)).tickets[0], None) for one in tickets
        ]
        said = [settled(f"E-{n}", X="won", at=at) for n in range(60)]
        facts = [ForMarket(markets[market_key(one)], one, None) for one in said]
        writing_down = [
            partial(in_one_transaction, record, these[::way])
            for record, these in ((record_results, results), (record_market_facts, facts))
            for way in (1, -1)
        ]

        assert together(*writing_down) == [None] * 4

    assert TicketFact.objects.count() == MarketFact.objects.count() == 600
    assert deadlocks() == 0


def in_one_transaction(record: Callable[[Any], object], facts: Sequence[Any]) -> None:
    """Write facts down."""
    with transaction.atomic():
        record(facts)


@pytest.mark.parametrize("times", [1, services.MOST_ATTEMPTS - 1])
def test_a_settlement_that_loses_a_deadlock_is_done_again(
    own_database: str, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    first, second = left_due()
    settled_now = services.settled
    lost: list[Iterable[int]] = []

    def lose(ticket_ids: Iterable[int]) -> services.Done:
        if len(lost) < times:
            lost.append(ticket_ids)
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")
        return settled_now(ticket_ids)

    monkeypatch.setattr(services, "settled", lose)

    assert services.settle(ticket_ids=[first, second]) == services.Done(tickets=2, moved=2)
    assert len(lost) == times


def test_facts_are_read_when_the_ticket_is_locked_and_not_before(own_database: str) -> None:
    first, _ = left_due()
    work = partial(services.settle, ticket_ids=[first])
    waiting = threading.Thread(target=lambda: together(work))

    with transaction.atomic():
        Ticket.objects.select_for_update(no_key=True).get(pk=first)
        waiting.start()
        wait_until(somebody_waits)
        hear_unsettled(first, odds88("c-0", "lost", at=1))
    waiting.join()

    assert Ticket.objects.get(pk=first).result == "LOSE"


@pytest.mark.parametrize("settle", ["settle_due", "settle"])
def test_a_due_row_that_comes_while_its_ticket_is_being_settled_stays(
    own_database: str, monkeypatch: pytest.MonkeyPatch, settle: str
) -> None:
    """The facts were read before: only what was due before that is done with."""
    first, second = left_due()
    post, news = writing.post, [partial(hear_unsettled, first, odds88("c-0", "lost", at=1))]

    def post_later(moves: Sequence[Move]) -> Mapping[int, Posted]:
        if news:
            in_a_thread(news.pop())
        return post(moves)

    monkeypatch.setattr(writing, "post", post_later)
    if settle == "settle":
        services.settle(ticket_ids=[first, second])
    else:
        services.settle_due()
    assert DueTicket.objects.count() == 1
    services.drain()

    assert Ticket.objects.get(pk=first).result == "LOSE"
    assert left_undone() == {}


def test_what_is_said_while_a_ticket_is_set_aside_is_not_lost(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first attempt fails; before it is put down for a person, something new is said."""
    bring([ticket(bet_id="m-1", player=players_of("m")[0], provider="sportradar")])
    number, settled_now, attempts = Ticket.objects.get().pk, services.settled, []

    def fail_once(ticket_ids: Iterable[int]) -> services.Done:
        attempts.append(ticket_ids)
        if len(attempts) == 1:
            raise IntegrityError
        return settled_now(ticket_ids)

    def set_aside_later(ticket_id: int) -> services.Done:
        tell([settled("E-1", X="won")])
        look_for_tickets()
        return set_aside(ticket_id)

    set_aside = services.set_aside
    monkeypatch.setattr(services, "settled", fail_once)
    monkeypatch.setattr(services, "set_aside", set_aside_later)
    services.settle(ticket_ids=[number])
    services.drain()

    assert Ticket.objects.get().status == "SETTLED"
    assert left_undone() == {}
