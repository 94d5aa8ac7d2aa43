"""manage.py demo: the whole product with data to play with. `make demo` gives it its services."""

import os
import secrets
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from backoffice import (
    demo,
    demo_fixtures,
    demo_life,
    demo_lsports,
    demo_matches,
    demo_odds88,
    demo_sportradar,
    supervisor,
    tasks,
)
from backoffice.demo_lsports import Lsports
from backoffice.demo_odds88 import Odds88
from backoffice.demo_servers import Server
from backoffice.demo_sportradar import Sportradar
from backoffice.environment import DEVELOPMENT_AUDIT_KEY
from backoffice.supervisor import Site

TITLES = {"odds88": "Odds88", "sportradar": "Sportradar", "lsports": "LSports"}


class Command(BaseCommand):
    help = "Seed the demo and run desk, workers, and providers of our own until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", type=Path, default=Path(".demo"), help="for logs and a key")
        parser.add_argument("--still", action="store_true", help="nobody bets while you look")
        parser.add_argument("--pace", type=float, default=demo_life.PACE, help="seconds a bet")

    def handle(self, *args: Any, **options: Any) -> None:
        supervisor.hold_signals()
        call_command("seed_demo", stdout=self.stderr)
        state = options["state"]
        state.mkdir(parents=True, exist_ok=True)
        odds88 = Odds88(supervisor.free_port(demo_odds88.PREFERRED_PORT))
        sportradar = Sportradar(supervisor.free_port(demo_sportradar.PREFERRED_PORT))
        lsports = Lsports(supervisor.free_port(demo_lsports.PREFERRED_PORT))
        servers = {"odds88": odds88, "sportradar": sportradar, "lsports": lsports}
        providers = odds88.environment | sportradar.environment | lsports.environment
        desk = supervisor.site(state, production(state) | providers)
        collect_static_files(desk)
        life = {"life": demo_life.words(servers, options["pace"])}
        try:
            supervisor.supervise(
                desk,
                greet=lambda: self._greet(desk, servers, still=options["still"]),
                before={name: one.words for name, one in servers.items()},
                after={} if options["still"] else life,
            )
        except supervisor.Stopped:
            self.stderr.write("Stopped while starting.")
        except supervisor.SupervisorError as error:
            raise CommandError(str(error)) from None

    def _greet(self, desk: Site, servers: Mapping[str, Server], *, still: bool) -> None:
        demo_odds88.acquaint(servers["odds88"])
        demo_lsports.acquaint(servers["lsports"])
        tasks.check_all_books.delay()
        logins = "\n".join(
            f"  {role:<10}{login:<12}{demo.PASSWORD}" for login, role in demo.add_people().items()
        )
        addresses = "\n".join(f"  {TITLES[name]:<12}{one.url}" for name, one in servers.items())
        preferred = supervisor.PREFERRED_PORT
        taken = "" if desk.port == preferred else f"  (port {preferred} is taken)"
        self.stdout.write(
            f"\nThe desk: {desk.address}{taken}\n\n"
            f"  Role      Login       Password\n{logins}\n\n"
            f"Servers of our own play the providers. {told(still)}\n"
            f"{addresses}\n\n"
            f"Logs: {desk.state / 'log'}   Stop: Ctrl-C   "
            f"Data stay in {desk.state} until `make clean`.\n"
        )
        self.stdout.flush()


def told(still: bool) -> str:
    """Say what can be watched."""
    return (
        "Nobody bets."
        if still
        else f"Watch the tickets {demo_life.FIRST}, {demo_matches.FIRST} and {demo_fixtures.FIRST}."
    )


def production(state: Path) -> dict[str, str]:
    """Return settings as in production, on this machine alone, with a key that is kept."""
    key = state / "secret-key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(60))
    return {
        "DEBUG": "0",
        "HTTPS": "0",
        "SECRET_KEY": key.read_text(),
        # Whoever tries the product out may run `verify_audit` in a shell of his own.
        "AUDIT_KEY": DEVELOPMENT_AUDIT_KEY,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        # Most of the demo's tickets stay open: nobody is to be asked about each of them.
        "STALE_OPEN_HOURS": "10000",
    }


def collect_static_files(desk: Site) -> None:
    """Gather the static files as production's settings name them."""
    words = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v", "0"]
    environment = os.environ | desk.environment
    done = subprocess.run(words, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CommandError(f"The static files could not be collected:\n{done.stderr[-2000:]}")
