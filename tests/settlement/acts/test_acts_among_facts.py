"""Random acts among random facts: whatever the order of the facts between them, all ends alike.

A history of facts is told in rounds, with acts of two people after each. Told again of tickets of
its own, each round's facts come shuffled and doubled: the acts do the same, and all ends the same.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds import inbox
from settlement import reading
from settlement.acts import services
from settlement.acts.actors import Actor
from settlement.acts.services import NothingToDo
from settlement.models import Batch, Ticket
from settlement.orders import ActRefused, Answer, BadOrder, answered, read_order
from settlement.said import ResultSaid
from settlement.vocabulary import Source, TicketResult
from tests.feeds.test_interleavings import assert_sound
from tests.feeds.words import speak
from tests.services import deep
from tests.settlement.acting import OLGA, SAM, confirmed, no_limits, previewed
from tests.settlement.acting import words as said_words
from tests.settlement.asked import Json
from tests.settlement.test_settling_races import (
    MARKETS,
    MILLISECOND,
    Item,
    bring,
    digest,
    event_of,
    players_of,
    tell,
    told,
)

HISTORIES = 40 if deep() else 4
ROUNDS = 8
OF_TICKETS = "settle settle resettle resettle void void reopen cash_out cash_out cancel reject "
OF_TICKETS += "release release accept_result accept_result"
OF_MARKETS = "market_settle market_void market_deduct market_reopen event_void event_reopen"
ACTS = OF_TICKETS.split() + OF_MARKETS.split() + ["undo"] * 4
ENDS = ["win", "lose", "void", "half_win", "half_lose"]


@dataclass(slots=True)
class Played:
    """A history as it was played: what came of each act, and the acts themselves."""

    came: list[object] = field(default_factory=list)
    batches: list[Batch | None] = field(default_factory=list)


@pytest.fixture(autouse=True)
def _limits(db: None) -> None:
    no_limits()
    speak()


@pytest.fixture(autouse=True)
def _answers_never_grow_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("settlement.orders.OLDEST_ANSWER", timedelta(days=10_000))


def at(milliseconds: int) -> str:
    """Return a time soon after noon, when the bets were accepted."""
    return datetime.fromtimestamp((MILLISECOND + milliseconds) / 1000, UTC).isoformat()


def drawn(chance: random.Random, seed: int, tickets: int, batches: int) -> Json:
    """Draw an act; its tickets and events are named without those whose they are."""
    act = chance.choice(ACTS)
    if act == "undo":
        return {"act": act, "undoes": chance.randrange(batches) if batches else None}
    if act in OF_MARKETS.split():
        return of_market(chance, act)
    chosen = chance.sample(range(tickets), chance.randint(1, min(4, tickets)))
    return {"act": act, "ids": [f"{seed}-{n}" for n in chosen], "each": of_ticket(chance, act)}


def of_market(chance: random.Random, act: str) -> Json:
    """Draw what is said of a market, or of all markets of its event."""
    on = chance.choice("12WP")
    words: Json = {"market": "" if act.startswith("event") else on}
    if act != "market_settle" and chance.random() < 0.4:
        words |= chance.choice([{"accepted_from": at(3000)}, {"accepted_to": at(4000)}])
    if act == "market_settle":
        refs = chance.sample(MARKETS[on], chance.randint(1, 2))
        words["outcomes"] = {ref: {"result": chance.choice(ENDS)} for ref in refs}
    if act == "market_deduct":
        words["percent"] = chance.choice(["5", "40", "60"])
    return {"act": act.replace("event", "market"), "on": on, "market": words}


def of_ticket(chance: random.Random, act: str) -> Json:
    """Draw what is said of each ticket."""
    if act in ("settle", "resettle"):
        return chance.choice([ended_as_a_whole, ended_as_a_whole, paid, of_leg, of_leg])(chance)
    if act == "void" and chance.random() < 0.6:
        return {"legs": [{"position": chance.choice([1, 2])}]}
    if act == "cash_out":
        stake = {"stake": chance.choice(["0.05", "0.01", "1.00", "2.00"])}
        return {"amount": chance.choice(["0.50", "1.00"])} | chance.choice([{}, stake, stake])
    if act == "accept_result":
        return {"lookup": chance.randrange(1000)}
    return {}


def answer_to(lookup: int) -> Answer:
    """Return what a provider answered, by the look-up's number, at a time that no fact bears."""
    chance = random.Random(lookup)
    result = chance.choice([*"WIN WIN LOSE REFUND NONE".split()])
    paid = {"WIN": ("2", "4.00"), "LOSE": ("0", "0"), "REFUND": ("1", "2.00")}
    multiplier, payout = paid.get(result, (None, None))
    ticks = MILLISECOND * 10_000 + chance.randrange(10_000) * 10_000 + 1
    said = ResultSaid(TicketResult(result), multiplier=multiplier, payout=payout)
    return Answer(Source.ODDS88, ticks, said)


def ended_as_a_whole(chance: random.Random) -> Json:
    """Draw a ticket's result."""
    return {"result": chance.choice(["win", "lose", "refund", "half_win", "place_win"])}


def paid(chance: random.Random) -> Json:
    """Draw a ticket's payout."""
    return {"payout": chance.choice(["0", "1.23", "40.00"])}


