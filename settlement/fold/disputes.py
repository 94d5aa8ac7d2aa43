"""What a person has to look at in what was said of one market, whoever bet on it."""

from collections.abc import Iterator, Sequence

from settlement.fold.facts import Doubt, MarketFact
from settlement.fold.missing import unknown_results
from settlement.fold.outcomes import (
    RANK,
    factors_of,
    said_by_act,
    speaks_of,
    standing_acts,
    unmatched_rollbacks,
)
from settlement.rules.legs import Factors, word
from settlement.vocabulary import MarketFactKind, ReviewKind, Source

CONFIRMED = 2
SAYS_HOW_IT_ENDED = (MarketFactKind.SETTLEMENT, MarketFactKind.CANCEL)
DONE_BY_HAND = {
    MarketFactKind.SETTLEMENT: "settled",
    MarketFactKind.CANCEL: "voided",
    MarketFactKind.ROLLBACK: "opened",
}
KINDS = (
    ReviewKind.CANCEL_ROLLBACK_UNMATCHED,
    ReviewKind.TWO_CONFIRMED,
    ReviewKind.ACT_AGAINST_FEED,
    ReviewKind.UNKNOWN_RESULT,
    ReviewKind.OUTCOME_MISSING,
)


def disputes(facts: Sequence[MarketFact]) -> list[Doubt]:
    """Return what has to be asked about a market, each kind once."""
    found = [
        *rollbacks(facts),
        *confirmed_twice(facts),
        *against_acts(facts),
        *unknown_results(facts),
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

    A result that its provider took back in between does not contradict the one after it.
    """
    said: dict[str, dict[Factors, MarketFact]] = {}
    for fact in sorted(facts, key=lambda one: (one.ticks, RANK[one.kind], one.key)):
        if fact.kind == MarketFactKind.ROLLBACK and fact.source != Source.OPERATOR:
            for ref in [ref for ref in said if speaks_of(fact, ref)]:
                del said[ref]
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
                    f"{since}, {fact.source.capitalize()} says: {told}. "
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
