"""Run a command with PostgreSQL and Valkey of its own: python -m backoffice.embedded -- CMD."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from backoffice.embedded import EmbeddedServices, ServicesUnavailable, processes, services, storage

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
SENT_BY_THE_KERNEL = 128
NOT_EXECUTABLE, NOT_FOUND = 126, 127


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m backoffice.embedded", description=__doc__)
    parser.add_argument("--data", type=Path, help="keep the data in this folder between starts")
    parser.add_argument("--remove", action="store_true", help="remove the data of --data, and end")
    parser.add_argument("command", nargs="*", metavar="CMD", help="what to run, after --")
    options = parser.parse_args(words)
    if options.remove and not options.data:
        parser.error("--remove needs --data")
    if options.data and os.path.exists(options.data) and not os.path.isdir(options.data):
        parser.error(f"--data needs a folder, and {options.data} is none")
    if not options.remove and not options.command:
        parser.error("a command is missing: -- CMD ARGS…")
    return options


def run_command(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run `command` as the caller and return its exit code; signals are passed on to it.

    The signals are blocked and waited for, so that none is lost, also one inherited as ignored.
    A Ctrl-C comes from the terminal, which has told the command already. What can't be run has
    the exit code that a shell gives it.
    """
    try:
        child = subprocess.Popen(
            command,
            env=os.environ | environment,
            preexec_fn=processes.die_with_parent(signal.SIGTERM),
        )
    except OSError as error:
        complain(f"{command[0]} can't be run: {error.strerror}.")
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
    while child.poll() is None:
        caught = signal.sigwaitinfo(SIGNALS)
        if caught.si_signo != signal.SIGCHLD and caught.si_code != SENT_BY_THE_KERNEL:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(caught.si_signo)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def complain(sentence: str) -> None:
    """Say on stderr what went wrong."""
    print(f"embedded: {sentence}", file=sys.stderr)  # noqa: T201


def stop_asked() -> bool:
    """Say whether a signal came while the servers were starting."""
    return bool(signal.sigpending() & {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def main() -> int:
    """Start, migrate, run, stop."""
    options = arguments()
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        if options.remove:
            storage.remove_data(options.data)
            return 0
        print("Starting PostgreSQL 18 and Valkey 9 …", file=sys.stderr)  # noqa: T201
        with EmbeddedServices(data=options.data) as running:
            services.migrate(running.environment)
            if stop_asked():
                return 130
            return run_command(options.command, running.environment)
    except (ServicesUnavailable, OSError) as error:
        complain(str(error))
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
