"""Embedded services: they end with us, whatever our end was, and leave nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from backoffice.embedded import storage
from backoffice.embedded.__main__ import run_command

PROJECT = Path(__file__).parents[2]
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
CONNECT = "import os, psycopg; c = psycopg.connect(os.environ['{}'], autocommit=True)"
TABLES = f"{CONNECT.format('DATABASE_URL')}; c.execute('SELECT count(*) FROM wallet_player')"
PROBE = (
    "import os, psycopg, redis; "
    "psycopg.connect(os.environ['DATABASE_URL']).execute('SELECT 1'); "
    "redis.from_url(os.environ['REDIS_URL']).ping(); print('both answer')"
)
EMBEDDED = ("-m", "backoffice.embedded")
# Migrating takes most of a start, and most tests need no tables.
WITHOUT_TABLES = (
    "-c",
    "from backoffice.embedded import __main__ as program, services; "
    "services.migrate = lambda _: None; raise SystemExit(program.main())",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short temporary folder of this test's own: what is left in it is left behind."""
    path = Path(tempfile.mkdtemp(prefix="e-", dir="/tmp"))  # A short name: the socket's.
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def environment(folder: Path) -> dict[str, str]:
    """Return our environment without the services that the tests run on."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"TMPDIR": str(folder)}


def start(
    folder: Path,
    *command: str,
    data: Path | None = None,
    program: Sequence[str] = WITHOUT_TABLES,
) -> subprocess.Popen[str]:
    words = ["--data", str(data)] if data else []
    return subprocess.Popen(
        [sys.executable, *program, *words, "--", *command],
        cwd=PROJECT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(
    folder: Path,
    *command: str,
    data: Path | None = None,
    program: Sequence[str] = WITHOUT_TABLES,
) -> tuple[int | None, str, str]:
    process = start(folder, *command, data=data, program=program)
    answer, complaint = process.communicate(timeout=120)
    return process.returncode, answer, complaint


def servers(folder: Path) -> list[psutil.Process]:
    """Return the servers whose sockets live in `folder`."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(folder) in words and ("postgres" in words or "valkey" in words):
            found.append(process)
    return found


