"""A private RabbitMQ for a run: own folder and ports, loopback only, gone with its parent."""

import ctypes
import fcntl
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil
from kombu.connection import Connection

_PREFIX, _NOBODY = "rabbitmq-for-tests-", 65534
_ERL = """erl -noinput -boot start_sasl -s rabbit boot -syslog logger [] syslog_error_logger false
+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"""
# Paths are in our folder, where "none" does not exist: it keeps the files in /etc/rabbitmq out.
# The flags are for the broker and for a second Erlang that it starts for a moment.
_ENVIRONMENT = """
ERL_FLAGS='-start_epmd false -kernel inet_dist_use_interface {{127,0,0,1}}'
ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT={2} RABBITMQ_DIST_PORT={1} RABBITMQ_NODE_PORT={0}
RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODENAME=test-{0}@localhost RABBITMQ_LOGS=-
RABBITMQ_DEFAULT_PASS={3} RABBITMQ_MNESIA_BASE=data RABBITMQ_LOG_BASE=logs
RABBITMQ_CONF_ENV_FILE=none RABBITMQ_CONFIG_FILE=none RABBITMQ_CONFIG_FILES=none
RABBITMQ_ADVANCED_CONFIG_FILE=none RABBITMQ_ENABLED_PLUGINS_FILE=none
"""


class RabbitMQUnavailable(Exception):
    """RabbitMQ is not installed or did not start; the message says which, with the log's end."""


def binary() -> Path | None:
    """Return the server's own start script, or None where RabbitMQ is not installed."""
    found = Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server")
    return max(found, default=None)


@contextmanager
def rabbitmq() -> Iterator[str]:
    """Yield the AMQP URL of a broker that lives as long as the block and the calling thread."""
    with broker() as one:
        yield one.url


@contextmanager
def broker() -> Iterator["Broker"]:
    """Yield a broker that may be stopped and started again, by the thread that calls this."""
    server = binary()
    if server is None:
        raise RabbitMQUnavailable("RabbitMQ is missing: run apt-get install rabbitmq-server.")
    _sweep()
    with ExitStack() as stack:
        for last in (False, False, True):  # Another program may take a port before we do.
            try:
                one = Broker(stack, server.parents[1])
                one.start()
                break
            except (RabbitMQUnavailable, OSError, subprocess.SubprocessError) as error:
                stack.close()
                if last:
                    raise RabbitMQUnavailable(f"RabbitMQ did not start: {error}") from error
        yield one


class Broker:
    """A RabbitMQ with a folder, ports and a password of its own, which it keeps."""

    def __init__(self, stack: ExitStack, home: Path) -> None:
        with ExitStack() as held:
            sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
            self.ports = [server.getsockname()[1] for server in sockets]
        password = secrets.token_hex(8)  # No other broker on our port can pass for ours.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=_PREFIX)))
        _lock(stack, folder, fcntl.LOCK_EX)
        self.log = stack.enter_context((folder / "log").open("a+b"))
        words = shlex.split(_ENVIRONMENT.format(*self.ports, password))
        own = dict(pair.split("=") for pair in words)
        self.env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), **own}
        # Not by the start script: it has Erlang load every plugin, which doubles the time to start.
        plugins = {*home.glob("plugins/rabbitmq_*")} - {*home.glob("plugins/rabbitmq_prelaunch-*")}
        code = [f"{path}/ebin" for path in home.glob("plugins/*-*") if path not in plugins]
        self.commands = (["epmd"], [*_ERL.split(), "-pa", *code])
        self.url = f"amqp://guest:{password}@127.0.0.1:{self.ports[0]}//"
        self.running = stack.enter_context(ExitStack())

    def start(self) -> None:
        """Start it, or start it again."""
        deadline = time.monotonic() + 60
        children = [_run(self.running, one, self.env, self.log) for one in self.commands]
        _wait(children, self.url, deadline, self.log)
        _refuse_strangers(children, self.ports)

    def stop(self) -> None:
        """Stop it; its queues that are not durable are gone."""
        self.running.close()


def _run(stack: ExitStack, command: list[str], env: dict[str, str], log: IO[bytes]) -> psutil.Popen:
    libc, parent = ctypes.CDLL(None), os.getpid()

    def die_with_parent() -> None:
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG; a later change of user would clear it.
        if os.getppid() != parent:
            os._exit(1)

    # A session of its own: the terminal's Ctrl-C is for the tests to handle first.
    how: dict[str, Any] = {"preexec_fn": die_with_parent, "start_new_session": True}
    if os.geteuid() == 0:
        os.chown(env["HOME"], _NOBODY, _NOBODY)
        how |= {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
    how |= {"cwd": env["HOME"], "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
    process = psutil.Popen(command, env=env, **how)
    stack.callback(_end, process)
    return process


def _end(process: psutil.Popen) -> None:
    with suppress(psutil.NoSuchProcess):
        tree = [process, *process.children(recursive=True)]
        process.terminate()
        for survivor in psutil.wait_procs(tree, timeout=15)[1]:
            survivor.kill()
    process.wait()


def _wait(children: list[psutil.Popen], url: str, deadline: float, log: IO[bytes]) -> None:
    connect: Callable[..., Any] = Connection  # Its library has no annotations.
    with connect(url, connect_timeout=5) as broker:
        refusals = (*broker.connection_errors, *broker.channel_errors)
        while time.monotonic() < deadline and all(child.poll() is None for child in children):
            with suppress(*refusals):
                broker.transport.establish_connection().close()
                return
            time.sleep(0.05)
    end = os.pread(log.fileno(), 1 << 20, 0)[-2000:].decode(errors="replace")
    raise RabbitMQUnavailable(f"it ended, or did not answer in time. Its log ends:\n{end}")


def _refuse_strangers(children: list[psutil.Popen], ports: list[int]) -> None:
    pids = [child.pid for child in children]
    for c in psutil.net_connections("inet"):
        if c.status != psutil.CONN_LISTEN or not c.laddr or c.laddr.ip in ("127.0.0.1", "::1"):
            continue
        # By port too, as a container may hide the owner of a socket even from root.
        if c.pid in pids or c.laddr.port in ports:
            raise RabbitMQUnavailable(f"it listens outside this machine, on {c.laddr.ip}.")


def _lock(stack: ExitStack, folder: Path, how: int) -> None:
    handle = os.open(folder, os.O_DIRECTORY | os.O_NOFOLLOW)
    stack.callback(os.close, handle)
    fcntl.flock(handle, how)


def _sweep() -> None:
    """Remove the folders of runs that were killed: nobody holds a lock on them any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError), ExitStack() as stack:
            _lock(stack, folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = folder.stat().st_uid in (os.geteuid(), _NOBODY)
            if ours and any(folder.iterdir()):  # An empty one may be about to be locked.
                shutil.rmtree(folder, ignore_errors=True)
