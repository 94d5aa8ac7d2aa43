"""Which of a market's bets a ticket means that knows it by its name and line alone."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from settlement.fold.facts import Doubt, MarketFact
from settlement.rules.exact import RulesRefusal, ratio
from settlement.said import OutcomeSaid
from settlement.vocabulary import MarketFactKind, ReviewKind, Source

MOST_NAMED = 10
LONGEST_NUMBER = 20


class Named(msgspec.Struct, frozen=True):
    """What a ticket bets on, when it was brought without the bet's id."""

    name: str
    line: str


def told_bets(facts: Iterable[MarketFact]) -> dict[str, list[OutcomeSaid]]:
    """Return what LSports calls each bet of a market that it has settled, by the bet's id."""
    found: dict[str, list[OutcomeSaid]] = {}
    for fact in facts:
        if fact.source == Source.LSPORTS and fact.kind == MarketFactKind.SETTLEMENT:
            for ref, one in fact.content.outcomes.items():
                found.setdefault(ref, []).append(one)
    return found


def meant_by(facts: Iterable[MarketFact], named: Named) -> list[str]:
    """Return the bets of a market that bear a name and a line; only a single one is meant."""
    return sorted(
        ref
        for ref, told in told_bets(facts).items()
        if any(is_called(one, named) and is_on_line(one, named.line) for one in told)
    )


def refs_named(outcomes: Mapping[str, OutcomeSaid], named: Named) -> list[str]:
    """Return those of some bets that bear a name and a line."""
    return sorted(
        ref
        for ref, one in outcomes.items()
        if is_called(one, named) and is_on_line(one, named.line)
    )


def ref_meant(facts: Iterable[MarketFact], named: Named) -> str:
    """Return the one bet that is meant; nothing while none or several may be."""
    found = meant_by(facts, named)
    return found[0] if len(found) == 1 else ""


def is_called(one: OutcomeSaid, named: Named) -> bool:
    """Whether a bet goes by a name: its own, its player's or its participant's."""
    wanted = named.name.casefold()
    return wanted in (one.name.casefold(), one.player.casefold(), one.participant)


def is_on_line(one: OutcomeSaid, line: str) -> bool:
    """Whether a bet has a line; one that has none of its own has its pair's base line.

    Of a handicap's pair that begins at −0.5 one bet has 0.5, and another pair's has −0.5: who has
    the base line alone may be the wrong one.
    """
    return same_line(one.line or one.base_line, line)


def may_be_on_line(one: OutcomeSaid, line: str) -> bool:
    """Whether somebody may have called a bet's line so."""
    return is_on_line(one, line) or (bool(one.base_line) and same_line(one.base_line, line))


def same_line(one: str, other: str) -> bool:
    """Whether two lines are the same: as numbers where both are, else to the letter."""
    return one == other or ((value := value_of(one)) is not None and value == value_of(other))


@lru_cache(1024)
def value_of(line: str) -> object:
    """Return a line's value; nothing when it is no number."""
    unsigned = line.removeprefix("+").removeprefix("-")
    if len(line) > LONGEST_NUMBER or not unsigned[:1].isdigit() or "/" in line:
        return None
    try:
        value = ratio(unsigned)
    except RulesRefusal:
        return None
    return -value if line.startswith("-") else value


def is_unclear(facts: Iterable[MarketFact], named: Named) -> bool:
    """Whether a person has to say what is meant: several bets may be, or none by that name.

    While no bet of the ticket's line was told the market is merely not settled there.
    """
    told = [one for each in told_bets(facts).values() for one in each]
    hits = meant_by(facts, named)
    if len(hits) == 1 or not told:
        return False
    return bool(hits) or not named.line or any(may_be_on_line(one, named.line) for one in told)


def doubt_about_names(facts: Sequence[MarketFact], unclear: Sequence[Named]) -> Doubt:
    """Say which names stand for no single bet, and what there is to choose from."""
    asked = ", ".join(sorted({label(one.name, one.line) for one in unclear})[:MOST_NAMED])
    told = told_bets(facts)
    choices = [f"{ref} ({label(told[ref][0].name, told[ref][0].line)})" for ref in sorted(told)]
    more = f" and {len(choices) - MOST_NAMED} more" if len(choices) > MOST_NAMED else ""
    return Doubt(
        ReviewKind.OUTCOME_UNCLEAR,
        f"Bets on {asked} name no single bet that LSports has settled here: they wait. "
        f"It has settled {', '.join(choices[:MOST_NAMED])}{more}.",
    )


def label(name: str, line: str) -> str:
    """Return a bet's name with its line."""
    return f"“{name} {line}”" if line else f"“{name}”"
