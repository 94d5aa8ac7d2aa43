"""What Celery does for the whole desk. Each task is one call that may be repeated at will."""

import time

import structlog
from celery import shared_task
from django.core.cache import cache

from backoffice import metrics, truths
from backoffice.truths import Finding
from wallet import services

log = structlog.get_logger(__name__)


@shared_task
def check_books() -> None:
    """Look at the truths that are quickly told; shout when one is broken; count for /metrics."""
    tell(truths.check(truth for truth in truths.TRUTHS if not truth.costly))


@shared_task
def check_all_books() -> None:
    """Look at every truth: on a large book it takes minutes."""
    tell(truths.check())


def tell(findings: list[Finding]) -> None:
    """Keep the counts, also those of truths that were not looked at now, and shout."""
    found = {f"{finding.truth} {finding.name}": len(finding.rows) for finding in findings}
    before = metrics.last_check()
    counts = (before["counts"] if before else {}) | found
    cache.set(metrics.BOOKS_CHECKED, {"at": time.time(), "counts": counts}, timeout=None)
    for finding in findings:
        if finding.rows:
            log.error(
                "truth_broken", truth=finding.truth, name=finding.name, rows=finding.rows[:20]
            )


@shared_task
def checkpoint_house_accounts() -> None:
    """Keep the house's balances quick to derive."""
    services.checkpoint_house_accounts()
