"""Which tickets are there for whom: every side gets fresh ones in every round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import gcd

GOLDEN = 0.618  # Of all strides, those near it put neighbours farthest apart.


@dataclass(frozen=True, slots=True)
class Layout:
    """A database's tickets: first those on markets, and then Odds88's.

    `feed` and `markets` say by purpose how many tickets there are for each round; all others wait
    for markets that nobody settles.
    """

    tickets: int
    feed: Mapping[str, Sequence[int]]
    markets: Mapping[str, Sequence[int]]

    def __post_init__(self) -> None:
        if self.market_ends[-1] > self.on_markets:
            raise ValueError(f"{self.tickets} tickets are too few for what is done with them.")

    @property
    def on_markets(self) -> int:
        """How many tickets are on markets; the others are Odds88's."""
        return self.tickets - sum(map(sum, self.feed.values()))

    @property
    def stride(self) -> int:
        """What scatters a market's tickets over all tickets: ticket n has slot n × stride."""
        stride = int(self.on_markets * GOLDEN)
        while gcd(stride, self.on_markets) != 1:
            stride += 1
        return stride

    @property
    def market_ends(self) -> list[int]:
        """Where each market's slots end."""
        return list(accumulate(size for sizes in self.markets.values() for size in sizes))

    def market(self, purpose: str, round_number: int) -> int:
        """Return the number of a market."""
        before = 0
        for name, sizes in self.markets.items():
            if name == purpose:
                return before + round_number
            before += len(sizes)
        raise KeyError(purpose)

    def feed_range(self, purpose: str, round_number: int) -> range:
        """Return the ids of a round's tickets of Odds88."""
        sizes = [size for of_purpose in self.feed.values() for size in of_purpose]
        ends = accumulate(sizes, initial=self.on_markets + 1)
        places = [(name, n) for name, each in self.feed.items() for n in range(len(each))]
        start, end = list(pairwise(ends))[places.index((purpose, round_number))]
        return range(start, end)
