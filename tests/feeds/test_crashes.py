"""A process dies between any two steps: what it left is finished by another one, once."""

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from backoffice import intake
from backoffice.intake import bring_in
from feeds import inbox, store
from settlement import reading, services, writing
from settlement.models import MarketFact, Ticket, TicketFact
from tests.factories import FundedPlayer
from tests.feeds.test_interleavings import (
    assert_sound,
    cents,
    events_of,
    hear,
    left_undone,
    on_market,
    told_of,
)
from tests.feeds.words import FEED, message, odds88, settled, speak
from tests.nursery import Nursery
from tests.services import deep
from tests.settlement.asked import Json, bet, selection, ticket
from tests.wallet.test_races import together, wait_until
from wallet.models import Player, Transfer

EACH = 1
KILLS = 15 if deep() else 6

# Where a process dies: a function that is asked for and never answers, or answered last.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "before the message is committed": (store, "store", True),
    "after the message was stored": (inbox, "process", False),
    "after the facts were committed": (inbox.Batch, "take", True),
    "after the tickets of a market were looked for": (inbox, "look_for_tickets", True),
    "after the message was done with": (services, "settle", False),
    "after what is due was taken": (reading, "locked", False),
    "after the lock": (reading, "locked", True),
    "after the transfer": (writing, "post", True),
    "after the event": (writing, "write_events", True),
    "before the commit": (services, "settled", True),
    "after the commit": (services, "retried", True),
    "after the ticket was committed": (intake, "look_at", False),
    "before the look-back": (inbox, "process", False),
    "before the look-back is over": (inbox, "process", True),
    "after the look-back": (inbox, "look_back", True),
}
HEARD = [name for name in POINTS if "ticket was" not in name and "look-back" not in name]
BROUGHT = [name for name in POINTS if name not in HEARD]


def die_at(point: str, calls: int = 1) -> None:
    """Make this process kill itself at a point, the first time that it comes there or a later."""
    owner, name, afterwards = POINTS[point]
    function, left = getattr(owner, name), [calls]

    def dying(*words: Any, **more: Any) -> Any:
        left[0] -= 1
        done = function(*words, **more) if afterwards or left[0] else None
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(owner, name, dying)


def hear_and_die(point: str, calls: int, name: str, feed: str) -> None:
    """Hear a result, settle what it causes, and die at a point of it."""
    speak()
    die_at(point, calls)
    hear(raw_of(name, feed), feed=feed, drained=feed == FEED)()


def raw_of(name: str, feed: str) -> bytes:
    """Return the message that settles a story's ticket."""
    return told_of(name) if feed == FEED else odds88(f"{name}-0")


def bring_and_die(point: str, asked: Json) -> None:
    """Bring a ticket in, and die at a point of it."""
    speak()
    die_at(point)
    bring_in(tickets=[asked], actor="test")


def drain() -> None:
    """Finish whatever is left."""
    speak()
    inbox.drain()


def asked_of(player: FundedPlayer, name: str, feed: str) -> Json:
    """Write down a ticket that waits for the feed's message."""
    if feed == FEED:
        return on_market(player, name)
    return bet(player, bet_id=f"{name}-0", provider="odds88")


def calls_to(point: str, feed: str) -> list[int]:
    """Return which calls of a point's function there are on the way of one message."""
    if point == "after the commit":  # Of: store, write, look, look for tickets, settle.
        return [1, 2, 3, 4, 5] if feed == FEED else [1, 2, 3]
    return [1]


def die_while_settling(children: Nursery, feed: str, each: int) -> int:
    """Let processes die at each point of hearing a result; another one finishes what they left."""
    speak()
    player, tickets = FundedPlayer.create("10000.00"), 0
    for point in HEARD:
        if feed != FEED and point == "after the tickets of a market were looked for":
            continue
        for calls in calls_to(point, feed) * each:
            tickets += 1
            name = f"D{tickets}"
            bring_in(tickets=[asked_of(player, name, feed)], actor="test")

            died = children.run(hear_and_die, point, calls, name, feed)
            if (
                point == "before the message is committed"
            ):  # Nobody acknowledged it: it comes again.
                hear(raw_of(name, feed), feed=feed)()
            drained = children.run(drain)

            assert (point, died, drained) == (point, -signal.SIGKILL, 0)
            assert (point, events_of(name), left_undone()) == (point, [[2500]], {})
    assert TicketFact.objects.count() + MarketFact.objects.count() == tickets
    assert cents(player) == 1000000 + 1500 * tickets
    assert_sound()
    return tickets


