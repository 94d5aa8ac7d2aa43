"""Wake-ups for workers. What is to be done stands in the database: one that is lost costs time."""

import structlog
from celery import current_app

log = structlog.get_logger(__name__)

SETTLE_DUE = "settlement.tasks.settle_due"
FINISH_ACTS = "settlement.tasks.finish_acts"


def wake(task: str, *, times: int = 1) -> None:
    """Ask workers to do a task; that nobody could be asked stops nobody."""
    try:
        for _ in range(times):
            current_app.send_task(task, expires=60, retry=False, ignore_result=True)
    except Exception as error:
        log.warning("wakeup_not_sent", task=task, error=str(error))
