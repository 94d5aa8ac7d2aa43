"""The demo's bets on matches that Sportradar tells of: the same intake, and a real feed."""

import random
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from backoffice import demo_stories, demo_tickets
from backoffice.demo_life import ACTOR, MOST, STAKES, Step, bettor
from backoffice.demo_sportradar import FEED, Sportradar
from backoffice.demo_stories import Beat, Case, Story
from backoffice.intake import bring_in
from feeds.models import Producer, ProducerState
from settlement.models import Selection, Ticket
from settlement.vocabulary import TicketStatus

BETS = "DEMO-U-"
FIRST = f"{BETS}00001"  # Its story is told within a minute.
FIRST_MATCH = 61_000_000  # Each leg is on a match of its own, which later runs don't use again.
DOUBLES = 0.3
Asked = dict[str, Any]


class Matches:
    """Who bets on matches, and what is still to be told of them."""

    def __init__(self, sportradar: Sportradar) -> None:
        self.sportradar = sportradar
        self.stories: list[deque[Beat]] = []
        self.has_begun = False

    def due(self) -> Iterator[Step]:
        """Yield what is to be done now: once producers are up, a bet, and a beat of each story."""
        if not self.has_begun and all_are_up():
            self.has_begun = True
            self.stories = [deque(beats) for beats in left_over()]
        if not self.has_begun:
            return
        placed = Ticket.objects.filter(bet_id__startswith=BETS).count()
        self.stories = [story for story in self.stories if story]
        for story in list(self.stories):
            yield partial(self.tell, story.popleft())
        if placed < MOST:
            yield partial(self.bet, placed + 1)

    def tell(self, beat: Beat) -> None:
        """Let Sportradar say something."""
        for one in beat:
            self.sportradar.tell(one.path, one.body)

    def bet(self, number: int) -> None:
        """Let somebody bet, and have a story begin."""
        chance = random.Random(f"match {number}")  # noqa: S311 - the same demo for everybody
        story = demo_stories.story_of(number, chance)
        asked = ticket(number, story, bettor(chance), chance)
        bring_in(tickets=[asked], actor=ACTOR)
        cases = cases_of(Ticket.objects.get(bet_id=asked["bet_id"]))
        self.stories.append(deque(demo_stories.beats_of(number, story, cases[0])))
        self.stories += [deque(demo_stories.plain(case)) for case in cases[1:]]


def all_are_up() -> bool:
    """Whether all producers are heard, and nothing is missing of what they said."""
    active = Producer.objects.filter(feed=FEED, is_active=True)
    states = set(active.values_list("state", flat=True))
    return states == {ProducerState.UP}


def left_over() -> Iterator[list[Beat]]:
    """Yield a quick end for each bet whose story the demo's last run did not tell to the end."""
    found = Ticket.objects.filter(bet_id__startswith=BETS, status=TicketStatus.OPEN)
    for one in found.order_by("id"):
        if not demo_stories.waits(number_of(one)):
            for case in cases_of(one):
                yield [(case.settle(case.ends(case.wins)),)]


def number_of(ticket: Ticket) -> int:
    """Return the number in a ticket's name."""
    return int(ticket.bet_id.removeprefix(BETS))


def cases_of(ticket: Ticket) -> list[Case]:
    """Return what a ticket bets on; whether a leg wins is the same whenever it is asked."""
    legs = Selection.objects.filter(ticket=ticket).select_related("outcome__market__event")
    return [case(ticket, leg) for leg in legs.order_by("position")]


def case(ticket: Ticket, leg: Selection) -> Case:
    """Return what a leg bets on."""
    market = leg.outcome.market
    chance = random.Random(f"{ticket.bet_id}/{leg.position}")  # noqa: S311 - as above
    return Case(
        event=market.event.ref,
        market=market.ref,
        specifiers=market.specifiers,
        outcome=leg.outcome.ref,
        accepted=ticket.accepted_at,
        wins=chance.random() < 0.5,
    )


def ticket(number: int, story: Story, player: str, chance: random.Random) -> Asked:
    """Return a bet on matches that are being played; the first ones are on one match only."""
    now = datetime.now(UTC)
    is_double = number > len(demo_stories.STORIES) and chance.random() < DOUBLES
    first = leg(number, 0, now, chance)
    while story.market not in ("", first["market"]):
        first = leg(number, 0, now, chance)
    return {
        "bet_id": f"{BETS}{number:05d}",
        "provider": FEED,
        "player": player,
        "currency": "EUR",
        "stake": chance.choice(STAKES),
        "kind": "double" if is_double else "single",
        "placed_at": now.isoformat(),
        "selections": [first, leg(number, 1, now, chance)] if is_double else [first],
    }


def leg(number: int, place: int, now: datetime, chance: random.Random) -> Asked:
    """Return a leg on a match that began with this hour."""
    match = f"sr:match:{FIRST_MATCH + 2 * number + place}"
    began = now.replace(minute=0, second=0, microsecond=0).isoformat()
    found = demo_tickets.match_leg(FEED, chance.randrange(10), now, chance)
    return found | {"event": match, "start_at": began}