@pytest.mark.parametrize("feed", ["odds88", FEED])
def test_a_process_that_dies_while_it_settles_leaves_all_to_the_next(
    children: Nursery, feed: str
) -> None:
    assert die_while_settling(children, feed, EACH) > 10


def die_while_bringing(children: Nursery, feed: str, each: int) -> int:
    """Let processes die at each point of bringing a ticket whose result was put away before."""
    speak()
    player, tickets = FundedPlayer.create("10000.00"), 0
    for point in BROUGHT * each:
        tickets += 1
        name = f"D{tickets}"
        hear(raw_of(name, feed), feed=feed)()

        died = children.run(bring_and_die, point, asked_of(player, name, feed))
        drained = children.run(drain)

        assert (point, died, drained) == (point, -signal.SIGKILL, 0)
        assert (point, events_of(name), left_undone()) == (point, [[2500]], {})
    assert cents(player) == 1000000 + 1500 * tickets
    assert_sound()
    return tickets


@pytest.mark.parametrize("feed", ["odds88", FEED])
def test_a_process_that_dies_while_it_brings_a_ticket_leaves_all_to_the_next(
    children: Nursery, feed: str
) -> None:
    assert die_while_bringing(children, feed, EACH) >= 3


def test_the_next_ticket_on_its_market_finishes_what_a_dead_process_left(
    children: Nursery,
) -> None:
    """It finds the look-back that was left, and settles all that comes of it, without a sweeper."""
    speak()
    player = FundedPlayer.create("100.00")
    hear(told_of("D"), feed=FEED)()

    died = children.run(bring_and_die, "after the ticket was committed", on_market(player, "D"))
    bring_in(tickets=[on_market(player, "D", 1)], actor="test")

    assert died == -signal.SIGKILL
    assert (events_of("D"), left_undone()) == ([[2500], [2500]], {})


def bring_in_between_and_die(asked: Json, name: str, feed: str) -> None:
    """Hear a result; somebody brings its ticket before we commit that we know of none, and we die.

    He has looked back by then, and found nothing.
    """
    speak()
    write = inbox.Batch.write

    def write_and_wait(batch: inbox.Batch) -> inbox.Step:
        step = write(batch)
        together(partial(bring_in, tickets=[asked], actor="test"))
        return step

    inbox.Batch.write = write_and_wait  # type: ignore[method-assign,assignment]
    die_at("after the facts were committed")
    hear(raw_of(name, feed), feed=feed)()


@pytest.mark.parametrize("feed", ["odds88", FEED])
def test_a_process_that_dies_before_its_second_look_leaves_it_to_the_next(
    children: Nursery, feed: str
) -> None:
    asked = asked_of(FundedPlayer.create("100.00"), "D", feed)

    died = children.run(bring_in_between_and_die, asked, "D", feed)
    drained = children.run(drain)

    assert (died, drained) == (-signal.SIGKILL, 0)
    assert (events_of("D"), left_undone()) == ([[2500]], {})


def test_a_process_that_dies_with_a_ticket_on_a_settled_market_leaves_it_to_the_next(
    children: Nursery,
) -> None:
    """Nobody will speak of that market again, and nobody looks back: its facts are there."""
    speak()
    player = FundedPlayer.create("100.00")
    bring_in(tickets=[on_market(player, "D")], actor="test")
    hear(told_of("D"), feed=FEED, drained=True)()

    died = children.run(bring_and_die, "after the ticket was committed", on_market(player, "D", 1))
    drained = children.run(drain)

    assert (died, drained) == (-signal.SIGKILL, 0)
    assert (events_of("D"), left_undone()) == ([[2500], [2500]], {})


PLAYERS = 6


