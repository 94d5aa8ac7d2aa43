"""The demo's bets on fixtures that LSports tells of: the same intake, and two packages."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from backoffice import demo_fixture_stories, demo_offers
from backoffice.demo_fixture_stories import Case, Story
from backoffice.demo_life import ACTOR, STAKES, bettor
from backoffice.demo_lsports import LIVE
from backoffice.demo_offers import ON_MATCHES
from backoffice.demo_telling import Beat, Telling
from backoffice.intake import bring_in
from feeds.lsports.sandbox.bodies import SETTLEMENT
from feeds.models import Package, PackageState
from feeds.sources import PACKAGES
from settlement.models import Review, Ticket
from settlement.vocabulary import TicketStatus

FIRST = f"{LIVE}00001"  # Its story is told within a minute.
FIRST_FIXTURE = 71_000_000  # Each leg is on one of its own, which later runs don't use again.
DOUBLES = 0.3
Asked = dict[str, Any]


class Fixtures(Telling):
    """Who bets on fixtures that LSports tells of."""

    bets = LIVE

    def is_sound(self) -> bool:
        """Whether nothing is missing of either package."""
        return healthy_packages() == len(PACKAGES)

    def left_over(self) -> Iterator[list[Beat]]:
        """Yield a quick end for each bet whose story was not told to the end by the last run."""
        asked = Review.objects.filter(closed_at=None, market__isnull=False).values("market")
        left = Q(status=TicketStatus.OPEN) | Q(selections__outcome__market__in=asked)
        found = Ticket.objects.filter(left, bet_id__startswith=LIVE)
        for one in found.distinct().order_by("id"):
            number = self.number_of(one)
            for case in cases_of(number, one.kind):
                ends = (case.settle(case.ends(case.wins)), case.over)
                is_left = demo_fixture_stories.waits(number)
                yield [(case.offer(one.accepted_at), *(() if is_left else ends))]

    def begin(self, number: int) -> list[list[Beat]]:
        """Let somebody bet; return the stories of his legs."""
        chance = random.Random(f"fixture {number}")  # noqa: S311 - the same demo for everybody
        asked = ticket(number, bettor(chance), chance)
        first, *rest = cases_of(number, asked["kind"])
        bring_in(tickets=[asked], actor=ACTOR)
        at = Ticket.objects.get(bet_id=asked["bet_id"]).accepted_at
        self.tell(tuple(case.offer(at) for case in (first, *rest)))
        told = demo_fixture_stories.beats_of(number, story_of(number), first)
        return [told, *map(demo_fixture_stories.plain, rest)]


def healthy_packages() -> int:
    """Return of how many packages nothing is missing."""
    return Package.objects.filter(feed__in=PACKAGES, state=PackageState.HEALTHY).count()


def story_of(number: int) -> Story:
    """Return the story of a bet, the same whenever it is asked."""
    chance = random.Random(f"the story of {number}")  # noqa: S311 - as above
    return demo_fixture_stories.story_of(number, chance)


def cases_of(number: int, kind: str) -> list[Case]:
    """Return what a ticket bets on, and how it ends: the same whenever it is asked."""
    return [case(number, place) for place in range(2 if kind.upper() == "DOUBLE" else 1)]


def case(number: int, place: int) -> Case:
    """Return what a leg bets on; the second leg's is on any market of a match."""
    chance = random.Random(f"leg {number}/{place}")  # noqa: S311 - as above
    story, fixture = story_of(number), str(FIRST_FIXTURE + 2 * number + place)
    market, kind = (story.market, story.kind) if place == 0 else ("", SETTLEMENT)
    on = demo_offers.offered(fixture, kind, market or chance.choice(ON_MATCHES), chance)
    return Case(fixture, on, chance.random() < 0.5)


def ticket(number: int, player: str, chance: random.Random) -> Asked:
    """Return a bet on what is being played; the first ones are on one fixture only."""
    now, story = datetime.now(UTC), story_of(number)
    began = now.replace(minute=0, second=0, microsecond=0).isoformat()
    may_be_double = number > len(demo_fixture_stories.STORIES) and not story.by_name
    kind = "double" if may_be_double and chance.random() < DOUBLES else "single"
    return {
        "bet_id": f"{LIVE}{number:05d}",
        "provider": "lsports",
        "player": player,
        "currency": "EUR",
        "stake": chance.choice(STAKES),
        "kind": kind,
        "placed_at": now.isoformat(),
        "selections": [
            case.on.leg(case.fixture, chance, by_name=story.by_name) | {"start_at": began}
            for case in cases_of(number, kind)
        ],
    }
