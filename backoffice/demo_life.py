"""The demo's life: every few seconds somebody bets, by the same intake as everybody else.

The demo's Odds88 settles its bets by chance; of some of them a whole story is told. Those on
Sportradar's matches stand in `demo_matches`, on LSports' fixtures in `demo_fixtures`.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import structlog
from msgspec.structs import replace

from backoffice import demo_tickets
from backoffice.demo import PREFIX
from backoffice.demo_odds88 import LIVE, Odds88, bets_of
from backoffice.demo_servers import Server
from backoffice.intake import bring_in
from feeds.odds88.sandbox.bodies import Result
from feeds.odds88.sandbox.faults import Duplicate, Older, Resettle
from settlement.models import Ticket
from wallet import selectors, services
from wallet.models import Account, Player
from wallet.money import Money
from wallet.services import Posting
from wallet.vocabulary import Reason, TransferKind

log = structlog.get_logger(__name__)

ACTOR = "system:demo"
MOST = 2000
FIRST = f"{LIVE}00001"  # Its story is told within half a minute.
BETTORS = 12
PACE = 5.0  # seconds
TOLD_WHOLE = 12  # Of each so many bets one has a story.
KINDS = {"single": 1, "double": 2, "treble": 3}
STAKES = ("2.00", "5.00", "5.00", "10.00", "20.00")
LOW, FILLED = "50.00", "200.00"
Asked = dict[str, Any]
Step = Callable[[], None]


class Living(Protocol):
    """Something of which a few steps are due at each beat."""

    def due(self) -> Iterator[Step]:
        """Yield what is to be done now."""
        ...


def words(servers: Mapping[str, Server], pace: float) -> list[str]:
    """Return the command that lives."""
    ports = [word for name, one in servers.items() for word in (f"--{name}", str(one.port))]
    return ["manage.py", "demo_life", *ports, "--pace", str(pace)]


def go(lives: Sequence[Living], pace: float) -> None:
    """Live for as long as the demo runs."""
    while True:
        for life in lives:
            beat(life)
        time.sleep(pace)


def beat(life: Living) -> None:
    """Do what is due; what fails is logged, and life goes on."""
    try:
        for step in life.due():
            attempt(step)
    except Exception:
        log.exception("demo_life_stumbled")


def attempt(step: Step) -> None:
    """Do one thing; what fails is logged."""
    try:
        step()
    except Exception:
        log.exception("demo_life_stumbled")


class Life:
    """Who bets at Odds88, and what is still to be told of his bets: a step at each beat."""

    def __init__(self, odds88: Odds88) -> None:
        self.odds88 = odds88
        self.steps: deque[Step] = deque()

    def due(self) -> Iterator[Step]:
        """Yield a bet, and the next step of what is to be told."""
        placed = Ticket.objects.filter(bet_id__startswith=LIVE).count()
        if placed < MOST:
            yield partial(self.bet, placed + 1)
        if self.steps:
            yield self.steps.popleft()

    def bet(self, number: int) -> None:
        """Let somebody bet, here and at Odds88."""
        chance = random.Random(number)  # noqa: S311 - the same demo for everybody
        asked = ticket(number, bettor(chance), chance)
        bring_in(tickets=[asked], actor=ACTOR)
        (bet,) = bets_of(
            Ticket.objects.filter(bet_id=asked["bet_id"]).select_related("currency", "player")
        )
        has_story = number % TOLD_WHOLE == 1
        self.odds88.tell("bets", replace(bet, ends=not has_story))
        if has_story:
            self.steps.extend(self.story(bet.bet_id))

    def story(self, bet_id: str) -> Sequence[Step]:
        """Return a story: won, heard twice, then something older, and in the end lost."""
        told = (Duplicate(bet_id), Older(bet_id, seconds=1), Resettle(bet_id))
        return [
            partial(self.odds88.tell, "settle", {"betId": bet_id, "result": Result.WIN}),
            *[partial(self.odds88.tell, "faults", fault) for fault in told],
        ]


def bettor(chance: random.Random) -> str:
    """Return one of a few players, who has money: else he pays some in first."""
    active = Player.objects.filter(external_id__startswith=PREFIX, status="ACTIVE")
    player = chance.choice(active.order_by("id")[:BETTORS])
    (account,) = services.open_accounts(players=[player.pk], currency="EUR").values()
    unit = selectors.units(["EUR"])["EUR"]
    balance = Account.objects.values_list("balance", flat=True).get(pk=account) or 0
    if balance < Money.parse(LOW, unit).minor:
        pay_in(account, Money.parse(FILLED, unit))
    return player.external_id


def pay_in(account: int, amount: Money) -> None:
    """Post a deposit."""
    services.post_transfers(
        postings=[
            Posting(
                key=f"demo-life:{account}:{time.time_ns()}",
                account_id=account,
                kind=TransferKind.DEPOSIT,
                change=amount,
                reason=Reason.CUSTOMER_PAYMENT,
                note="Card payment",
            )
        ],
        actor=ACTOR,
    )


def ticket(number: int, player: str, chance: random.Random) -> Asked:
    """Return a bet on matches that are being played."""
    now = datetime.now(UTC)
    kind = chance.choice(list(KINDS))
    return {
        "bet_id": f"{LIVE}{number:05d}",
        "provider": "odds88",
        "player": player,
        "currency": "EUR",
        "stake": chance.choice(STAKES),
        "kind": kind,
        "placed_at": now.isoformat(),
        "selections": [
            being_played(demo_tickets.match_leg("odds88", place, now, chance), now)
            for place in range(KINDS[kind])
        ],
    }


def being_played(leg: Asked, now: datetime) -> Asked:
    """Return a leg on a match that began with this hour: each hour has its own."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    event = f"{hour:%y%m%d%H}{leg['event'][-2:]}"
    return leg | {"event": event, "start_at": hour.isoformat()}
