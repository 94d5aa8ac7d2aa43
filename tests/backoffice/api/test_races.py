"""Many clients at once, before the server of production: each bet once, no cent too much."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backoffice import truths
from settlement.models import Ticket
from tests import databases
from tests.backoffice.api.asking import Json, secret_of, ticket
from tests.backoffice.api.serving import Caller, api_server
from tests.factories import FundedPlayer, UserFactory
from wallet.models import Transfer

THREADS = 8
Call = Callable[[Caller, int], list[tuple[int, Json]]]


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """The API, served on a database of this module's own."""
    with (
        django_db_blocker.unblock(),
        databases.copy_of_template() as name,
        databases.connected_to(name),
        api_server(name) as port,
    ):
        yield port


@pytest.fixture
def callers(port: int) -> Iterator[list[Caller]]:
    """Eight clients with one token."""
    secret = secret_of(UserFactory.create(role="Platform", is_staff=False))
    made = [Caller(port, secret) for _ in range(THREADS)]
    yield made
    for one in made:
        one.connection.close()


@pytest.fixture
def punter(port: int) -> FundedPlayer:
    """Somebody with 100.00 EUR."""
    return FundedPlayer.create("100.00")


def bet_of(punter: FundedPlayer, number: object, **changes: Any) -> Json:
    """Return a ticket of somebody's, told from his others by its number."""
    player = punter.player.external_id
    return ticket(f"{player}/{number}", player=player, **changes)


def placed(punter: FundedPlayer) -> int:
    """Return how many tickets somebody has; each has one stake taken."""
    tickets = Ticket.objects.filter(player=punter.player).values_list("bet_id", flat=True)
    stakes = Transfer.objects.filter(kind="STAKE", player_account=punter.account)
    assert sorted(stakes.values_list("reference_id", flat=True)) == sorted(tickets)
    return len(tickets)


def together(callers: list[Caller], call: Call) -> list[tuple[int, Json]]:
    """Let all of them call at once; return all answers."""
    answers: list[tuple[int, Json]] = []
    barrier = threading.Barrier(len(callers))

    def run(number: int) -> None:
        barrier.wait()
        answers.extend(call(callers[number], number))

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(callers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def assert_the_books_balance() -> None:
    for truth in truths.TRUTHS:
        assert truth.find() == [], truth.name


def test_the_same_ticket_a_hundred_times_from_eight_threads_is_one(
    callers: list[Caller], punter: FundedPlayer
) -> None:
    one = bet_of(punter, 1)

    answers = together(
        callers, lambda caller, n: [caller.post(one) for _ in range(13 if n < 4 else 12)]
    )

    statuses = Counter((status, answer["status"]) for status, answer in answers)
    assert statuses == {(201, "created"): 1, (200, "repeated"): 99}
    assert (placed(punter), punter.balance) == (1, "90.00")
    assert_the_books_balance()


def test_nobody_bets_more_than_he_holds(callers: list[Caller], punter: FundedPlayer) -> None:
    answers = together(
        callers, lambda caller, n: [caller.post(bet_of(punter, f"{n}-{m}")) for m in range(5)]
    )

    told = Counter((status, answer.get("code", "")) for status, answer in answers)
    assert told == {(201, ""): 10, (409, "insufficient_funds"): 30}
    assert (placed(punter), punter.balance) == (10, "0.00")
    assert_the_books_balance()


def test_lists_that_overlap_in_any_order_meet_without_a_deadlock(callers: list[Caller]) -> None:
    punters = [FundedPlayer.create("100.00") for _ in range(5)]
    tickets = [bet_of(punters[n % 5], n, stake="1.00") for n in range(100)]

    answers = together(
        callers, lambda caller, n: [caller.post(sample(tickets, n + m)) for m in range(4)]
    )

    assert {status for status, _ in answers} == {200}
    created = sum(answer["created"] for _, answer in answers)
    assert created == sum(placed(punter) for punter in punters)
    assert {answer["refused"] for _, answer in answers} == {0}
    assert [punter.balance for punter in punters] == [
        f"{100 - placed(punter)}.00" for punter in punters
    ]
    assert_the_books_balance()


def sample(tickets: list[Json], seed: int) -> list[Json]:
    """Return some of the tickets in an order of their own."""
    return random.Random(seed).sample(tickets, 60)


def test_a_client_whose_body_is_too_large_reads_why(callers: list[Caller]) -> None:
    status, problem = callers[0].post(b"[" + b" " * 8_100_000 + b"]")

    assert (status, problem["code"]) == (413, "too_large")
