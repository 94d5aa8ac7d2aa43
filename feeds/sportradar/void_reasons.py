"""Why Sportradar voids bets: an open list, of which these are known; a refresh may know more."""

from collections.abc import Mapping

# By number: what people read, beside the provider's own word.
KNOWN: dict[int, str] = {
    0: "another reason (OTHER)",
    1: "nobody scored (NO_GOALSCORER)",
    2: "the correct score is not known (CORRECT_SCORE_MISSING)",
    3: "the result can't be verified (RESULT_UNVERIFIABLE)",
    4: "the format was changed (FORMAT_CHANGE)",
    5: "the event was cancelled (CANCELLED_EVENT)",
    6: "it is not known who scored (MISSING_GOALSCORER)",
    7: "the match was won by walkover (MATCH_ENDED_IN_WALKOVER)",
    8: "it was a dead heat (DEAD_HEAT)",
    9: "a player retired or was defaulted (RETIRED_OR_DEFAULTED)",
    10: "the event was abandoned (EVENT_ABANDONED)",
    11: "the event was postponed (EVENT_POSTPONED)",
    12: "the odds were wrong (INCORRECT_ODDS)",
    13: "the statistics were wrong (INCORRECT_STATISTICS)",
    14: "no result can be assigned (NO_RESULT_ASSIGNABLE)",
    15: "client-side settlement is needed (CLIENT_SIDE_SETTLEMENT_NEEDED)",
    16: "the starting pitcher was changed (STARTING_PITCHER_CHANGED)",
}


def reason_text(code: int, known: Mapping[int, str] = KNOWN) -> str:
    """Return a void reason for a sentence: its number and, as far as it is known, its text."""
    text = known.get(code) or KNOWN.get(code)
    return f"void reason {code}: {text}" if text else f"void reason {code}, which is not known here"
