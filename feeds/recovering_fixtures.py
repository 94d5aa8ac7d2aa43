"""One fixture of LSports' told again: which packages are asked for a snapshot of it, and when."""

from collections.abc import Sequence

from feeds import sources, standing
from feeds.lsports import ledger
from feeds.models import Package, PackageState, Snapshot, SnapshotState
from feeds.names import name_of
from feeds.packages import asked_as, given
from feeds.recovery_plans import Plan, RecoveryRefused, refuse_unknown
from feeds.recovery_shapes import Asked
from feeds.sentences import FeedState, spell
from feeds.standing import Standing
from settlement.vocabulary import Provider

FEW = 5
SECONDS_EACH = 2  # One request a second, and pre-match has two for a fixture.
FIXTURE = "a fixture “{}” of LSports'"


def plan_for(feeds: Sequence[str], event_ref: str) -> Plan:
    """Return which packages would be asked, and when; refuse what can't be asked for."""
    set_up = sources.configured()
    asked = [one for one in feeds if one in set_up and given(one).get("SNAPSHOT_URL")]
    if not asked:
        raise RecoveryRefused(not_set_up(feeds))
    refuse_unknown(Provider.LSPORTS, event_ref, FIXTURE)
    heard = [one for one in asked if Package.objects.filter(pk=one).exists()]
    if not heard:
        who = " and ".join(name_of(one) for one in asked)
        verb = "was" if len(asked) == 1 else "were"
        raise RecoveryRefused(f"Nobody can be asked yet: {who} {verb} never connected.")
    found = [one for one in standing.standings() if one.feed in heard]
    told = " ".join(sentence_of(one, before(one.feed, event_ref)) for one in found)
    return Plan(Provider.LSPORTS, event_ref, heard, [], told)


def not_set_up(feeds: Sequence[str]) -> str:
    """Say that there is no package to ask."""
    if len(feeds) == 1:
        return f"{name_of(feeds[0])} is not set up here: its package, user or password is missing."
    return "No package of LSports' is set up here: package, user or password is missing."


def want(plan: Plan, why: str, actor: str) -> None:
    """Want a snapshot of a fixture from each package."""
    ledger.want(feeds=plan.feeds, fixture=plan.event, why=why, actor=actor)


def last_of(event_ref: str, most: int) -> list[Asked]:
    """Return the last snapshots of a fixture, the newest first."""
    found = Snapshot.objects.filter(fixture_ref=event_ref).order_by("-id")
    return [asked_as(one) for one in found[:most]]


def newest_of(event_refs: Sequence[str]) -> dict[str, Asked]:
    """Return the last snapshot of each of these fixtures, where there is one."""
    found = Snapshot.objects.filter(fixture_ref__in=event_refs)
    newest = found.order_by("fixture_ref", "-id").distinct("fixture_ref")
    return {one.fixture_ref: asked_as(one) for one in newest}


def before(feed: str, event_ref: str) -> int:
    """Return how many other fixtures are wanted of a package."""
    wanted = Snapshot.objects.filter(package_id=feed, state=SnapshotState.WANTED)
    return wanted.exclude(fixture_ref=event_ref).count()


def sentence_of(found: Standing, waiting: int) -> str:
    """Say when a package is asked."""
    return f"{name_of(found.feed)} is asked {when_of(found, waiting)}"


def when_of(found: Standing, waiting: int) -> str:
    """Say when a package can be asked; others that are wanted come before."""
    if found.state == FeedState.STOPPED:
        return f"when it is started again. {found.sentence}"
    if not found.is_running:
        return f"when it is received again. {found.sentence}"
    if found.lsports and found.lsports.state == PackageState.RECOVERING:
        return "as soon as all that was missed is here."
    if waiting > FEW:
        left = spell(waiting * SECONDS_EACH)
        return f"in {left} or so: {waiting:,} other fixtures are asked for before it."
    return "within seconds."
