"""Any order and any duplication of the same messages ends in the same tickets and balances."""

import random

from feeds import inbox
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.feeds.sportradar.histories import OUTCOMES, history
from tests.feeds.sportradar.uof import EVENT, FEED, bring, on, single, sound
from tests.services import deep
from tests.settlement.asked import Json, bet

ROUNDS = 60 if deep() else 20


def tickets_of(player: FundedPlayer, event: str) -> list[Json]:
    """Return a player's bets on an event: singles on all, one that came later, and a double."""
    singles = [
        single(player, f"{event} {ref}{one}", event=event, market=ref, outcome=one, stake="1.00")
        for ref in "12"
        for one in OUTCOMES
    ]
    late = single(player, f"{event} late", event=event, stake="1.00",
                  accepted_at="2026-11-20T11:30:00Z")  # fmt: skip
    double = bet(player, on(event), on(event, market="2", outcome="Y", price="3.00"),
                 bet_id=f"{event} double", kind="accumulator", provider="sportradar",
                 stake="1.00")  # fmt: skip
    return [*singles, late, double]


def told(event: str, bodies: list[bytes]) -> None:
    """Send messages about an event, in some batches."""
    about = [body.replace(EVENT.encode(), event.encode()) for body in bodies]
    for start in range(0, len(about), 3):
        received = inbox.receive(feed=FEED, bodies=about[start : start + 3])
        inbox.process(message_ids=received.ids)
        inbox.settle_left()


def ends(event: str) -> list[tuple[str, str, str, int]]:
    """Return how the tickets of an event ended."""
    found = Ticket.objects.filter(bet_id__startswith=f"{event} ").order_by("bet_id")
    return [(one.bet_id.partition(" ")[2], one.status, one.result, one.payout) for one in found]


def test_any_order_and_any_duplication_end_in_the_same(db: None) -> None:
    chance = random.Random(7)
    ada, bob = FundedPlayer.create("9000.00"), FundedPlayer.create("9000.00")
    seen: set[tuple[str, str]] = set()

    for number in range(ROUNDS):
        first, second = f"sr:match:1{number}", f"sr:match:2{number}"
        bodies = history(chance, chance.randint(1, 9))
        again = chance.sample(bodies, len(bodies)) + chance.choices(bodies, k=3)
        bring(*tickets_of(ada, first))
        told(first, bodies)
        if chance.random() < 0.5:
            bring(*tickets_of(bob, second))
            told(second, again)
        else:
            told(second, again)
            bring(*tickets_of(bob, second))

        assert ends(first) == ends(second), bodies
        seen.update((one[1], one[2]) for one in ends(first))

    assert ada.balance == bob.balance
    assert len(seen) >= 5
    assert sound()