def step(number: int, players: Sequence[str]) -> Callable[[Callable[[], None]], None]:
    """Return a step of the stream: a ticket comes in, or one of its two results is heard.

    What it is given tells whoever sends the stream that the step need not come again.
    """
    which, part = divmod(number, 3)
    odds = which % 2 == 0
    name, event = f"S{which}", f"E-S{which // 8}"
    if part == 0:
        own = {"provider": "odds88"} if odds else {"provider": "sportradar"}
        leg = selection(event=event, outcome="X" if which % 4 == 1 else "Y")
        asked = ticket(leg, bet_id=f"{name}-0", player=players[which % len(players)], **own)
        return partial(bring_and_tell, asked)
    word, at = ("lost", 0) if part == 1 else ("won", 1)
    raw = odds88(f"{name}-0", word, at=at)
    if not odds:
        other = "won" if word == "lost" else "lost"
        raw = message(settled(event, X=word, Y=other, at=at, certainty=at + 1))
    return partial(hear_and_tell, raw, "odds88" if odds else FEED)


def bring_and_tell(asked: Json, told: Callable[[], None]) -> None:
    """Bring a ticket in, and tell its client."""
    bring_in(tickets=[asked], actor="test")
    told()


def hear_and_tell(raw: bytes, feed: str, told: Callable[[], None]) -> None:
    """Receive a message, acknowledge it, and process it."""
    received = inbox.receive(feed=feed, bodies=[raw])
    told()
    inbox.process(message_ids=received.ids)


def stream(progress: str, seed: int, tickets: int, drains: bool = True) -> None:
    """Send the stream from where the last process was told that it came to."""
    speak()
    file = Path(progress)
    steps = list(range(3 * tickets))
    random.Random(seed).shuffle(steps)
    players = list(Player.objects.order_by("pk").values_list("external_id", flat=True))
    for place in range(came(file), len(steps)):
        step(steps[place], players)(partial(note, file, place + 1))
        if drains and place % 10 == 9:
            inbox.drain()
    if drains:
        inbox.drain()


def note(file: Path, place: int) -> None:
    """Write down how far the stream came, whole or not at all."""
    new = file.with_suffix(".new")
    new.write_text(str(place))
    new.replace(file)


def came(file: Path) -> int:
    """Return how far a stream came."""
    return int(file.read_text()) if file.exists() else 0


def kill_again_and_again(
    children: Nursery, folder: Path, kills: int, tickets: int, seed: int = 7
) -> float:
    """Kill whoever sends the stream, so many times; return how far it was when that was over."""
    chance, progress = random.Random(seed), folder / "progress"
    players = stream_players()
    for _ in range(kills):
        child = children.start(stream, str(progress), seed, tickets)
        before = came(progress)
        wait_until(lambda before=before: came(progress) > before)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        assert children.wait(child) == -signal.SIGKILL, "the stream is too short"
    share = came(progress) / (3 * tickets)
    assert children.run(stream, str(progress), seed, tickets) == 0
    assert_all_told(players, tickets)
    return share


def stream_players() -> list[FundedPlayer]:
    """Return the players of a stream."""
    return [FundedPlayer.create("100000.00") for _ in range(PLAYERS)]


def assert_all_told(players: Sequence[FundedPlayer], tickets: int) -> None:
    """Each ticket is settled by its latest result, each fact written once, nothing is left."""
    assert left_undone() == {}
    settled_ones = Ticket.objects.filter(bet_id__startswith="S", status="SETTLED")
    won = settled_ones.filter(result="WIN", payout=2500).count()
    lost = settled_ones.filter(result="LOSE", payout=0).count()
    on_losers = sum(which % 4 == 3 for which in range(tickets))
    assert (won, lost) == (tickets - on_losers, on_losers)
    assert Transfer.objects.filter(kind="STAKE").count() == tickets
    assert TicketFact.objects.count() == tickets  # Two for each of every other one.
    assert MarketFact.objects.count() == 2 * tickets // 8
    assert sum(map(cents, players)) == PLAYERS * 10000000 - tickets * 1000 + won * 2500
    assert_sound()


def test_a_process_killed_at_any_moment_of_a_stream_leaves_all_to_the_next(
    children: Nursery, tmp_path: Path
) -> None:
    assert kill_again_and_again(children, tmp_path, KILLS, tickets=8 * KILLS) > 0
