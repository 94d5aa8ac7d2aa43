"""What a provider who settled a market left out: outcomes that he passed over, and results of no
known meaning."""

from collections.abc import Iterable, Iterator, Sequence

from settlement.fold.facts import Doubt, MarketFact
from settlement.fold.outcomes import RANK, has_window, live_cancels, speaks_of, standing_acts
from settlement.vocabulary import MarketFactKind, ReviewKind, Source

MOST_NAMED = 10
PROVIDERS = {Source.SPORTRADAR: "Sportradar's", Source.LSPORTS: "LSports'"}
SETTLEMENT, ROLLBACK = MarketFactKind.SETTLEMENT, MarketFactKind.ROLLBACK


def passed_over(facts: Iterable[MarketFact], ref: str) -> bool:
    """Whether Sportradar settled a market and said nothing of an outcome.

    LSports settles the bets of a market one by one: there it means nothing.
    """
    settled = False
    for fact in facts:
        if fact.kind == SETTLEMENT and fact.source == Source.SPORTRADAR:
            if ref in fact.content.outcomes or ref in fact.content.held:
                return False
            settled = True
    return settled


def left_out(facts: Sequence[MarketFact], refs: Iterable[str]) -> list[str]:
    """Return the outcomes that still wait for a result which their market's settlement lacks."""
    lacking = sorted(ref for ref in refs if ref and passed_over(facts, ref))
    if not lacking or not stands_settled(facts) or void_for_all(facts):
        return []
    acts = standing_acts([fact for fact in facts if fact.source == Source.OPERATOR])
    return [ref for ref in lacking if not any(speaks_of(act, ref) for act in acts)]


def stands_settled(facts: Sequence[MarketFact]) -> bool:
    """Whether a settlement of the market was not taken back as a whole."""
    rolled_back = [
        fact.ticks for fact in facts if fact.kind == ROLLBACK and not fact.content.outcomes
    ]
    until = max(rolled_back, default=-1)
    return any(fact.kind == SETTLEMENT and fact.ticks > until for fact in facts)


def void_for_all(facts: Iterable[MarketFact]) -> bool:
    """Whether every bet on the market is cancelled."""
    said = sorted(
        (fact for fact in facts if fact.source != Source.OPERATOR),
        key=lambda fact: (fact.ticks, RANK[fact.kind], fact.certainty, fact.key),
    )
    return any(not has_window(cancel) for cancel in live_cancels(said))


def doubt_about_missing(refs: Sequence[str]) -> Doubt:
    """Say which outcomes wait for a result."""
    return Doubt(
        ReviewKind.OUTCOME_MISSING,
        f"Sportradar has settled this market and says nothing of {outcomes_named(refs)}: open bets "
        "on that wait until it does, or until somebody settles them.",
    )


def outcomes_named(refs: Sequence[str], what: str = "outcome") -> str:
    """Return some outcomes by the provider's ids, and how many more there are."""
    more = f" and {len(refs) - MOST_NAMED} more" if len(refs) > MOST_NAMED else ""
    return f"{what}{'s'[: len(refs) > 1]} {', '.join(refs[:MOST_NAMED])}{more}"


def unknown_results(facts: Sequence[MarketFact]) -> Iterator[Doubt]:
    """Yield a doubt about results that nobody understands, and that nothing later replaces."""
    if not any(fact.content.held for fact in facts) or void_for_all(facts):
        return
    acts = standing_acts([fact for fact in facts if fact.source == Source.OPERATOR])
    found: dict[str, str] = {}
    who = ""
    for fact in sorted(facts, key=lambda one: (one.ticks, one.key)):
        for ref, came in fact.content.held.items():
            acted = any(speaks_of(act, ref) for act in acts)
            if not acted and not any(replaces(later, fact, ref) for later in facts):
                found[ref], who = came, PROVIDERS[fact.source]
    if found:
        told = [f"outcome {ref} ({found[ref]})" for ref in sorted(found)]
        more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
        yield Doubt(
            ReviewKind.UNKNOWN_RESULT,
            f"{who} result has no known meaning for {', '.join(told[:MOST_NAMED])}{more}: "
            "it was not applied.",
        )


def replaces(later: MarketFact, fact: MarketFact, ref: str) -> bool:
    """Whether a provider's word takes the place of a result that nobody understood."""
    if later.kind == ROLLBACK:
        return later.ticks >= fact.ticks and speaks_of(later, ref)
    settles = later.kind == SETTLEMENT and later.certainty >= fact.certainty
    return settles and later.ticks > fact.ticks and ref in later.content.outcomes
