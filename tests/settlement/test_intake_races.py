"""Many bring tickets at once, and some die: each ticket and its stake are in the books once."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.db import connection, transaction

from backoffice import truths
from settlement.intake import TakenIn
from settlement.models import Market, Outcome, SportEvent, Ticket
from tests.factories import FundedPlayer
from tests.nursery import Nursery
from tests.services import deep
from tests.settlement.asked import Json, accepted, becomes, bet, bring, selection, ticket
from tests.wallet.test_races import crew, somebody_waits, together, wait_until
from wallet.models import Player, Transfer
from wallet.vocabulary import TransferKind

THREADS = 8
ROUNDS = 40 if deep() else 15
KILLS = 20 if deep() else 3
NAMES = {"market_name": "Result", "outcome_name": "Home", "start_at": "2026-11-21T18:00:00Z"}


def words(results: Sequence[object]) -> Counter[str]:
    """Count what became of tickets; an error that nobody expected is raised."""
    counted: Counter[str] = Counter()
    for result in results:
        assert isinstance(result, list), repr(result)
        for answer in result:
            if isinstance(answer, TakenIn):
                counted["repeated" if answer.repeated else "created"] += 1
            else:
                counted[answer.code] += 1
    return counted


def bringing(*batches: Sequence[Json]) -> list[Callable[[], object]]:
    """Return the bringing in of batches, each a work of its own."""
    return [partial(bring, *batch) for batch in batches]


def deadlocks() -> int:
    """Return how often the server had to break a circle; each connection tells when it ends."""
    with connection.cursor() as cursor:

        def alone() -> bool:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend'"
            )
            return bool(cursor.fetchone()[0] == 1)

        wait_until(alone)
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def assert_sound() -> None:
    """Look at every truth of the books."""
    assert [(f.name, f.rows) for f in truths.check() if f.rows] == []


def test_the_same_ticket_from_eight_is_one_ticket_with_one_stake(own_database: str) -> None:
    """His money is just enough: who counts a stake twice refuses a ticket that is there."""
    with crew(THREADS) as at_once:
        for _ in range(ROUNDS):
            player = FundedPlayer.create("10.00")
            asked = bet(player)

            results = at_once(*bringing(*[[asked]] * THREADS))

            assert words(results) == {"created": 1, "repeated": THREADS - 1}
            assert player.balance == "0.00"
    assert Ticket.objects.count() == ROUNDS
    assert Transfer.objects.filter(kind="STAKE").count() == ROUNDS
    assert_sound()


def test_the_same_free_bet_from_eight_is_one_ticket(own_database: str) -> None:
    """No account is locked for it: the unique bet_id alone keeps them apart."""
    player = FundedPlayer.create()
    with crew(THREADS) as at_once:
        for _ in range(ROUNDS):
            asked = bet(player, free_bet_ref="F-1")

            results = at_once(*bringing(*[[asked]] * THREADS))

            assert words(results) == {"created": 1, "repeated": THREADS - 1}
    assert Ticket.objects.count() == ROUNDS
    assert_sound()


def test_of_two_contents_under_one_bet_id_one_comes_in(own_database: str) -> None:
    player, other = FundedPlayer.create("1000.00"), FundedPlayer.create("1000.00")
    with crew(2) as at_once:
        for number in range(ROUNDS):
            asked = bet(player)
            changed = [
                {"stake": "20.00"}, {"player": other.player.external_id}, {"free_bet_ref": "F-1"},
            ][number % 3]  # fmt: skip

            results = at_once(*bringing([asked], [asked | changed]))

            assert words(results) == {"created": 1, "conflict": 1}
    assert Ticket.objects.count() == ROUNDS
    assert_sound()


def test_money_for_five_stakes_pays_five_of_twenty_tickets(own_database: str) -> None:
    for _ in range(ROUNDS // 3):
        player = FundedPlayer.create("50.00")
        asked = [bet(player) for _ in range(20)]

        results = together(*bringing(*(asked[start::THREADS] for start in range(THREADS))))

        assert words(results) == {"created": 5, "insufficient_funds": 15}
        assert player.balance == "0.00"
        assert player.player.tickets.count() == 5
    assert_sound()


def track(player: FundedPlayer) -> None:
    """Let the event be known, so that nobody waits for it but for what comes after."""
    accepted(bet(player, stake_taken=False))


def shared(player: FundedPlayer, chance: random.Random) -> list[Json]:
    """Return forty tickets on events that everybody bets on, named or not, in any order."""
    found = []
    for _ in range(40):
        numbers = chance.sample(range(30), 3)
        legs = [
            selection(n, market=str(chance.randrange(4)), outcome=chance.choice("XYZ"))
            for n in numbers
        ]
        for leg in legs:
            if chance.random() < 0.5:
                leg |= NAMES | {"event_name": f"Event {leg['event']}"}
        found.append(bet(player, *legs, kind="treble", stake="0.01"))
    return found


def test_batches_with_the_same_new_events_in_any_order_do_not_deadlock(own_database: str) -> None:
    players = [FundedPlayer.create("100.00") for _ in range(4)]
    chance = random.Random(3)
    for _ in range(ROUNDS // 3):
        batches = [
            [one for player in chance.sample(players, 4) for one in shared(player, chance)[:10]]
            for _ in range(THREADS)
        ]

        assert words(together(*bringing(*batches))) == {"created": 40 * THREADS}
        assert_sound()
    refs = SportEvent.objects.values_list("ref", flat=True)
    assert len(refs) == len(set(refs)) == 30
    assert Market.objects.count() <= 30 * 4
    assert Outcome.objects.count() <= 30 * 4 * 3
    assert deadlocks() == 0


@pytest.mark.parametrize(
    ("what", "new", "rows"),
    [
        ("events", lambda n: selection(n), [20 * ROUNDS] * 3),
        ("markets", lambda n: selection(n % 20, market=f"{n}"), [20, 20 * ROUNDS, 20 * ROUNDS]),
        ("outcomes", lambda n: selection(n % 20, outcome=f"{n}"), [20, 20, 20 * ROUNDS]),
        ("outcomes by name",
         lambda n: selection(n % 20, outcome="", outcome_name=f"{n}", provider="lsports"),
         [20, 20, 20 * ROUNDS]),
    ],
)  # fmt: skip
def test_what_nobody_has_seen_yet_is_written_once(
    own_database: str, what: str, new: Callable[[int], Json], rows: list[int]
) -> None:
    """Everybody brings the same new rows at once, half of them backwards."""
    players = [FundedPlayer.create("1000.00") for _ in range(THREADS)]
    with crew(THREADS) as at_once:
        for start in range(0, 20 * ROUNDS, 20):
            batches = [
                [bet(player, new(start + n), stake="0.01") for n in range(20)[:: (-1) ** place]]
                for place, player in enumerate(players)
            ]

            assert words(at_once(*bringing(*batches))) == {"created": 20 * THREADS}
    assert [model.objects.count() for model in (SportEvent, Market, Outcome)] == rows
    assert deadlocks() == 0


def test_nobody_waits_for_a_name(own_database: str) -> None:
    """What a name is missing from is shared by thousands of tickets: naming it holds up none."""
    first, second = FundedPlayer.create("10.00"), FundedPlayer.create("10.00")
    track(first)
    named = selection(**NAMES, event_name="Hull v York")

    with transaction.atomic():
        accepted(bet(first, named))
        results: list[object] = []
        thread = threading.Thread(
            target=lambda: results.extend(together(partial(bring, bet(second, named))))
        )
        thread.start()
        wait_until(lambda: bool(results), patience=20)
    thread.join()

    assert words(results) == {"created": 1}
    assert SportEvent.objects.get().name == "Hull v York"


def test_a_long_list_comes_in_while_others_bring_the_same_bets_one_by_one(
    own_database: str,
) -> None:
    """Their stakes were taken elsewhere: no account is locked, and somebody is always first."""
    player = FundedPlayer.create()
    for _ in range(3):
        asked = [bet(player, selection(n % 9), stake_taken=False) for n in range(300)]

        def one_by_one(start: int, asked: Sequence[Json] = asked) -> list[object]:
            return [answer for one in asked[start::3] for answer in bring(one)]

        singly = [partial(one_by_one, start) for start in range(3)]
        results = together(partial(bring, *asked), *singly, partial(bring, *asked[::-1]))

        assert words(results)["created"] == 300
        assert words(results)["repeated"] == 600
    assert_sound()


def test_players_who_bet_in_each_others_batches_do_not_deadlock(own_database: str) -> None:
    players = [FundedPlayer.create("10000.00") for _ in range(40)]
    track(players[0])
    for _ in range(ROUNDS // 3):
        batches = [[bet(player) for player in players[:: (-1) ** n]] for n in range(THREADS)]

        assert words(together(*bringing(*batches))) == {"created": 40 * THREADS}
    assert deadlocks() == 0
    assert_sound()


def test_stakes_and_deposits_at_the_same_time_lose_nothing(own_database: str) -> None:
    player = FundedPlayer.create("20.00")
    asked = [bet(player, stake="1.00") for _ in range(100)]

    def deposit() -> None:
        for _ in range(20):
            player.post("1.00", kind=TransferKind.DEPOSIT)

    def withdraw() -> None:
        for _ in range(5):
            player.post("-1.00", kind=TransferKind.WITHDRAWAL)

    betting = [partial(bring, *asked[start::4]) for start in range(4)]
    results = together(*betting, deposit, deposit, withdraw)

    assert results[4:6] == [None, None]
    taken = words(results[:4])["created"]
    withdrawn = Transfer.objects.filter(kind="WITHDRAWAL").count()
    assert player.balance == f"{20 + 40 - taken - withdrawn}.00"
    assert Ticket.objects.count() == taken
    assert_sound()


def in_a_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Start work in a thread, and wait until it waits for somebody's lock."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.extend(together(work)))
    thread.start()
    wait_until(somebody_waits)
    return thread, results


def test_a_balance_is_read_after_the_wait_for_its_account(own_database: str) -> None:
    player = FundedPlayer.create("10.00")

    with transaction.atomic():
        player.post("-0.01", kind=TransferKind.WITHDRAWAL)
        thread, results = in_a_thread(partial(bring, bet(player)))
    thread.join()

    assert words(results) == {"insufficient_funds": 1}
    assert player.balance == "9.99"


def test_a_bet_that_somebody_else_took_in_costs_the_others_nothing(own_database: str) -> None:
    """A lost race for one bet_id leaves its stake to the next ticket in the batch."""
    winner, loser = FundedPlayer.create("100.00"), FundedPlayer.create("100.00")
    track(winner)
    contested = bet(winner, stake="60.00")
    others = [contested | {"player": loser.player.external_id}, bet(loser, stake="60.00")]

    with transaction.atomic():
        accepted(contested)
        thread, results = in_a_thread(partial(bring, *others))
    thread.join()

    assert words(results) == {"conflict": 1, "created": 1}
    assert loser.balance == "40.00"


def test_a_bet_whose_writer_gives_up_is_taken_from_the_next(own_database: str) -> None:
    player = FundedPlayer.create()
    track(player)
    asked = bet(player, free_bet_ref="F-1")

    with transaction.atomic():
        accepted(asked)
        thread, results = in_a_thread(partial(bring, asked))
        transaction.set_rollback(True)
    thread.join()

    assert words(results) == {"created": 1}


def test_a_player_blocked_while_a_batch_waits_stops_no_other_ticket(own_database: str) -> None:
    first = FundedPlayer.create()
    track(first)
    waited_for = bet(first, bet_id="A", free_bet_ref="F-1")
    blocked, other = FundedPlayer.create("10.00"), FundedPlayer.create("10.00")

    with transaction.atomic():
        accepted(waited_for)
        thread, results = in_a_thread(partial(bring, waited_for, bet(blocked), bet(other)))
        together(partial(becomes, blocked, "BLOCKED"))
    thread.join()

    assert words(results) in (
        {"repeated": 1, "created": 1, "not_active": 1},
        {"repeated": 1, "created": 2},
    )
    assert other.balance == "0.00"
    assert_sound()


BATCH, BATCHES, STAKES = 50, 24, 12


def bring_all() -> None:
    """Bring in all tickets of the test below, batch by batch."""
    players = list(Player.objects.order_by("pk").values_list("external_id", flat=True))
    for start in range(0, BATCH * BATCHES, BATCH):
        bring(*(numbered(number, players) for number in range(start, start + BATCH)))


def numbered(number: int, players: Sequence[str]) -> Json:
    """Return the ticket with a number: the same one each time."""
    return ticket(
        selection(number % 37, market=str(number % 5)),
        selection(number % 41 + 100),
        bet_id=f"K-{number}",
        player=players[number % len(players)],
        kind="double",
        stake="1.00",
    )


def test_a_process_killed_at_any_moment_leaves_each_ticket_in_the_books_once(
    children: Nursery,
) -> None:
    for _ in range(BATCH * BATCHES // STAKES):
        FundedPlayer.create(f"{STAKES}.00")
    chance, killed = random.Random(5), []
    for _ in range(KILLS):
        before = Ticket.objects.count()
        if before == BATCH * BATCHES:  # All came in before the last kill.
            break
        child = children.start(bring_all)
        wait_until(lambda before=before: Ticket.objects.count() > before)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        children.wait(child)
        killed.append(Ticket.objects.count())
        assert killed[-1] % BATCH == 0
        assert_sound()

    assert children.run(bring_all) == 0

    assert killed[0] < BATCH * BATCHES, "the process was never killed in the middle"
    assert Ticket.objects.count() == BATCH * BATCHES
    assert Transfer.objects.filter(kind="STAKE").count() == BATCH * BATCHES
    assert_sound()


def test_the_truths_hold_at_every_moment_while_tickets_come_in(children: Nursery) -> None:
    for _ in range(20):
        FundedPlayer.create("1000.00")
    child = children.start(bring_all)
    wait_until(Ticket.objects.exists)

    looked = 0
    while Ticket.objects.count() < BATCH * BATCHES:
        assert_sound()
        looked += 1

    assert children.wait(child) == 0
    assert looked > 3
    assert Ticket.objects.count() == BATCH * BATCHES


def test_batches_of_one_player_take_turns(own_database: str) -> None:
    player = FundedPlayer.create("80.00")
    batches = [[bet(player, stake="0.10") for _ in range(200)] for _ in range(4)]

    assert words(together(*bringing(*batches))) == {"created": 800}
    assert player.balance == "0.00"
    assert_sound()
