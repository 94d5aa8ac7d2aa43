"""Folders that the servers live in, who owns them, and how the next start sweeps leftovers."""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "settlement-embedded-"
ROOT_DATA = Path("/var/lib/settlement-backoffice")
MARKER = "settlement-backoffice"  # A folder of data with this file in it is ours.
LONGEST_SOCKET_FOLDER = 80
SECONDS_TO_SETTLE = 10  # A younger folder may be one whose owner has not locked it yet.


class ServicesUnavailable(Exception):
    """The embedded servers can't be had; the text says what is missing."""


def server_user() -> pwd.struct_passwd:
    """Return who runs the servers: PostgreSQL refuses root, so root lends it to nobody."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def make_owned(folder: Path) -> Path:
    """Create `folder` readable by the servers' user alone; refuse one that is somebody else's."""
    user = server_user()
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), user.pw_uid):
        raise ServicesUnavailable(f"{folder} belongs to somebody else. Remove it or name another.")
    if found.st_uid != user.pw_uid:
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)
    return folder


def data_folder(wanted: Path) -> Path:
    """Return where data named `wanted` stays; for root outside a clone that nobody can't enter."""
    wanted.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return make_ours(wanted.resolve() / "data")
    where = wanted / "where"
    ROOT_DATA.mkdir(mode=0o755, exist_ok=True)
    if not where.exists():
        # A name of its own: another clone that comes to the same path finds no strange data.
        where.write_text(tempfile.mkdtemp(prefix="", dir=ROOT_DATA) + "\n")
    return make_ours(kept_in(where))


def make_ours(folder: Path) -> Path:
    """Take a new or empty folder, or one that was ours before, for data that stay."""
    refuse_strange(folder)
    make_owned(folder)
    (folder / MARKER).touch(mode=0o600)
    return folder


def refuse_strange(folder: Path) -> None:
    """Refuse a folder that somebody else has filled: we would write to it, or remove it."""
    filled = folder.exists() and any(folder.iterdir())
    if folder.is_symlink() or (filled and not is_ours(folder)):
        raise ServicesUnavailable(
            f"{folder} is not ours: it is neither used nor removed. Name another with --data."
        )


def is_ours(folder: Path) -> bool:
    """Say whether a folder of data is marked as ours; the first release marked its cluster."""
    return (folder / MARKER).exists() or (folder / "postgresql-18" / "ready").exists()


def kept_in(where: Path) -> Path:
    """Return the folder that a `where` file names: always one of ours, whatever stands in it."""
    name = Path(where.read_text().strip()).name
    if name in ("", ".", ".."):
        raise ServicesUnavailable(f"{where} names no folder: remove it to start with new data.")
    return ROOT_DATA / name


def remove_data(wanted: Path) -> None:
    """Remove the data named `wanted`, and nothing else in it. Refuses while they are in use."""
    where = wanted / "where"
    folder = kept_in(where) if where.exists() else wanted / "data"
    refuse_strange(folder)
    if is_ours(folder):
        os.close(lock(folder, patience=0))
        shutil.rmtree(folder)
    where.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        wanted.rmdir()


def run_folder() -> Path:
    """Return a new throw-away folder for sockets and pids."""
    return make_owned(Path(tempfile.mkdtemp(prefix=PREFIX, dir=bases()[0])))


def bases() -> list[Path]:
    """Return where run folders may lie: the temporary folder unless it is closed or too deep."""
    wanted = (Path(tempfile.gettempdir()), Path("/tmp"))  # noqa: S108 - mkdtemp goes into it
    return [base for base in wanted if short(base) and enterable(base)] or [wanted[-1]]


def short(base: Path) -> bool:
    """Say whether a socket's name has room below `base`: the kernel takes 107 characters."""
    return len(str(base)) + len(PREFIX) + 8 <= LONGEST_SOCKET_FOLDER


def enterable(base: Path) -> bool:
    """Say whether the servers' user may enter: root's own temporary folder is closed to nobody."""
    if os.geteuid() != 0:
        return True
    return all(path.stat().st_mode & stat.S_IXOTH for path in (base, *base.resolve().parents))


def lock(folder: Path, *, patience: float = 20) -> int:
    """Hold `folder` for as long as the returned descriptor is open, also in a child."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise ServicesUnavailable(f"{folder} is in use by another copy.") from None
            time.sleep(0.1)
        else:
            return descriptor


def note_pid(folder: Path, pid: int) -> None:
    """Write down a server's pid, so that whoever cleans up knows whom to wait for."""
    with (folder / "pids").open("a") as file:
        file.write(f"{pid} {started_at(pid)}\n")


def started_at(pid: int) -> str | None:
    """Return the kernel's start time of a living process: with its pid it names one for ever."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def clear(folder: Path, *, patience: float = 15) -> None:
    """End the servers noted in `folder` if they still live, then remove it."""
    pids = folder / "pids"
    lines = [line.split() for line in pids.read_text().splitlines()] if pids.exists() else []
    noted = [(int(pid), start) for pid, start in lines]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        ours = server_user().pw_uid
        alive = [
            pid
            for pid, start in noted
            if started_at(pid) == start and Path(f"/proc/{pid}").stat().st_uid == ours
        ]
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience / 3
        while time.monotonic() < deadline and any(started_at(p) == s for p, s in noted):
            time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


def leftovers() -> Iterator[Path]:
    """Yield run folders of ours whose owner is gone: a kill -9 left them."""
    mine = server_user().pw_uid
    for folder in bases():
        for path in folder.glob(f"{PREFIX}*"):
            found = path.lstat()
            settled = time.time() - found.st_mtime > SECONDS_TO_SETTLE
            if settled and found.st_uid == mine and (path / "lock").exists():
                yield path


def sweep() -> None:
    """Remove what starts that were killed have left."""
    for folder in leftovers():
        with contextlib.suppress(ServicesUnavailable, FileNotFoundError):
            descriptor = lock(folder, patience=0)
            clear(folder)
            os.close(descriptor)
