"""How many examples each property of rules and folds is tried with."""

import sys

from hypothesis import settings

from tests.services import deep

IN_A_CAMPAIGN = 20_000


def number() -> int:
    """Return so many for a campaign, a deep run, and any other."""
    if "--campaign" in sys.argv:
        return IN_A_CAMPAIGN
    return 1000 if deep() else 100


examples = settings(max_examples=number())
