"""Any order and any duplication of the same messages ends in the same tickets and questions."""

import random

from feeds import inbox
from settlement.models import Review, Ticket
from tests.factories import FundedPlayer
from tests.feeds.lsports.histories import BETS, history
from tests.feeds.lsports.trade import FIXTURE, bring, on, single, sound
from tests.services import deep
from tests.settlement.asked import Json, bet

ROUNDS = 60 if deep() else 20
FEEDS = ("lsports-inplay", "lsports-prematch")


def tickets_of(player: FundedPlayer, fixture: str) -> list[Json]:
    """Return a player's bets on a fixture: singles on all, one by its name, and a double."""
    singles = [
        single(
            player, f"{fixture} {ref}{one}", event=fixture, market=ref, outcome=one, stake="1.00"
        )
        for ref in "12"
        for one in BETS
    ]
    named = single(player, f"{fixture} named", event=fixture, outcome="", outcome_name="1",
                   stake="1.00")  # fmt: skip
    other = on(BETS[1], event=fixture, market="2", price="3.00")
    double = bet(player, on(BETS[0], event=fixture), other,
                 bet_id=f"{fixture} double", kind="accumulator", provider="lsports",
                 stake="1.00")  # fmt: skip
    return [*singles, named, double]


def tell(chance: random.Random, fixture: str, bodies: list[bytes]) -> None:
    """Send messages about a fixture, in some batches, by either package."""
    about = [body.replace(FIXTURE.encode(), fixture.encode()) for body in bodies]
    for start in range(0, len(about), 3):
        some = about[start : start + 3]
        received = inbox.receive(feed=chance.choice(FEEDS), bodies=some)
        inbox.process(message_ids=received.ids)
        inbox.settle_left()


def ends(fixture: str) -> list[tuple[object, ...]]:
    """Return how the tickets of a fixture ended, and what is asked about it."""
    found = Ticket.objects.filter(bet_id__startswith=f"{fixture} ").order_by("bet_id")
    asked = Review.objects.filter(market__event__ref=fixture, closed_at__isnull=True)
    return [
        *((one.bet_id.partition(" ")[2], one.status, one.result, one.payout) for one in found),
        *asked.order_by("market__ref", "kind").values_list("market__ref", "kind", "sentence"),
    ]


def test_any_order_and_any_duplication_end_in_the_same(db: None) -> None:
    chance = random.Random(7)
    ada, bob = FundedPlayer.create("9000.00"), FundedPlayer.create("9000.00")
    seen: set[object] = set()

    for number in range(ROUNDS):
        first, second = f"{100_000 + number}", f"{200_000 + number}"
        bodies = history(chance, chance.randint(1, 9))
        again = chance.sample(bodies, len(bodies)) + chance.choices(bodies, k=3)
        bring(*tickets_of(ada, first))
        tell(chance, first, bodies)
        if chance.random() < 0.5:
            bring(*tickets_of(bob, second))
            tell(chance, second, again)
        else:
            tell(chance, second, again)
            bring(*tickets_of(bob, second))

        assert ends(first) == ends(second), bodies
        seen.update(one[1] for one in ends(first))

    assert ada.balance == bob.balance
    assert seen >= {"OPEN", "SETTLED", "EQUAL_TIME", "BET_REOPENED", "UNKNOWN_RESULT"}
    assert sound()
