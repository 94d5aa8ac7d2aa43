"""What Celery does for the whole desk. Each task is one call that may be repeated at will."""

import time

import structlog
from celery import shared_task
from django.core.cache import cache

from backoffice import metrics, truths
from wallet import services

log = structlog.get_logger(__name__)


@shared_task
def check_books() -> None:
    """Look at every truth; shout when one is broken; keep the counts for /metrics."""
    findings = truths.check()
    counts = {f"{finding.truth} {finding.name}": len(finding.rows) for finding in findings}
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
