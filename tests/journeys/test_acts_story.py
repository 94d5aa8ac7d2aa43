"""A bet's story with people in it: a feed settles, one voids, the feed corrects, others decide.

Run with -s, it prints the timeline.
"""

import io
import re
import sys

from django.core.management import call_command

from backoffice import truths
from settlement.models import Review
from tests.factories import FundedPlayer
from tests.settlement.acting import SAM, done, no_limits
from tests.settlement.asked import accepted, bet, selection
from tests.settlement.settling import LOST, WON, said, tell

NAMES = {"event_name": "Hull v York", "market_name": "Result", "outcome_name": "Hull"}
MONTH = 31 * 24 * 3600 * 10_000_000

TOLD = [
    "STORY",
    "  Settled: paid 25.00 EUR.",
    "The bet was taken in: 10.00 EUR staked, from the player's cash, balance 90.00 after.",
    "                       P placed it at 2026-11-20 10:00:00 UTC.",
    "Sportradar says: Hull won (live).",
    "                       Leg 1: Hull v York · Result · Hull.",
    "                       By Sportradar's clock: 1970-01-01 00:00:00 UTC.",
    "Settled: WIN, paid 25.00 EUR (+25.00), balance 105.00 after.",
    "olga voids the bet in act 1: rules — “Abandoned after ten minutes.”.",
    "Settled anew: REFUND instead of WIN, paid 10.00 EUR (−15.00), balance 90.00 after.",
    "Sportradar says: Hull lost (confirmed).",
    "                       Leg 1: Hull v York · Result · Hull.",
    "                       By Sportradar's clock: 1970-01-01 00:00:00 UTC.",
    "A person has to look: Since olga acted by hand, the provider says: lose, 0.00 EUR. By "
    "the act it stays: refund, 10.00 EUR.",
    "                       Act against feed.",
    "sam lets the providers' results count again in act 2: wrong result — “It was played on.”.",
    "Settled anew: LOSE instead of REFUND, paid 0.00 EUR (−10.00), balance 80.00 after.",
    "Nobody has to look any more: review 1, act against feed.",
    "Sportradar says: Hull won (confirmed).",
    "                       Leg 1: Hull v York · Result · Hull.",
    "                       By Sportradar's clock: 1970-02-01 00:00:00 UTC.",
    "A person has to look: The provider has confirmed two results of outcome X: lost, then "
    "won. The later one is in force.",
    "                       Two confirmed.",
    "                       Leg 1: Hull v York · Result · Hull.",
    "A person has to look: The correction comes 31 days after the result that it replaces; "
    "more than 30 need a person.",
    "                       Late correction: +25.00 EUR is held back until then.",
    "sam accepts review 3, late correction, in act 3 — “The league agrees.”.",
    "Settled anew: WIN instead of LOSE, paid 25.00 EUR (+25.00), balance 105.00 after.",
    "                       By sam in act 3: provider error — “The league agrees.”.",
    "sam voids the bet in act 4: rules — “The wrong match.”.",
    "Settled anew: REFUND instead of WIN, paid 10.00 EUR (−15.00), balance 90.00 after.",
    "sam takes back act 4 in act 5: other — “It was the right match.”.",
    "                       Fact 7: sam voids the bet in act 4: rules — “The wrong match.”.",
    "Settled anew: WIN instead of REFUND, paid 25.00 EUR (+15.00), balance 115.00 after.",
]


def test_a_bet_that_people_and_a_feed_disagree_about(own_database: str) -> None:
    player = FundedPlayer.create("100.00", external_id="P")
    no_limits()
    accepted(
        bet(player, selection(**NAMES), bet_id="STORY", provider="sportradar"),
        bet(player, bet_id="OTHER"),
    )

    tell(said(ticks=1000, outcomes={"X": WON}))
    done("void", "STORY", reason="RULES", note="Abandoned after ten minutes.")
    tell(said(ticks=2000, outcomes={"X": LOST}, certainty=2))
    done("release", "STORY", actor=SAM, reason="WRONG_RESULT", note="It was played on.")
    tell(said(ticks=2000 + MONTH, outcomes={"X": WON}, certainty=2))
    held = Review.objects.get(kind="LATE_CORRECTION", ticket__bet_id="STORY")
    done("accept", reviews=[held.pk], actor=SAM, reason="PROVIDER_ERROR", note="The league agrees.")
    many = done("void", "STORY", "OTHER", actor=SAM, reason="RULES", note="The wrong match.")
    done("undo", undoes=many.pk, actor=SAM, reason="OTHER", note="It was the right match.")

    assert told() == TOLD
    assert not [finding for finding in truths.check() if finding.rows]


def told() -> list[str]:
    """Print the story as the command tells it; return it without our clock's times."""
    out = io.StringIO()
    call_command("ticket", "STORY", "--timeline", stdout=out)
    sys.stdout.write(f"\n{out.getvalue()}")
    return [re.sub(r"^  [-0-9]{10} [:0-9]{8}  ", "", line) for line in out.getvalue().splitlines()]
