"""When a feed can't tell any more what happened: its open tickets are looked up, one by one."""

from datetime import UTC, datetime

import structlog

from feeds.odds88.revision import Gap, Revision
from feeds.sweeping import start_sweep
from settlement.reviews import Asked, open_reviews
from settlement.selectors import open_tickets
from settlement.vocabulary import ReviewKind, Source

log = structlog.get_logger(__name__)

FEED = "odds88"


def cover(revision: Revision) -> None:
    """Sweep the tickets that a connect with this revision may leave out, and say what it can't."""
    covered, before = moment(revision.covered), None
    if revision.gap is not Gap.TOO_LONG:
        before = covered
        if not open_tickets(Source.ODDS88, accepted_before=before):
            return
    sentence = SENTENCES[revision.gap].format(
        needed=f"{moment(revision.needed):%Y-%m-%d %H:%M:%S}",
        covered=f"{covered:%Y-%m-%d %H:%M:%S}",
    )
    log.error("feed_has_a_gap", feed=FEED, gap=str(revision.gap), covered=covered.isoformat())
    open_reviews([Asked(ReviewKind.FEED_GAP, f"feed:{FEED}", sentence)])
    start_sweep(feed=FEED, why=str(revision.gap), not_covered=sentence, accepted_before=before)


def moment(seconds: int) -> datetime:
    """Return a unix time as a point in time."""
    return datetime.fromtimestamp(seconds, UTC)


SENTENCES = {
    Gap.TOO_LONG: "The feed was away for longer than Odds88 keeps: what it settled between "
    "{needed} and {covered} UTC is not told again. All open tickets are being looked up at Odds88. "
    "Corrections of tickets that are settled here can't be found so: compare them with a report of "
    "Odds88's for that time.",
    Gap.FIRST: "The feed is connected for the first time, and there are open tickets that are "
    "older than what it tells: they are being looked up at Odds88. Corrections before {covered} "
    "UTC of tickets that are settled here can't be found so.",
    Gap.INTERRUPTED: "The first connection ended before all of its past was told. The feed goes on "
    "from {covered} UTC; open tickets that are older are being looked up at Odds88. Corrections "
    "before then of tickets that are settled here can't be found so.",
}
