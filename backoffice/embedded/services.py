"""Both servers together, as one thing that is entered and left."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from backoffice.embedded import postgres, processes, storage, valkey

PROJECT = Path(__file__).resolve().parents[2]


class EmbeddedServices:
    """PostgreSQL and Valkey, from entering to leaving; throw-away unless `data` names a folder."""

    def __init__(
        self, *, data: Path | None = None, database: str = "backoffice", durable: bool = True
    ) -> None:
        self.data = data
        self.database = database
        self.durable = durable
        self.resources = contextlib.ExitStack()
        self.environment: dict[str, str] = {}

    def __enter__(self) -> "EmbeddedServices":
        with contextlib.ExitStack() as stack:
            storage.sweep()
            run = self._hold_run_folder(stack)
            data = hold_data(self.data, stack) if self.data else run
            server = postgres.start(
                run=run, data=data, database=self.database, durable=self.durable
            )
            stack.callback(server.stop)
            cache = valkey.start(run=run)
            stack.callback(cache.stop)
            self.environment = {
                "DATABASE_URL": server.url(postgres.APP),
                "DATABASE_OWNER_URL": server.url(postgres.OWNER),
                "REDIS_URL": cache.url,
            }
            self.resources = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.resources.close()

    def _hold_run_folder(self, stack: contextlib.ExitStack) -> Path:
        run = storage.run_folder()
        lock = storage.lock(run, patience=0)
        stack.callback(os.close, lock)
        reaper = processes.start_reaper(run, lock)
        stack.callback(dismiss, reaper)
        stack.callback(storage.clear, run)
        return run


def hold_data(wanted: Path, stack: contextlib.ExitStack) -> Path:
    """Return the folder of the data that stay, ours alone for now."""
    data = storage.data_folder(wanted)
    stack.callback(os.close, storage.lock(data))
    return data


def dismiss(reaper: subprocess.Popen[bytes]) -> None:
    """Tell the reaper that there is nothing left to clear."""
    with contextlib.suppress(BrokenPipeError):
        reaper.communicate(b".", timeout=20)


def migrate(environment: dict[str, str]) -> None:
    """Bring the database up to date; say what failed."""
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "migrate", "--no-input", "-v", "0"],
        env=os.environ | environment,
        stdout=sys.stderr,
        check=False,
    )
    if done.returncode:
        raise storage.ServicesUnavailable("The migrations failed; their error stands above.")
