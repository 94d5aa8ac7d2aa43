"""When a feed can't tell any more what happened: its open tickets are looked up, one by one."""

from datetime import UTC, datetime

import structlog

from feeds.odds88.revision import Gap, Revision
from feeds.sweeping import open_count, start_sweep
from settlement.reviews import Asked, open_reviews
from settlement.vocabulary import ReviewKind

log = structlog.get_logger(__name__)

FEED = "odds88"
LONGEST_WHY = 500


def cover(revision: Revision) -> None:
    """Sweep the tickets that a connect with this revision may leave out, and say what it can't."""
    if revision.gap is None:
        return
    covered = moment(revision.covered)
    before = None if revision.gap is Gap.TOO_LONG else covered
    if before and not open_count(before):
        return
    times = {"needed": in_words(moment(revision.needed)), "covered": in_words(covered)}
    sentence = SENTENCES[revision.gap].format(**times)
    log.error("feed_has_a_gap", feed=FEED, gap=str(revision.gap), **times)
    open_reviews([Asked(ReviewKind.FEED_GAP, f"feed:{FEED}", sentence)])
    start_sweep(
        feed=FEED,
        why=sentence[:LONGEST_WHY],
        not_covered="{needed} to {covered} UTC".format(**times),
        accepted_before=before,
    )


def moment(seconds: int) -> datetime:
    """Return a unix time as a point in time."""
    return datetime.fromtimestamp(seconds, UTC)


def in_words(at: datetime) -> str:
    """Return a point in time for people."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


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