def of_leg(chance: random.Random) -> Json:
    """Draw how a leg ended, what is deducted from it, or both."""
    words: Json = {"position": chance.choice([1, 1, 1, 2, 3])}
    kind = chance.random()
    if kind < 0.7:
        words["result"] = chance.choice(ENDS)
        if chance.random() < 0.3:
            words["place_result"] = chance.choice(["win", "lose", "void"])
        if words["result"] == "win" and chance.random() < 0.3:
            words["dead_heat"] = chance.choice(["1/2", "1/3"])
    if kind > 0.5:
        words["rule4"] = chance.choice(["5", "25", "90"])
    return {"legs": [words]}


def act_on(words: Json, name: str, seed: int, played: Played, who: Actor) -> None:
    """Do one act, and keep what came of it."""
    more: Json = {}
    if "undoes" in words:
        undone = None if words["undoes"] is None else played.batches[words["undoes"]]
        more["undoes"] = 0 if undone is None else undone.pk
    if "market" in words:
        event = event_of(f"{name}{seed}", words["on"])
        more["market"] = words["market"] | {"provider": "sportradar", "event": event}
    ids = [f"{name}{one}" for one in words.get("ids", [])]
    try:
        order = read_order(said_words(words["act"], *ids, each=words.get("each", {}), **more))
        if words["act"] == "accept_result":
            order = answered(order, dict.fromkeys(ids, answer_to(words["each"]["lookup"])))
        shown = services.preview(order=order, actor=who)
        batch = agreed_to(confirmed(shown, who))
    except ActRefused as refused:
        played.batches.append(None)
        played.came.append(type(refused))
        return
    lines = batch.lines.order_by("position").values_list("bet_id", "state", "difference")
    played.batches.append(batch)
    played.came.append([(bet_id.removeprefix(name), *came) for bet_id, *came in lines])


def agreed_to(batch: Batch) -> Batch:
    """Agree to an act that asks because what it may pay later can't be computed."""
    if batch.state != "WAITING":
        return batch
    other = SAM if batch.maker == OLGA.name else OLGA
    return services.finish(batch=services.accept(batch_id=batch.pk, actor=other, note="Seen."))


def tell_in_disorder(items: Sequence[Item], order: random.Random) -> None:
    """Tell facts shuffled, one to three times each, in random portions."""
    left = [one for one in items for _ in range(order.randint(1, 3))]
    order.shuffle(left)
    while left:
        portion = order.randint(1, len(left))
        tell(left[:portion])
        del left[:portion]
        if order.random() < 0.5:
            inbox.drain()


def play(seed: int, name: str, order: random.Random | None, *, acts: bool = True) -> Played:
    """Play one history with its acts or without; with an `order`, facts come in disorder."""
    chance, played = random.Random(seed), Played()
    story = told(seed, name, players_of(name))
    tickets = [*story.early, *story.late]
    bring(tickets)
    items = list(story.items)
    chance.shuffle(items)
    share = -(-len(items) // ROUNDS)
    for start in range(0, ROUNDS * share, share):
        if order is None:
            tell(items[start : start + share])
        else:
            tell_in_disorder(items[start : start + share], order)
        inbox.drain()
        for _ in range(2 if acts else 0):
            words = drawn(chance, seed, len(tickets), len(played.batches))
            act_on(words, name, seed, played, chance.choice([OLGA, SAM]))
    return played


def undo_all(batches: Iterable[Batch | None]) -> None:
    """Take acts back that were not taken back before."""
    for batch in batches:
        if batch is None or batch.act == "UNDO":
            continue
        try:
            agreed_to(confirmed(previewed("undo", undoes=batch.pk)))
        except (BadOrder, NothingToDo):
            continue


def assert_folded_alone_as_together(name: str) -> None:
    """Each ticket's facts come to the same when it is read alone and among all others."""
    book = reading.unlocked(
        list(Ticket.objects.filter(bet_id__startswith=name).values_list("pk", flat=True))
    )
    for ticket in book.tickets:
        alone = reading.unlocked([ticket.id])
        assert told_apart(book.wanted(ticket)) == told_apart(alone.wanted(alone.tickets[0]))


def told_apart(wanted: Any) -> tuple[object, ...]:
    """Return what a ticket's facts come to."""
    return (
        wanted.status, wanted.result, wanted.payout, wanted.cashed_out_stake, wanted.legs,
        wanted.ticks, wanted.cause, wanted.by_act, wanted.hold, set(wanted.ticket_facts),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_the_same_acts_among_facts_in_another_order_end_alike_and_undone_leave_nothing(
    seed: int,
) -> None:
    play_and_undo(seed)


def play_and_undo(seed: int) -> None:
    """Play a history in two orders and without acts, undo all acts, and compare the ends."""
    in_order = play(seed, "in", None)
    in_disorder = play(seed, "dis", random.Random(seed + 7))
    assert in_order.came == in_disorder.came
    assert digest("in") == digest("dis")
    assert_sound()
    assert_folded_alone_as_together("in")

    play(seed, "none", None, acts=False)
    undo_all(reversed(in_order.batches))
    undo_all(random.Random(seed).sample(in_disorder.batches, len(in_disorder.batches)))

    assert digest("in") == digest("none")
    assert digest("dis") == digest("none")
    assert_sound()
