"""The demo's bets on matches that Sportradar tells of: the same intake, and a real feed."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from backoffice import demo_stories, demo_tickets
from backoffice.demo_life import ACTOR, STAKES, bettor
from backoffice.demo_sportradar import FEED
from backoffice.demo_stories import Case, Story
from backoffice.demo_telling import Beat, Telling
from backoffice.intake import bring_in
from feeds.models import Producer, ProducerState
from settlement.models import Selection, Ticket
from settlement.vocabulary import TicketStatus

BETS = "DEMO-U-"
FIRST = f"{BETS}00001"  # Its story is told within a minute.
FIRST_MATCH = 61_000_000  # Each leg is on a match of its own, which later runs don't use again.
DOUBLES = 0.3
Asked = dict[str, Any]


class Matches(Telling):
    """Who bets on matches that Sportradar tells of."""

    bets = BETS

    def is_sound(self) -> bool:
        """Whether all producers are up."""
        return all_are_up()

    def left_over(self) -> Iterator[list[Beat]]:
        """Yield a quick end for each bet whose story was not told to the end by the last run."""
        found = Ticket.objects.filter(bet_id__startswith=BETS, status=TicketStatus.OPEN)
        for one in found.order_by("id"):
            if not demo_stories.waits(self.number_of(one)):
                for case in cases_of(one):
                    yield [(case.settle(case.ends(case.wins)),)]

    def begin(self, number: int) -> list[list[Beat]]:
        """Let somebody bet; return the stories of his legs."""
        chance = random.Random(f"match {number}")  # noqa: S311 - the same demo for everybody
        story = demo_stories.story_of(number, chance)
        asked = ticket(number, story, bettor(chance), chance)
        bring_in(tickets=[asked], actor=ACTOR)
        first, *rest = cases_of(Ticket.objects.get(bet_id=asked["bet_id"]))
        told = demo_stories.beats_of(number, story, first)
        return [told, *map(demo_stories.plain, rest)]


def all_are_up() -> bool:
    """Whether all producers are heard, and nothing is missing of what they said."""
    active = Producer.objects.filter(feed=FEED, is_active=True)
    states = set(active.values_list("state", flat=True))
    return states == {ProducerState.UP}


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
