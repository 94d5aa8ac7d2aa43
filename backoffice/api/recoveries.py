"""What a feed is asked to tell again, over HTTP: the list of it, and one event more."""

from collections.abc import Mapping

from django.http import HttpResponse
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice import recoveries as desk
from backoffice.api import pages, recovery_schema
from backoffice.api.acts import object_of, read
from backoffice.api.base import ApiView, HasPermission, reply
from backoffice.api.errors import Refused
from backoffice.api.feeds import feed_or_404
from backoffice.api.recovery_shapes import RecoveryAsked, RecoveryWanted
from backoffice.recoveries import MAY_ASK, MAY_READ
from feeds import packages, producers
from feeds.models import Recovery, RecoveryKind, RecoveryState, Snapshot
from feeds.recovery_plans import BadNote, RecoveryRefused, UnknownEvent
from feeds.sources import PACKAGES


class ReadsOrRecovers(HasPermission):
    """Whether the user may read what was told again; or, to ask, whether he may ask."""

    def has_permission(self, request: Request, view: ApiView) -> bool:
        return bool(request.user.has_perm(MAY_ASK if request.method == "POST" else MAY_READ))


class Recoveries(ApiView):
    """What a feed is asked to tell again."""

    permission = MAY_READ
    permission_classes = [ReadsOrRecovers]

    @recovery_schema.recoveries
    def get(self, request: Request, name: str) -> HttpResponse:
        """List what a feed was asked to tell again, the newest first."""
        words = pages.words_of(request, "state", "kind", "event")
        feed = feed_or_404(name).feed
        narrowed = dict(words)
        if state := words.get("state"):
            narrowed["state"] = pages.one_of(state, RecoveryState, "state")
        if kind := words.get("kind"):
            narrowed["kind"] = pages.one_of(kind, RecoveryKind, "kind")
        listed = of_package if feed in PACKAGES else of_producers
        return listed(request, feed, narrowed)

    @recovery_schema.recover
    def post(self, request: Request, name: str) -> HttpResponse:
        """Have an event's results told again, before all others. It moves no money by itself."""
        asked = read(object_of(request), RecoveryAsked)
        feed = feed_or_404(name).feed
        try:
            plan = desk.want(
                feeds=[feed], event_ref=asked.event, note=asked.note, user=request.user
            )
        except BadNote as why:
            raise Refused(422, "invalid", str(why), field="note") from None
        except UnknownEvent as why:
            raise Refused(422, "unknown_event", str(why), field="event") from None
        except RecoveryRefused as why:
            raise Refused(409, "not_asked", str(why)) from None
        return reply(RecoveryWanted(plan.event, plan.feeds, plan.producers, plan.sentence), 202)


def of_producers(request: Request, feed: str, words: Mapping[str, str]) -> HttpResponse:
    """List what Sportradar's producers were asked for."""
    fields = {"state": "state", "kind": "kind", "event": "event_ref"}
    found = Recovery.objects.filter(
        producer__feed=feed,
        **{field: words[name] for name, field in fields.items() if words.get(name)},
    )
    return pages.page(
        found.select_related("producer"),
        request,
        lambda rows: [producers.asked_as(one, one.producer.number) for one in rows],
    )


def of_package(request: Request, feed: str, words: Mapping[str, str]) -> HttpResponse:
    """List the snapshots that a package of LSports' was asked for."""
    fields = {"state": "state", "event": "fixture_ref"}
    found = Snapshot.objects.filter(
        package_id=feed,
        **{field: words[name] for name, field in fields.items() if words.get(name)},
    )
    if kind := words.get("kind"):
        found = found.filter(is_filtered=kind == RecoveryKind.EVENT)
    return pages.page(found, request, lambda rows: [packages.asked_as(one) for one in rows])
