"""The API as it runs in production: gunicorn, two processes of four threads each."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.conf import settings

from backoffice.embedded import processes
from tests import databases
from tests.backoffice.api.asking import TICKETS, Json

WORKERS = ["--workers", "2", "--threads", "4"]


@contextmanager
def api_server(database: str) -> Iterator[int]:
    """Serve the API on `database`; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = int(held.getsockname()[1])
    words = ["-c", "python:backoffice.gunicorn", "--bind", f"127.0.0.1:{port}", *WORKERS]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *words, "backoffice.wsgi"],
        cwd=settings.BASE_DIR,
        env=databases.environment(database),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=processes.die_with_parent(signal.SIGTERM),
    )
    said: list[bytes] = []
    reader = threading.Thread(target=lambda: said.extend(server.stderr or ()))
    reader.start()
    try:
        wait_for(port, server, said)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)
        reader.join()
        if server.stderr:
            server.stderr.close()


def wait_for(port: int, server: subprocess.Popen[bytes], said: list[bytes]) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            except OSError:
                time.sleep(0.1)
            else:
                return
    pytest.fail(b"".join(said)[-2000:].decode(errors="replace"))


class Caller:
    """One client on one connection."""

    def __init__(self, port: int, secret: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def post(self, body: object, path: str = TICKETS) -> tuple[int, Json]:
        """Send JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request("POST", path, body=data, headers=self.headers)
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())
