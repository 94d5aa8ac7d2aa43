"""manage.py settle BET_ID…: settle, void, open again … by hand, as the desk does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from backoffice.management.acting import ActCommand, exit_unless_all

ACTS = ("void", "reopen", "cancel", "reject", "release")
ENDS = ("result", "payout", "leg")


class Command(ActCommand):
    help = (
        "Act on tickets by hand as USER, by his permissions and limits. Shows what would come of "
        "it and changes nothing, unless --yes. Exit 0: done, or waiting for somebody else to "
        "agree; 1: refused, or a ticket was left alone; 2: not understood."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bet_ids", nargs="+", metavar="BET_ID")
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--result", help="win, lose, refund, half_win, half_lose or place_win")
        how.add_argument("--payout", metavar="AMOUNT", help="all that each ticket pays")
        how.add_argument(
            "--leg",
            action="append",
            metavar="LEG=RESULT",
            help="a leg's number and result, like 2=void; again for more legs",
        )
        for act in ACTS:
            how.add_argument(f"--{act}", dest="act", action="store_const", const=act)
        how.add_argument("--cash-out", metavar="AMOUNT", help="what is paid for the stake")
        how.add_argument(
            "--accept-result", metavar="LOOKUP", type=int, help="what Odds88 answered then"
        )
        parser.add_argument("--stake", metavar="AMOUNT", help="cash out only so much of the stake")
        parser.add_argument("--resettle", action="store_true", help="settle settled tickets anew")
        self.add_act_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        act, each = act_of(options)
        tickets = [{"bet_id": bet_id, **each} for bet_id in options["bet_ids"]]
        exit_unless_all(self.carry({"act": act, "tickets": tickets}, options))


def act_of(options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return what is done, and what is said of each ticket."""
    ends = [name for name in ENDS if options[name] is not None]
    if options["resettle"] and not ends:
        raise CommandError("--resettle goes with --result, --payout or --leg.", returncode=2)
    if options["stake"] is not None and options["cash_out"] is None:
        raise CommandError("--stake goes with --cash-out.", returncode=2)
    if options["cash_out"] is not None:
        stake = {} if options["stake"] is None else {"stake": options["stake"]}
        return "cash_out", {"amount": options["cash_out"], **stake}
    if options["accept_result"] is not None:
        return "accept_result", {"lookup": options["accept_result"]}
    if not ends:
        return options["act"], {}
    act = "resettle" if options["resettle"] else "settle"
    if options["leg"] is not None:
        return act, {"legs": [leg_of(said) for said in options["leg"]]}
    return act, {ends[0]: options[ends[0]]}


def leg_of(said: str) -> dict[str, Any]:
    """Return a leg and how it shall end."""
    position, _, result = said.partition("=")
    if not (position.isascii() and position.isdecimal() and result):
        raise CommandError("A leg is said like 2=void: its number and its result.", returncode=2)
    return {"position": int(position), "result": result}
