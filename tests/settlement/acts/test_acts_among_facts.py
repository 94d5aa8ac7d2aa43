"""Random acts among random facts: whatever the order of the facts between them, the same ends."""

import os
import random
from typing import Any

import pytest

from backoffice import truths
from feeds import inbox
from settlement import reading
from settlement.acts.actors import Actor
from settlement.models import Batch, Ticket
from settlement.orders import ActRefused
from tests.feeds.words import speak
from tests.settlement.acting import OLGA, SAM, confirmed, no_limits, previewed
from tests.settlement.acting import words as order_words
from settlement.acts import services
from settlement.orders import read_order
from tests.settlement.test_settling_races import (
    MILLISECOND,
    bring,
    digest,
    event_of,
    players_of,
    tell,
    told,
)
from settlement.said import moment_of

SEEDS = range(int(os.environ.get("FROM", 0)), int(os.environ.get("TO", 40)))
ROUNDS = 8
LEGS = ["win", "lose", "void", "half_win", "half_lose"]


def at(milliseconds: int) -> str:
    return (
        moment_of(0)
        .fromtimestamp((MILLISECOND + milliseconds) / 1000, moment_of(0).tzinfo)
        .isoformat()
    )


def leg_words(chance: random.Random) -> dict[str, Any]:
    words: dict[str, Any] = {"position": chance.choice([1, 1, 1, 2, 3])}
    kind = chance.random()
    if kind < 0.7:
        words["result"] = chance.choice(LEGS)
        if chance.random() < 0.3:
            words["place_result"] = chance.choice(["win", "lose", "void"])
        if words["result"] == "win" and chance.random() < 0.3:
            words["dead_heat"] = chance.choice(["1/2", "1/3"])
    if kind > 0.5:
        words["rule4"] = chance.choice(["5", "25", "90"])
    return words


def drawn(chance: random.Random, seed: int, count: int, done: int) -> dict[str, Any]:
    """Return an act in words; bet ids and events still without their universe's name."""
    act = chance.choice(
        "settle settle resettle resettle void void reopen cash_out cash_out cancel reject release "
        "release undo undo undo undo market_settle market_void market_deduct market_reopen event_void "
        "event_reopen".split()
    )
    ids = [f"{seed}-{n}" for n in chance.sample(range(count), chance.randint(1, min(4, count)))]
    if act == "undo":
        return {"act": act, "undoes": chance.randrange(done) if done else None}
    if act.startswith(("market", "event")):
        market = chance.choice("12WP")
        words: dict[str, Any] = {"market": market, "event": True}
        if chance.random() < 0.4 and act != "market_settle":
            words |= (
                {"accepted_from": at(3000)} if chance.random() < 0.5 else {"accepted_to": at(4000)}
            )
        if act == "market_settle":
            refs = {"1": "123", "2": "12"}.get(market, "1234")
            words["outcomes"] = {
                ref: {"result": chance.choice(LEGS)}
                for ref in chance.sample(refs, chance.randint(1, 2))
            }
        if act == "market_deduct":
            words["percent"] = chance.choice(["5", "40", "60"])
        if act.startswith("event"):
            words["market"] = ""
        return {"act": act.replace("event", "market"), "on": market, "market": words}
    each: dict[str, Any] = {}
    if act in ("settle", "resettle"):
        kind = chance.random()
        if kind < 0.35:
            each = {"result": chance.choice(["win", "lose", "refund", "half_win", "place_win"])}
        elif kind < 0.5:
            each = {"payout": chance.choice(["0", "1.23", "40.00"])}
        else:
            each = {"legs": [leg_words(chance)]}
    if act == "void" and chance.random() < 0.6:
        each = {"legs": [{"position": chance.choice([1, 2])}]}
    if act == "cash_out":
        each = {"amount": chance.choice(["0.5", "1.00"])}
        if chance.random() < 0.7:
            each["stake"] = chance.choice(["0.05", "0.01", "1.00", "2.00"])
    return {"act": act, "ids": ids, "each": each}


