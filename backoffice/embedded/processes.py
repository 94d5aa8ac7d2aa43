"""Child processes that never outlive us."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from backoffice.embedded import storage

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn` after which the child gets `number` when its parent is gone."""
    parent = os.getpid()

    def ask_the_kernel() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


def start_server(
    command: Sequence[str | Path],
    *,
    run: Path,
    log: IO[bytes],
    stopped_by: signal.Signals,
) -> subprocess.Popen[bytes]:
    """Start a server as the servers' user, in a session of its own: Ctrl-C is not for it."""
    user, group, extra_groups = lent_to()
    server = subprocess.Popen(
        [str(word) for word in command],
        cwd=run,
        env=server_environment(run),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=die_with_parent(stopped_by),
        user=user,
        group=group,
        extra_groups=extra_groups,
    )
    storage.note_pid(run, server.pid)
    return server


def run_tool(command: Sequence[str | Path], *, run: Path, text: str = "") -> str:
    """Run one of PostgreSQL's own tools as the servers' user; its complaint becomes ours."""
    user, group, extra_groups = lent_to()
    done = subprocess.run(
        [str(word) for word in command],
        cwd=run,
        env=server_environment(run),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=group,
        extra_groups=extra_groups,
    )
    if done.returncode:
        raise storage.ServicesUnavailable(f"{Path(command[0]).name} failed: {done.stderr.strip()}")
    return done.stdout


def lent_to() -> tuple[int | None, int | None, list[int] | None]:
    """Return user, group and further groups for a child, where we may choose them."""
    if os.geteuid() != 0:
        return None, None, None
    user = storage.server_user()
    return user.pw_uid, user.pw_gid, []


def server_environment(run: Path) -> dict[str, str]:
    """Return a small, predictable environment: no PG* variable of the caller's gets in."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(run), "LC_ALL": "C", "TZ": "UTC"}


def start_reaper(run: Path, lock: int) -> subprocess.Popen[bytes]:
    """Start the child that clears `run` when we are gone without having done it ourselves.

    It reads from a pipe that only we hold open; its end is how it learns of ours. It shares the
    lock, so that nobody takes the folder for a leftover while it is being cleared.
    """
    return subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).with_name("reaper.py")), str(run), str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
        pass_fds=(lock,),
    )


def stop(server: subprocess.Popen[bytes], number: signal.Signals, *, patience: float = 20) -> None:
    """Ask a child to end, and end it when it doesn't."""
    if server.poll() is None:
        server.send_signal(number)
    try:
        server.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
