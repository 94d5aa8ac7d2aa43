"""A real browser before a real server: what journeys through the desk are made with."""

import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString
from urllib.error import URLError

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Error, Page, sync_playwright

from backoffice.embedded import processes
from backoffice.models import User
from tests import databases

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 30_000  # milliseconds for what should take a moment


def chromium() -> str:
    """Return the browser's program; skip the test where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("Chromium is missing: run apt-get install chromium.")
    return found


@contextmanager
def desk(database: str) -> Iterator[str]:
    """Serve the desk on `database` as a process of its own; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
        cwd=settings.BASE_DIR,
        env=databases.environment(database),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=processes.die_with_parent(signal.SIGTERM),
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate(timeout=20)


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    server.terminate()
    said = server.communicate(timeout=20)[1].decode(errors="replace")
    pytest.fail(f"The server did not start:\n{said[-2000:]}")


@contextmanager
def browser(address: str, *, session: str = "", scripts: bool = True) -> Iterator[Page]:
    """Open a fresh browser; while it is open, Django's database is out of this thread's reach."""
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        context = program.new_context(base_url=address, java_script_enabled=scripts)
        context.set_default_timeout(PATIENCE)
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        try:
            yield context.new_page()
        finally:
            context.close()
            program.close()


def read_until(page: Page, told: str, *, seconds: float = 60, count: int = 1) -> None:
    """Load a page again until it says something so many times."""
    deadline = time.monotonic() + seconds
    try:
        while page.get_by_text(told).count() < count:
            assert time.monotonic() < deadline, f"It does not say “{told}”."
            page.wait_for_timeout(100)
            page.reload()
    except (AssertionError, Error) as error:
        error.add_note(standing())
        raise


def standing() -> str:
    """Say what the server of the database is at, and how far the feeds are."""
    found = []
    with psycopg.connect(databases.owner_url(connection.settings_dict["NAME"])) as owner:
        for name, query in STANDING.items():
            found += [f"{name} {row}" for row in owner.execute(query)]
    return "\n".join(found)


STANDING: dict[str, LiteralString] = {
    "session": "SELECT datname, application_name, state, wait_event_type, wait_event, "
    "clock_timestamp() - xact_start, pg_blocking_pids(pid), left(query, 200) "
    "FROM pg_stat_activity WHERE backend_type = 'client backend'",
    "feed": "SELECT feed, state, sentence, halted_why, expires_at - now() FROM feeds_feedlease",
    "message": "SELECT feed, id, state, note, received_at FROM feeds_feedmessage "
    "ORDER BY id DESC LIMIT 20",
    "ticket": "SELECT bet_id, status, result, payout FROM settlement_ticket LIMIT 20",
}


def session_of(user: User) -> str:
    """Sign somebody in without the login page; return what his browser's cookie holds."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


def sign_in(page: Page, name: str, password: str) -> None:
    """Go through the login page."""
    page.goto("/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="The books").wait_for()
