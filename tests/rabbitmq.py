"""A private RabbitMQ for a test run: own folder and ports, loopback only, gone with its parent."""

import ctypes
import fcntl
import ipaddress
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from pwd import getpwnam
from typing import Any

import psutil
from kombu import Connection

_PREFIX = "rabbitmq-for-tests-"
# In our folder and not made by us: the defaults are in /etc and /var.
_FILES = (
    "LOG_BASE MNESIA_BASE CONF_ENV_FILE CONFIG_FILE CONFIG_FILES ADVANCED_CONFIG_FILE"
    " ENABLED_PLUGINS_FILE"
)


class RabbitMQUnavailable(Exception):  # noqa: N818 - a state of the machine, not a mistake.
    """RabbitMQ is not installed or did not start; the message says which."""


def binary() -> Path | None:
    """Return the server's own start script, or None where RabbitMQ is not installed."""
    # The one on the PATH is a wrapper that changes to the system's user for RabbitMQ.
    found = Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server")
    return max(found, default=None)


@contextmanager
def rabbitmq() -> Iterator[str]:
    """Run a broker for the block and yield its AMQP URL; the virtual host is "/".

    Enter it in a thread that outlives the block: the kernel ends the broker with that thread.
    """
    server, deadline = binary(), time.monotonic() + 60
    if server is None or not shutil.which("erl") or not shutil.which("epmd"):
        raise RabbitMQUnavailable("RabbitMQ is missing: run apt-get install rabbitmq-server.")
    _sweep()
    with ExitStack() as stack:
        for last in (False, False, True):  # Another program may take one of the ports first.
            try:
                url = stack.enter_context(_broker(server.parents[1], deadline))
                break
            except RabbitMQUnavailable:
                if last:
                    raise
        yield url


@contextmanager
def _broker(home: Path, deadline: float) -> Iterator[str]:
    # With a password of our own, a stranger's broker on our port never passes for ours.
    ports, password = _free_ports(), secrets.token_hex(8)
    url = f"amqp://guest:{password}@127.0.0.1:{ports[0]}//"
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        _lock(folder, stack, fcntl.LOCK_EX)
        log = stack.enter_context((folder / "log").open("a+b"))
        how: dict[str, Any] = {"cwd": folder, "stdout": log}
        how["env"] = _environment(folder, ports, password)
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            how |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
        processes = [stack.enter_context(_running(c, how)) for c in (["epmd"], _erl(home))]
        if problem := _problem(processes, url, ports, deadline):
            log.seek(0)
            raise RabbitMQUnavailable(f"{problem}\n{log.read()[-2000:].decode(errors='replace')}")
        yield url


def _environment(folder: Path, ports: list[int], password: str) -> dict[str, str]:
    """Return the whole environment: the caller's and the system's settings must not count."""
    return {f"RABBITMQ_{name}": str(folder / name.lower()) for name in _FILES.split()} | {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),  # Erlang keeps its cookie here.
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(ports[2]),
        # By environment, because the broker starts another Erlang that listens for a moment.
        "ERL_FLAGS": "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_NODENAME": f"test-{secrets.token_hex(8)}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(ports[0]),
        "RABBITMQ_DIST_PORT": str(ports[1]),
        "RABBITMQ_DEFAULT_PASS": password,
        "RABBITMQ_LOGS": "-",
    }


def _erl(home: Path) -> list[str]:
    """Return what the start script would run, without plugins: that halves the time to start."""
    keep = [p for p in home.glob("plugins/*/ebin") if not p.parent.name.startswith("rabbitmq_")]
    paths = [*keep, *home.glob("plugins/rabbitmq_prelaunch-*/ebin")]
    arguments = "-noinput +S 2:2 -boot start_sasl -s rabbit boot -syslog syslog_error_logger false"
    return ["erl", *arguments.split(), "-syslog", "logger", "[]", "-pa", *map(str, paths)]


@contextmanager
def _running(command: list[str], how: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    libc, parent = ctypes.CDLL(None), os.getpid()

    def die_with_parent() -> None:
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG; a change of user would clear it.
        if os.getppid() != parent:
            os._exit(1)

    how = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, **how}
    try:
        # A session of its own: the terminal's Ctrl-C is for the tests to handle first.
        process = subprocess.Popen(
            command, start_new_session=True, preexec_fn=die_with_parent, **how
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RabbitMQUnavailable(f"RabbitMQ could not be run: {error}") from error
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    tree = []
    with suppress(psutil.NoSuchProcess):
        if process.poll() is None:  # Else its number may be another's by now.
            tree = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for orphan in psutil.wait_procs(tree, timeout=2)[1]:
        with suppress(psutil.NoSuchProcess):
            orphan.kill()


def _problem(
    processes: list[subprocess.Popen[bytes]], url: str, ports: list[int], deadline: float
) -> str | None:
    """Wait until the broker answers; return what is wrong with it, or None."""
    while not _answers(url):
        if any(process.poll() is not None for process in processes):
            return "RabbitMQ ended while starting."
        if time.monotonic() > deadline:
            return "RabbitMQ did not answer in time."
        time.sleep(0.05)
    pids = [process.pid for process in processes]
    for c in psutil.net_connections("inet"):
        # By port too: the owner of a socket is hidden from an ordinary container's root.
        if c.status == psutil.CONN_LISTEN and (c.pid in pids or c.laddr.port in ports):
            if not ipaddress.ip_address(c.laddr.ip).is_loopback:
                return f"RabbitMQ listens outside this machine, on {c.laddr.ip}."
    return None


def _answers(url: str) -> bool:
    with Connection(url, connect_timeout=5) as connection:
        try:
            connection.transport.establish_connection().close()
        except (*connection.connection_errors, *connection.channel_errors):
            return False
    return True


def _free_ports() -> list[int]:
    """Return three free ports, for AMQP, for Erlang's nodes and for epmd."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        return [server.getsockname()[1] for server in held]


def _lock(folder: Path, stack: ExitStack, how: int) -> None:
    handle = os.open(folder, os.O_DIRECTORY | os.O_NOFOLLOW)
    stack.callback(os.close, handle)
    fcntl.flock(handle, how)


def _sweep() -> None:
    """Remove the folders of runs that were killed: nobody holds a lock on them any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError), ExitStack() as stack:
            _lock(folder, stack, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = folder.stat().st_uid in (os.geteuid(), getpwnam("nobody").pw_uid)
            if ours and any(folder.iterdir()):  # An empty one may be about to be locked.
                shutil.rmtree(folder, ignore_errors=True)