def wait_until(true: Callable[[], bool], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def nothing_is_left(folder: Path) -> bool:
    return not servers(folder) and not list(folder.iterdir())


def test_a_command_finds_both_servers_and_its_exit_code_comes_back(folder: Path) -> None:
    command = (sys.executable, "-c", f"{TABLES}; {PROBE}; raise SystemExit(7)")

    code, answer, complaint = run(folder, *command, program=EMBEDDED)

    assert (code, answer) == (7, "both answer\n"), complaint
    assert nothing_is_left(folder)


def test_the_servers_listen_on_no_port(folder: Path) -> None:
    process = start(
        folder, sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    running = servers(folder)

    listening = [
        link.laddr
        for server in running
        for link in server.net_connections(kind="inet")
        if link.status == psutil.CONN_LISTEN
    ]
    process.terminate()
    process.communicate(timeout=60)

    assert len(running) >= 2
    assert listening == []


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGTERM, 143),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.deep),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.deep),
    ],
)
def test_a_signal_ends_all_of_it(folder: Path, number: signal.Signals, code: int) -> None:
    process = start(
        folder, sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"

    process.send_signal(number)
    process.communicate(timeout=60)

    # Python turns SIGINT into an exception of its own, with exit code 130 either way.
    assert process.returncode == code
    assert nothing_is_left(folder)


@pytest.mark.deep
def test_a_signal_that_was_inherited_as_ignored_is_passed_on(folder: Path) -> None:
    command = (
        "import signal, time; signal.signal(signal.SIGINT, lambda *_: exit(5)); "
        "print('up', flush=True); time.sleep(60)"
    )
    ignoring = 'trap "" INT; exec "$0" "$@"'
    words = [*WITHOUT_TABLES, "--", sys.executable, "-c", command]
    process = subprocess.Popen(
        ["/bin/sh", "-c", ignoring, sys.executable, *words],
        cwd=PROJECT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 5
    assert nothing_is_left(folder)


def test_kill_minus_nine_leaves_nothing_either(folder: Path) -> None:
    process = start(
        folder, sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    assert len(servers(folder)) >= 2

    process.kill()
    process.communicate(timeout=60)

    wait_until(lambda: nothing_is_left(folder))


@pytest.mark.deep
def test_what_even_the_reaper_could_not_clear_is_swept_by_the_next_start(folder: Path) -> None:
    process = start(
        folder, sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    children = psutil.Process(process.pid).children()
    reaper = next(child for child in children if "reaper.py" in " ".join(child.cmdline()))
    reaper.kill()
    process.kill()
    process.communicate(timeout=60)
    wait_until(lambda: not servers(folder))
    (left,) = folder.glob(f"{storage.PREFIX}*")
    os.utime(left, (0, 0))

    code, _, complaint = run(folder, "true")

    assert code == 0, complaint
    assert nothing_is_left(folder)


@pytest.mark.deep
def test_two_copies_run_beside_each_other(folder: Path) -> None:
    first, second = (start(folder, sys.executable, "-c", PROBE) for _ in range(2))

    answers = [process.communicate(timeout=120)[0] for process in (first, second)]

    assert answers == ["both answer\n"] * 2
    assert nothing_is_left(folder)


def test_data_stay_between_starts_and_can_be_removed(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    connect = CONNECT.format("DATABASE_OWNER_URL")
    add = f"{connect}; c.execute('CREATE TABLE kept AS SELECT 7 AS number')"
    look = f"{connect}; print(c.execute('SELECT number FROM kept').fetchone()[0])"

    run(folder, sys.executable, "-c", add, data=data)
    code, answer, complaint = run(folder, sys.executable, "-c", look, data=data)

    assert (code, answer) == (0, "7\n"), complaint
    kept = Path((data / "where").read_text().strip()) if os.geteuid() == 0 else data / "data"
    assert kept.exists()
    remove = [sys.executable, "-m", "backoffice.embedded", "--data", str(data), "--remove"]
    (data / "somebody-elses").touch()
    subprocess.run(remove, cwd=PROJECT, check=True)
    assert not kept.exists()
    assert [path.name for path in data.iterdir()] == ["somebody-elses"]


@pytest.mark.deep
def test_the_same_data_serve_one_copy_at_a_time(folder: Path, tmp_path: Path) -> None:
    first = start(folder, sys.executable, "-c", "print('up', flush=True); input()", data=tmp_path)
    assert first.stdout is not None
    wait_until(lambda: bool(servers(folder)))

    removal = subprocess.run(
        [sys.executable, "-m", "backoffice.embedded", "--data", str(tmp_path), "--remove"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    first.terminate()
    first.communicate(timeout=60)
    subprocess.run(removal.args, cwd=PROJECT, check=True)

    assert removal.returncode == 1
    assert "is in use by another copy" in removal.stderr


@pytest.mark.parametrize(
    ("what", "words", "code", "complaint"),
    [
        ("no command", [], 2, "a command is missing"),
        ("an unknown command", ["--", "no-such-command"], 127, "no-such-command can't be run: No"),
        ("a file for the data", ["--data", "/etc/passwd", "--", "true"], 2, "needs a folder"),
        ("removing a file", ["--data", "/etc/passwd", "--remove"], 2, "needs a folder"),
        ("below a file", ["--data", "/etc/passwd/x", "--", "true"], 1, "Not a directory"),
        ("removing nothing named", ["--remove"], 2, "--remove needs --data"),
    ],
)
def test_wrong_use_is_explained(
    folder: Path, what: str, words: list[str], code: int, complaint: str
) -> None:
    done = subprocess.run(
        [sys.executable, *WITHOUT_TABLES, *words],
        cwd=PROJECT,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_is_left(folder)


@pytest.mark.parametrize("what", ["/etc/passwd", "/etc"])
def test_what_is_no_program_is_said_to_be_none(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command([what], {}) == 126

    assert f"{what} can't be run: Permission denied." in capsys.readouterr().err


@pytest.fixture
def strange(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder of somebody's where ours would lie: with files in it, or elsewhere by a link."""
    files, data = getattr(request, "param", ["lock"]), tmp_path / "data"
    where = tmp_path / "elsewhere" if files == "a link" else data
    where.mkdir(mode=0o750)
    for name in ["lock"] if files == "a link" else files:
        (where / name).write_text("mine")
    if where != data:
        data.symlink_to(where)
    return data


@pytest.mark.parametrize(
    "strange", [["lock"], ["lock", "diary"], ["diary"], "a link"], indirect=True
)
def test_what_is_not_ours_is_neither_used_nor_removed(strange: Path, tmp_path: Path) -> None:
    before = [(path.name, path.read_text()) for path in sorted(strange.iterdir())]

    for act, folder in ((storage.make_ours, strange), (storage.remove_data, tmp_path)):
        with pytest.raises(storage.ServicesUnavailable) as refusal:
            act(folder)
        assert str(refusal.value).startswith(f"{strange} is not ours: it is neither used nor")

    assert [(path.name, path.read_text()) for path in sorted(strange.iterdir())] == before
    assert (strange.stat().st_mode & 0o777, strange.stat().st_uid) == (0o750, os.geteuid())


def test_a_new_an_empty_and_an_own_folder_are_ours(tmp_path: Path) -> None:
    storage.make_ours(tmp_path / "new")
    (tmp_path / "data").mkdir()

    storage.make_ours(tmp_path / "data")
    (tmp_path / "data" / "postgresql-18").mkdir()
    storage.make_ours(tmp_path / "data")

    storage.remove_data(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_data_of_the_first_release_are_ours_too(tmp_path: Path) -> None:
    cluster = tmp_path / "data" / "postgresql-18"
    cluster.mkdir(parents=True)
    (cluster / "ready").touch()

    storage.make_ours(tmp_path / "data")
    storage.remove_data(tmp_path)

    assert not tmp_path.exists()
