"""How the list of messages is narrowed: by what became of them, and by feed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from feeds import selectors, sources
from feeds.models import STATES, FeedLease, FeedMessage
from feeds.names import REPLAY, name_of


class StateFilter(admin.SimpleListFilter):
    """Messages in a state."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return STATES

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[FeedMessage]
    ) -> QuerySet[FeedMessage]:
        return selectors.in_state(queryset, self.value() or "") if self.value() else queryset


class FeedFilter(admin.SimpleListFilter):
    """Messages of a feed."""

    title = "feed"
    parameter_name = "feed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = {*sources.SOURCES, *FeedLease.objects.values_list("feed", flat=True)}
        replayed = {f"{feed}{REPLAY}" for feed in sources.SOURCES}
        asked = {request.GET.get(self.parameter_name, "")} - {""}
        return [(feed, name_of(feed)) for feed in sorted(known | replayed | asked)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[FeedMessage]
    ) -> QuerySet[FeedMessage]:
        return queryset.filter(feed=self.value()) if self.value() else queryset
