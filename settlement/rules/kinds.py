"""Which lines a bet of each kind consists of."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import comb

from settlement.rules.exact import RulesRefusal
from settlement.vocabulary import NOT_COMPUTED, BetKind

MOST_LEGS = 40
FIXED_LEGS = {BetKind.SINGLE: 1, BetKind.DOUBLE: 2, BetKind.TREBLE: 3}
FULL_COVER = {
    BetKind.TRIXIE: (3, 2),
    BetKind.PATENT: (3, 1),
    BetKind.YANKEE: (4, 2),
    BetKind.LUCKY15: (4, 1),
    BetKind.CANADIAN: (5, 2),
    BetKind.LUCKY31: (5, 1),
    BetKind.HEINZ: (6, 2),
    BetKind.LUCKY63: (6, 1),
    BetKind.SUPERHEINZ: (7, 2),
    BetKind.LUCKY127: (7, 1),
    BetKind.GOLIATH: (8, 2),
    BetKind.LUCKY255: (8, 1),
}
LUCKIES = frozenset(k for k in FULL_COVER if k.startswith("LUCKY"))
TITLES = {
    BetKind.LUCKY15: "Lucky 15",
    BetKind.LUCKY31: "Lucky 31",
    BetKind.LUCKY63: "Lucky 63",
    BetKind.LUCKY127: "Lucky 127",
    BetKind.LUCKY255: "Lucky 255",
    BetKind.SUPERHEINZ: "Super Heinz",
    BetKind.PICKEM: "Pick'em",
}
FOLD_WORDS = {
    1: "single", 2: "double", 3: "treble", 4: "fourfold", 5: "fivefold", 6: "sixfold",
    7: "sevenfold", 8: "eightfold",
}  # fmt: skip
SYSTEM = re.compile(r"system:(\d{1,2}(?:,\d{1,2})*)/(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of bet with its folds: how many of the legs that are not bankers make a line.

    `lines` counts each-way once.
    """

    kind: BetKind
    folds: tuple[int, ...]
    choose_from: int
    lines: int

    @property
    def system(self) -> str:
        """A system's folds as they are stored: 2,3/4; empty for every other kind."""
        if self.kind is not BetKind.SYSTEM:
            return ""
        return f"{','.join(map(str, self.folds))}/{self.choose_from}"

    @property
    def word(self) -> str:
        """The kind as clients write it."""
        return f"system:{self.system}" if self.system else self.kind.lower()

    @property
    def title(self) -> str:
        """The kind as people write it."""
        if self.kind is BetKind.SYSTEM:
            return f"System {','.join(map(str, self.folds))} of {self.choose_from}"
        return TITLES.get(self.kind, self.kind.capitalize())

    @property
    def all_in_one(self) -> bool:
        """Whether its only line holds every leg."""
        return self.folds == (self.choose_from,)


@lru_cache(4096)
def shape_of(word: str, *, legs: int, bankers: int = 0) -> Shape:
    """Return the shape of a bet from its kind's word and its legs; refuse what doesn't fit."""
    kind, folds, choose_from = meaning(word)
    if not 1 <= legs <= MOST_LEGS:
        raise RulesRefusal(f"A bet has 1 to {MOST_LEGS} legs, not {legs}.")
    if kind in NOT_COMPUTED:
        return Shape(kind, (), legs, 1)
    if kind is BetKind.ACCUMULATOR:
        if legs < 2:
            raise RulesRefusal("An accumulator has two legs or more.")
        folds, choose_from = (legs,), legs
    if bankers and kind not in FULL_COVER and kind is not BetKind.SYSTEM:
        article = "An" if word[0] in "ae" else "A"
        raise RulesRefusal(
            f"{article} {word} has one line with every leg in it: it takes no bankers."
        )
    if legs - bankers != choose_from:
        besides = " besides its bankers" if bankers else ""
        raise RulesRefusal(
            f"A {word} has {choose_from} leg{'s'[: choose_from > 1]}{besides}, "
            f"not {legs - bankers}."
        )
    lines = sum(comb(choose_from, fold) for fold in folds)
    return Shape(kind, folds, choose_from, lines)


def meaning(word: str) -> tuple[BetKind, tuple[int, ...], int]:
    """Return a kind, its folds, and from how many legs they are chosen."""
    if found := SYSTEM.fullmatch(word):
        return BetKind.SYSTEM, *system_folds(word, found[1], int(found[2]))
    try:
        kind = BetKind(word.upper()) if word.isascii() and word == word.lower() else None
    except ValueError:
        kind = None
    if kind is None or kind is BetKind.SYSTEM:
        raise RulesRefusal(f"“{word[:50]}” is not a kind of bet; a system is written system:2,3/4.")
    if kind in FULL_COVER:
        choose_from, least = FULL_COVER[kind]
        return kind, tuple(range(least, choose_from + 1)), choose_from
    legs = FIXED_LEGS.get(kind, 0)
    return kind, (legs,), legs


def system_folds(word: str, folds: str, choose_from: int) -> tuple[tuple[int, ...], int]:
    """Return a system's folds in order; refuse those that its legs can't make."""
    wanted = sorted({int(fold) for fold in folds.split(",")})
    if wanted[0] < 1 or wanted[-1] > choose_from or choose_from > MOST_LEGS:
        raise RulesRefusal(f"“{word}”: each fold is 1 to the number of legs (at most {MOST_LEGS}).")
    return tuple(wanted), choose_from


def fold_word(fold: int, lines: int) -> str:
    """Return what people call a line of so many legs: double, doubles, 5-fold."""
    return FOLD_WORDS.get(fold, f"{fold}-fold") + ("s" if lines != 1 else "")
