"""What a person has to look at in what was said of one market, whoever bet on it."""

from collections.abc import Iterator, Sequence

from settlement.fold.facts import Doubt, MarketFact
from settlement.fold.missing import outcomes_named, unknown_results
from settlement.fold.outcomes import (
    RANK,
    factors_of,
    said_by_act,
    speaks_of,
    standing_acts,
    unmatched_rollbacks,
)
from settlement.rules.legs import Factors, word
from settlement.said import Ended
from settlement.vocabulary import MarketFactKind, ReviewKind, Source

CONFIRMED = 2
SAYS_HOW_IT_ENDED = (MarketFactKind.SETTLEMENT, MarketFactKind.CANCEL)
DONE_BY_HAND = {
    MarketFactKind.SETTLEMENT: "settled",
    MarketFactKind.CANCEL: "voided",
    MarketFactKind.ROLLBACK: "opened",
}
SPEAKERS = {source: source.capitalize() for source in Source} | {Source.LSPORTS: "LSports"}
KINDS = (
    ReviewKind.CANCEL_ROLLBACK_UNMATCHED,
    ReviewKind.TWO_CONFIRMED,
    ReviewKind.ACT_AGAINST_FEED,
    ReviewKind.UNKNOWN_RESULT,
    ReviewKind.OUTCOME_MISSING,
    ReviewKind.OUTCOME_UNCLEAR,
    ReviewKind.EQUAL_TIME,
    ReviewKind.BET_REOPENED,
)


def disputes(facts: Sequence[MarketFact]) -> list[Doubt]:
    """Return what has to be asked about a market, each kind once."""
    found = [
        *rollbacks(facts),
        *confirmed_twice(facts),
        *against_acts(facts),
        *unknown_results(facts),
        *at_equal_times(facts),
        *opened_again(facts),
    ]
    return list({doubt.kind: doubt for doubt in reversed(found)}.values())


def rollbacks(facts: Sequence[MarketFact]) -> Iterator[Doubt]:
    """Yield a doubt about cancel rollbacks that took nothing back."""
    if unmatched_rollbacks(facts):
        yield Doubt(
            ReviewKind.CANCEL_ROLLBACK_UNMATCHED,
            "The provider takes back a cancellation that he never sent, or one of another "
            "window: nothing was changed.",
        )


def confirmed_twice(facts: Sequence[MarketFact]) -> Iterator[Doubt]:
    """Yield a doubt about each outcome that was confirmed with two results; −1 is none.

    A result that its provider took back in between does not contradict the one after it. LSports
    confirms nothing: it corrects itself by a later word.
    """
    said: dict[str, dict[Factors, MarketFact]] = {}
    for fact in sorted(facts, key=lambda one: (one.ticks, RANK[one.kind], one.key)):
        if fact.kind == MarketFactKind.ROLLBACK and fact.source != Source.OPERATOR:
            for ref in [ref for ref in said if speaks_of(fact, ref)]:
                del said[ref]
        elif fact.source == Source.LSPORTS:
            continue
        elif fact.kind == MarketFactKind.SETTLEMENT and fact.certainty == CONFIRMED:
            for ref, outcome in fact.content.outcomes.items():
                if (ended := factors_of(outcome.ended)) is not None:
                    said.setdefault(ref, {})[ended] = fact
    for ref, results in sorted(said.items()):
        if len(results) > 1:
            told = ", then ".join(word(ended) for ended in results)
            yield Doubt(
                ReviewKind.TWO_CONFIRMED,
                f"The provider has confirmed two results of outcome {ref}: {told}. "
                "The later one is in force.",
            )


def at_equal_times(facts: Sequence[MarketFact]) -> Iterator[Doubt]:
    """Yield a doubt about bets for which LSports tells two things with the same time.

    It closes when a later word comes: that one is in force whatever was meant.
    """
    said: dict[str, dict[int, dict[Ended, None]]] = {}
    for fact in sorted(facts, key=lambda one: (one.ticks, one.key)):
        if fact.kind == MarketFactKind.SETTLEMENT and fact.source == Source.LSPORTS:
            for ref, outcome in fact.content.outcomes.items():
                said.setdefault(ref, {}).setdefault(fact.ticks, {})[outcome.ended] = None
    newest = {ref: times[max(times)] for ref, times in said.items()}
    acts = standing_acts([fact for fact in facts if fact.source == Source.OPERATOR])
    for ref, results in sorted(newest.items()):
        if len(results) > 1 and not any(speaks_of(act, ref) for act in acts):
            told = " and ".join(sorted(map(word_of, results)))
            yield Doubt(
                ReviewKind.EQUAL_TIME,
                f"LSports tells two things of bet {ref} with the same time: {told}. "
                "Look which is right; the next word with a later time settles it.",
            )


def word_of(ended: Ended) -> str:
    """Return how an outcome ended, or that it did not."""
    factors = factors_of(ended)
    return "taken back" if factors is None else word(factors)


def opened_again(facts: Sequence[MarketFact]) -> Iterator[Doubt]:
    """Yield a doubt about bets that LSports shows open after it has settled them."""
    opened: dict[str, int] = {}
    for fact in facts:
        for ref, ticks in fact.content.opened.items():
            opened[ref] = max(ticks, opened.get(ref, 0))
    if not opened:
        return
    last: dict[str, tuple[int, bool]] = {}
    for fact in facts:
        if fact.kind == MarketFactKind.SETTLEMENT and fact.source != Source.OPERATOR:
            for ref, outcome in fact.content.outcomes.items():
                told = (fact.ticks, outcome.ended is None)
                last[ref] = max(told, last.get(ref, told))
    acts = standing_acts([fact for fact in facts if fact.source == Source.OPERATOR])
    found = [
        ref
        for ref, at in sorted(opened.items())
        if ref in last
        and last[ref][0] < at
        and not last[ref][1]
        and not any(speaks_of(act, ref) for act in acts)
    ]
    if found:
        yield Doubt(
            ReviewKind.BET_REOPENED,
            f"LSports shows a settled bet open again: {outcomes_named(found, 'bet')}. Nothing was "
            "taken back: it says so itself when a settlement was wrong. Ask, or decide by hand.",
        )


def against_acts(facts: Sequence[MarketFact]) -> Iterator[Doubt]:
    """Yield a doubt about each act by hand that the provider has contradicted since."""
    for act in standing_acts([fact for fact in facts if fact.source == Source.OPERATOR]):
        if act.kind not in DONE_BY_HAND:
            continue
        for fact in facts:
            if fact.id > act.id and (told := contradiction(act, fact)):
                who = act.actor.removeprefix("user:")
                since = f"Since {who} {DONE_BY_HAND[act.kind]} it by hand"
                yield Doubt(
                    ReviewKind.ACT_AGAINST_FEED,
                    f"{since}, {SPEAKERS[fact.source]} says: {told}. "
                    "The act stands until it is taken back.",
                )


def contradiction(act: MarketFact, fact: MarketFact) -> str:
    """Return what a provider says otherwise than an act; nothing, when they agree."""
    if fact.source == Source.OPERATOR or fact.kind not in SAYS_HOW_IT_ENDED:
        return ""
    if fact.kind == MarketFactKind.CANCEL:
        return "" if act.kind == MarketFactKind.CANCEL else "it is cancelled"
    told = []
    for ref, outcome in sorted(fact.content.outcomes.items()):
        ended = factors_of(outcome.ended)
        if ended is not None and speaks_of(act, ref) and said_by_act(act, ref) != ended:
            told.append(f"outcome {ref} {word(ended)}")
    return ", ".join(told[:5])
