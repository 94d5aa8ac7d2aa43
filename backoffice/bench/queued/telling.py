"""What a provider says of the benchmark's events: a message for each bet, and what comes of it."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from backoffice.bench.intake.tickets import player_ref
from backoffice.bench.queued.stock import Offer
from backoffice.bench.settle.bets import Bet, End, end_of

LATE = "late"
Winners = Iterable[tuple[int, str]]


class About(Protocol):
    """Writes a message that says who won, by the markets' places."""

    def __call__(self, event: str, winners: Winners, number: int) -> bytes:
        """Return the message; of two numbers the higher one is said later."""
        ...


@dataclass(frozen=True, slots=True)
class Telling:
    """A provider that tells of what it offers: so many markets in a message."""

    offer: Offer
    about: About
    markets: int
    stranger: str  # An event that nobody has bet on; “%s” stands for its number.
    story: str  # An event of which much is said before its first ticket comes.

    def settlements(
        self, bets: Sequence[Bet], seed: int
    ) -> tuple[list[bytes], list[tuple[Bet, End]]]:
        """Return a message for each bet about the event of its own, and what the bets come to."""
        drawn = random.Random(seed)  # noqa: S311 - nobody gains by guessing these
        outcomes = self.offer.outcomes
        told = [(bet, [drawn.choice(outcomes) for _ in range(self.markets)]) for bet in bets]
        messages = [
            self.about(bet.legs[0].event, enumerate(winners), number)
            for number, (bet, winners) in enumerate(told)
        ]
        ends = [(bet, end_of(bet, winners[self.place_of(bet)])) for bet, winners in told]
        return messages, ends

    def place_of(self, bet: Bet) -> int:
        """Return the place of a bet's market among those of its event."""
        return self.offer.place_of(bet.legs[0].market)

    def hot(self) -> bytes:
        """Return the message about the market that so many have bet on."""
        return self.about(self.offer.hot_event, [(0, self.favourite)], 0)

    def strangers(self, count: int) -> list[bytes]:
        """Return messages about events that nobody has bet on."""
        winners = [(place, self.favourite) for place in range(self.markets)]
        return [
            self.about(self.stranger.replace("%s", f"{number:07}"), winners, number)
            for number in range(count)
        ]

    def long_story(self, count: int) -> list[bytes]:
        """Return messages about one event: each speaks of a tenth of its markets."""
        return [
            self.about(
                self.story,
                [
                    ((number * self.markets + place) % (10 * self.markets), self.favourite)
                    for place in range(self.markets)
                ],
                number,
            )
            for number in range(count)
        ]

    def late_ticket(self) -> Mapping[str, object]:
        """Return the first ticket on that event, as a client brings it."""
        selection = {
            "event": self.story, "market": self.offer.market_ref(0),
            "specifiers": self.offer.specifiers_at(0), "outcome": self.favourite, "price": "2.00",
        }  # fmt: skip
        return {
            "bet_id": LATE, "provider": self.offer.provider.lower(), "player": player_ref(0),
            "currency": "EUR", "stake": "1.00", "kind": "single",
            "placed_at": "2026-05-01T10:00:00Z", "stake_taken": False, "selections": [selection],
        }  # fmt: skip

    @property
    def favourite(self) -> str:
        """The outcome that wins where it is not drawn."""
        return self.offer.outcomes[0]