def do(words: dict[str, Any], name: str, seed: int, batches: list[Batch | None], who: Actor) -> Any:
    """Do one act in a universe; return what came of it."""
    act, more = words["act"], {}
    if "undoes" in words:
        target = batches[words["undoes"]] if words["undoes"] is not None else None
        if target is None:
            batches.append(None)
            return "nothing to undo"
        more = {"undoes": target.pk}
    if "market" in words:
        event = event_of(f"{name}{seed}", words["on"])
        more = {
            "market": words["market"]
            | {"provider": words.get("provider", "manual"), "event": event}
        }
    try:
        ids = [f"{name}{one}" for one in words.get("ids", [])]
        shown = previewed(act, *ids, actor=who, **more, each=words.get("each", {}))
        batch = confirmed(shown, who)
    except ActRefused as error:
        batches.append(None)
        return type(error).__name__
    batches.append(batch)
    lines = batch.lines.order_by("position")
    return [(one.bet_id.removeprefix(name), one.state, one.difference) for one in lines]


def play(seed: int, name: str, order: random.Random | None, *, acts: bool = True) -> Any:
    """Play one history with its acts; with an `order`, facts come shuffled and doubled."""
    chance = random.Random(seed)
    players = players_of(name)
    story = told(seed, name, players)
    tickets = [*story.early, *story.late]
    for one in tickets:
        for leg in one["selections"]:
            leg["event"] = leg["event"]
    bring(tickets)
    items = list(story.items)
    chance.shuffle(items)
    share = -(-len(items) // ROUNDS)
    batches: list[Batch | None] = []
    came: list[Any] = []
    for round_ in range(ROUNDS):
        some = items[round_ * share : (round_ + 1) * share]
        if order is not None:
            some = [one for one in some for _ in range(order.randint(1, 3))]
            order.shuffle(some)
            while some:
                part = order.randint(1, len(some))
                tell(some[:part])
                del some[:part]
                if order.random() < 0.5:
                    inbox.drain()
        else:
            tell(some)
        inbox.drain()
        for _ in range(2):
            words = drawn(chance, seed, len(tickets), len(batches))
            who = chance.choice([OLGA, SAM])
            if acts:
                words["provider"] = PROVIDER
                came.append((words, do(words, name, seed, batches, who)))
    return came, batches


PROVIDER = "sportradar"


def unsound() -> list[object]:
    return [(one.truth, one.rows[:3]) for one in truths.check() if one.rows]


def brief(wanted: Any) -> Any:
    return (
        wanted.status, wanted.result, wanted.payout, wanted.cashed_out_stake, wanted.legs,
        wanted.ticks, wanted.cause, wanted.by_act, wanted.hold, set(wanted.ticket_facts),
    )  # fmt: skip


def folded_alone_as_together(name: str) -> None:
    ids = list(
        Ticket.objects.filter(bet_id__startswith=name).order_by("pk").values_list("pk", flat=True)
    )
    book = reading.unlocked(ids)
    for ticket in book.tickets:
        together = book.wanted(ticket)
        alone_book = reading.unlocked([ticket.id])
        alone = alone_book.wanted(alone_book.tickets[0])
        assert brief(together) == brief(alone), ticket.bet_id


@pytest.fixture(autouse=True)
def _limits(db: None) -> None:
    no_limits()
    speak()


def back(batches: list[Batch | None], chance: random.Random | None) -> None:
    left = [one for one in reversed(batches) if one is not None and one.act != "UNDO"]
    if chance is not None:
        chance.shuffle(left)
    for batch in left:
        try:
            order = read_order(order_words("undo", undoes=batch.pk))
            confirmed(services.preview(order=order, actor=OLGA), OLGA)
        except ActRefused:
            pass


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_acts_among_facts_in_another_order_end_alike(seed: int) -> None:
    told_in_order, batches = play(seed, "in", None)
    told_otherwise, other = play(seed, "dis", random.Random(seed + 7))
    for one, two in zip(told_in_order, told_otherwise, strict=True):
        assert one == two, (one, two)
    first, second = digest("in"), digest("dis")
    unlike = {key: (first[key], second.get(key)) for key in first if first[key] != second.get(key)}
    assert not unlike, unlike
    assert unsound() == []
    folded_alone_as_together("in")

    play(seed, "none", None, acts=False)
    back(batches, None)
    back(other, random.Random(seed))
    assert unsound() == []
    first, second, third = digest("in"), digest("none"), digest("dis")
    unlike = {key: (first[key], second.get(key)) for key in first if first[key] != second.get(key)}
    if unlike:
        for words, came in told_in_order:
            print(words, "->", came)
        for key in unlike:
            bet = key.split("/")[0]
            print(
                key,
                [
                    (f.id, f.kind, f.source, f.batch, f.content)
                    for f in __import__("settlement.models")
                    .models.TicketFact.objects.filter(ticket__bet_id="in" + bet)
                    .order_by("id")
                ],
            )
    assert first == third
    assert not unlike, unlike
