"""What the demo's providers are told of bets: each bet's story, a beat of it at a time."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from backoffice.demo_life import MOST, Step
from backoffice.demo_servers import Server
from settlement.models import Ticket


@dataclass(frozen=True, slots=True)
class Tell:
    """Something that a server is told, and where."""

    path: str
    body: object


Beat = tuple[Tell, ...]
PAUSE: Beat = ()


class Telling(ABC):
    """Who bets on what a provider tells of, and what is still to be told of it."""

    bets: str  # How its bets' names begin.

    def __init__(self, server: Server) -> None:
        self.server = server
        self.stories: list[deque[Beat]] = []
        self.has_begun = False

    def due(self) -> Iterator[Step]:
        """Yield what is to be done now: once the feed is sound, a bet, and a beat of each story."""
        if not self.has_begun and self.is_sound():
            self.has_begun = True
            self.stories = [deque(beats) for beats in self.left_over()]
        if not self.has_begun:
            return
        placed = Ticket.objects.filter(bet_id__startswith=self.bets).count()
        self.stories = [story for story in self.stories if story]
        for story in list(self.stories):
            yield partial(self.tell, story.popleft())
        if placed < MOST:
            yield partial(self.bet, placed + 1)

    def tell(self, beat: Beat) -> None:
        """Let the provider say something."""
        for one in beat:
            self.server.tell(one.path, one.body)

    def bet(self, number: int) -> None:
        """Let somebody bet, and have the stories of his legs begin."""
        self.stories += [deque(beats) for beats in self.begin(number)]

    def number_of(self, ticket: Ticket) -> int:
        """Return the number in a ticket's name."""
        return int(ticket.bet_id.removeprefix(self.bets))

    @abstractmethod
    def is_sound(self) -> bool:
        """Whether all is heard, and nothing is missing."""

    @abstractmethod
    def left_over(self) -> Iterator[Sequence[Beat]]:
        """Yield a quick end for each bet whose story was not told to the end by the last run."""

    @abstractmethod
    def begin(self, number: int) -> Sequence[Sequence[Beat]]:
        """Place a bet; return the stories of its legs."""
