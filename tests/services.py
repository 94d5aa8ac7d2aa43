"""The services that tests run on, started before Django reads its settings."""

import os
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest

from backoffice.embedded import EmbeddedServices, ServicesUnavailable
from backoffice.embedded.services import migrate

TEMPLATE = "test_backoffice"
RUNNING = pytest.StashKey[EmbeddedServices]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", action="store_true", help="run the long ones, by hand")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config,
) -> Generator[None, object, object]:
    """Start the servers once; xdist's workers find them in their environment."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        provide(early_config)
    return (yield)


def provide(config: pytest.Config) -> None:
    """Give the tests a migrated template database: the one named outside, or one of ours."""
    given = os.environ.get("DATABASE_URL", "")
    if given and not urlsplit(given).path.startswith("/test"):
        raise pytest.UsageError("DATABASE_URL names a database that does not begin with “test”.")
    if given and not os.environ.get("REDIS_URL"):
        raise pytest.UsageError("DATABASE_URL is given, REDIS_URL is not: give both or none.")
    try:
        if not given:
            running = EmbeddedServices(database=TEMPLATE, durable=False)
            running.__enter__()
            config.stash[RUNNING] = running
            os.environ.update(running.environment)
        migrate({})
    except ServicesUnavailable as error:
        raise pytest.UsageError(str(error)) from None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what we started."""
    if running := config.stash.get(RUNNING, None):
        del config.stash[RUNNING]
        running.__exit__(None, None, None)


def deep() -> bool:
    """Say whether all tests are to run, and none may be skipped."""
    return os.environ.get("DEEP", "") not in ("", "0")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the deep tests out unless they were asked for."""
    if deep() or config.getoption("--campaign"):
        return
    left_out = [item for item in items if item.get_closest_marker("deep")]
    items[:] = [item for item in items if not item.get_closest_marker("deep")]
    config.hook.pytest_deselected(items=left_out)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With DEEP=1 a skipped test fails the run."""
    if deep() and skipped(session.config) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def skipped(config: pytest.Config) -> int:
    """Return how many tests were skipped."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say loudly what did not run."""
    if number := skipped(config):
        verdict = "so DEEP=1 fails" if deep() else "so this run proves less than it should"
        terminalreporter.write_line(
            f"NOT EVERYTHING RAN: {number} skipped (see above for what is missing), {verdict}.",
            red=True,
            bold=True,
        )
    if not deep() and not config.getoption("--campaign"):
        terminalreporter.write_line("The deep tests were left out; `make test DEEP=1` runs them.")
