"""Gunicorn's settings: quiet access log (requests are logged with their id), shared metrics."""

import os
from typing import Any

from prometheus_client import multiprocess

accesslog = None
control_socket_disable = True
worker_class = "gthread"
max_requests = 20_000
max_requests_jitter = 2_000
graceful_timeout = 20


def child_exit(server: Any, worker: Any) -> None:
    """Let the shared metrics forget a worker that is gone."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)
