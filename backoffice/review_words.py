"""What a review is about, and what whoever looks can do: a few plain sentences for each kind."""

from settlement.vocabulary import ReviewKind

MEANS: dict[str, str] = {
    ReviewKind.SETTLEMENT_MISSING: "LSports follows the fixture no more, and bets on it have no "
    "result. Its results are asked for once more by themselves. When they do not come, find out "
    "how it ended and settle its markets. This closes by itself when no bet on it is open.",
    ReviewKind.FIXTURE_OFF: "LSports refunds nothing by itself when a fixture is cancelled or "
    "abandoned. When its settlements do not come, your rules decide: void its markets, or settle "
    "those that had ended.",
    ReviewKind.BET_REOPENED: "Money moves back only when LSports takes the settlement back. It may "
    "do so yet, or settle anew: both close this. When it was a mistake, dismiss it; when the "
    "settlement was wrong, open the market again or settle it by hand.",
    ReviewKind.OUTCOME_UNCLEAR: "The ticket came without the bet's id, and its name and line fit "
    "none of the market's bets, or several. Settle the leg on the ticket, or the market.",
    ReviewKind.UNKNOWN_RESULT: "All else in the message was applied; bets on what is named here "
    "wait. Settle it by hand, or ask the provider. This closes by itself when it is settled on its "
    "market, or when the provider says it anew; after settling tickets one by one, dismiss it.",
    ReviewKind.MARKET_HELD: "All else in the message was applied. Read it, ask the provider what "
    "it means, settle what waits by hand, then dismiss this with a note.",
}
OF_LSPORTS: dict[str, str] = {
    ReviewKind.FEED_GAP: "LSports tells nothing of a fixture that ended more than a day ago: what "
    "is not settled now has to be settled by hand. This closes by itself when no bet on it is "
    "open.",
}


def meaning_of(kind: str, subject: str) -> str:
    """Return what a review means for whoever looks at it; nothing when its sentence says all."""
    if subject.startswith("LSPORTS:") and kind in OF_LSPORTS:
        return OF_LSPORTS[kind]
    return MEANS.get(kind, "")
