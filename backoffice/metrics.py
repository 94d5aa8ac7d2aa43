"""Numbers for Prometheus: requests of this process, the last look at the books, the feeds."""

import os
import time
from collections.abc import Callable, Iterable
from typing import TypedDict, cast

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily

from backoffice.feed_metrics import FeedsCollector

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
BOOKS_CHECKED = "books-checked"


class LastCheck(TypedDict):
    """When the truths were looked at, and how many rows broke each."""

    at: float
    counts: dict[str, int]


REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("http_request_seconds", "Time to answer a request", ["route"])


class RequestMetrics:
    """Count each request under its route, never under its path: ids would make a series each."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.route if request.resolver_match else "unmatched"
        method = request.method if request.method in METHODS else "OTHER"
        REQUESTS.labels(method, route, response.status_code).inc()
        SECONDS.labels(route).observe(time.perf_counter() - start)
        return response


class BooksCollector:
    """What `check_books` found last. No answer means that it did not run: an alarm of its own."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        broken = GaugeMetricFamily("truth_rows", "Rows that break a truth", labels=["truth"])
        checked = GaugeMetricFamily(
            "truths_checked_timestamp_seconds", "When the books were checked"
        )
        found = last_check()
        if found:
            for truth, count in found["counts"].items():
                broken.add_metric([truth], count)
            checked.add_metric([], found["at"])
        return [broken, checked]

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Naming nothing keeps the registry from calling `collect` when we register."""
        return []


def last_check() -> LastCheck | None:
    """Return what the last check stored; nothing when the cache is down: metrics stay up."""
    try:
        return cast("LastCheck | None", cache.get(BOOKS_CHECKED))
    except Exception:
        return None


def registry() -> CollectorRegistry:
    """Return this process's numbers, or all workers' when gunicorn runs several."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    shared = CollectorRegistry()
    multiprocess.MultiProcessCollector(shared)
    return shared


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format."""
    looked_at = CollectorRegistry()
    looked_at.register(BooksCollector())
    looked_at.register(FeedsCollector())
    body = generate_latest(registry()) + generate_latest(looked_at)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)
