"""What commands that act by hand share: a dry run unless --yes, as somebody, by his permissions."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from backoffice import acts
from backoffice.acting import actor_for, order_of
from backoffice.models import User
from settlement.acts import services
from settlement.acts.actors import Actor
from settlement.models import Batch, BatchLine
from settlement.orders import ActRefused, BadOrder, Order, writable
from settlement.vocabulary import BatchState, LineState

MOST_TOLD = 50
Json = dict[str, Any]


class ActCommand(BaseCommand):
    """A command that previews an act, and with --yes does it."""

    def add_act_arguments(self, parser: ArgumentParser) -> None:
        """Add what every act needs: who, why, and whether it is meant."""
        parser.add_argument("--as", dest="user", metavar="USER", required=True, help="who acts")
        parser.add_argument("--reason", required=True, help="PROVIDER_DOWN, WRONG_RESULT, …")
        parser.add_argument("--note", required=True, help="a sentence that says why")
        parser.add_argument("--yes", action="store_true", help="do it; without this, a dry run")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def carry(self, words: Mapping[str, Any], options: Mapping[str, Any]) -> list[Json]:
        """Preview an act or do it, and print what comes of it; return that for each ticket."""
        actor = actor_named(options["user"])
        said = {"reason": options["reason"], "note": options["note"]}
        try:
            order = order_of({**words, **said})
        except BadOrder as error:
            raise CommandError(str(error), returncode=2) from None
        try:
            found = done(order, actor) if options["yes"] else shown(order, actor)
        except ActRefused as refusal:
            raise CommandError(str(refusal)) from None
        told = told_act(found) if options["yes"] else told_preview(found)
        self.stdout.write(
            msgspec.json.encode(found).decode() if options["json"] else "\n".join(told)
        )
        rows: list[Json] = found["results"] if options["yes"] else results_of(found)
        return rows


def actor_named(name: str) -> Actor:
    """Return the person as whom the command acts."""
    user = User.objects.filter(username=name, is_active=True).first() if writable(name) else None
    if user is None:
        shown_name = name.encode(errors="replace").decode()
        raise CommandError(f"There is no active user “{shown_name}”.", returncode=2)
    return actor_for(user)


def shown(order: Order, actor: Actor) -> Json:
    """Return what an act would do."""
    preview = services.preview(order=order, actor=actor)
    return {"dry_run": True, **acts.preview_object(preview)}


def results_of(preview: Json) -> list[Json]:
    """Return what would become of each ticket, as an act says what became of it."""
    return [
        {
            "bet_id": line["bet_id"],
            "state": LineState.SKIPPED if line["skipped"] else LineState.WAITING,
            "sentence": line["skipped"] or line["held"],
            "currency": line["currency"],
            "difference": line["difference"],
        }
        for line in preview["lines"]
    ]


def done(order: Order, actor: Actor) -> Json:
    """Do an act to its end in this process; return where it stands."""
    preview = services.preview(order=order, actor=actor)
    batch = services.act(order=order, actor=actor, token=preview.token)
    finished = services.finish(batch=batch)
    return {"dry_run": False, **acts.whole_batch_object(finished), "results": lines_of(finished)}


def lines_of(batch: Batch) -> list[Json]:
    """Return what became of an act's tickets, in their order."""
    found = BatchLine.objects.filter(batch=batch).order_by("position")
    return acts.line_objects(found.select_related("ticket__currency"))


def exit_unless_all(rows: Iterable[Json]) -> None:
    """End with 1 when a ticket was left alone."""
    if any(row["state"] in (LineState.SKIPPED, LineState.FAILED) for row in rows):
        sys.exit(1)


def told_preview(found: Json) -> list[str]:
    """Return a dry run in lines for people."""
    lines = bounded([told for line in found["lines"] for told in told_line(line)])
    lines += [
        f"{one['currency']}: {counted(one['tickets'])}, {one['to_players']} to players, "
        f"{one['from_players']} from players."
        for one in found["totals"]
    ]
    lines += bounded([told_player(one) for one in found["players"]])
    if found["asks"]:
        lines.append(f"It would wait for somebody else. {found['asks']}")
    return [*lines, "Nothing was done. Add --yes to do it."]


def told_line(line: Json) -> list[str]:
    """Return what an act would do to a ticket."""
    if line["skipped"]:
        return [f"{line['bet_id']}  left alone: {line['skipped']}"]
    told = [
        f"{line['bet_id']}  {told_state(line['before'])} → {told_state(line['after'])} "
        f"{line['currency']}, difference {line['difference']}"
    ]
    told += [
        f"  leg {leg['position']}: {leg['before'] or 'open'} → {leg['after'] or 'open'}"
        for leg in line["legs"]
    ]
    return told + [f"  {said}" for said in (line["held"], *line["doubts"]) if said]


def told_state(state: Json) -> str:
    """Return where a ticket stands."""
    return "{status} {result} {payout}".format(**state)


def told_player(one: Json) -> str:
    """Return what an act does to somebody's balance."""
    below = ", below zero" if one["goes_below_zero"] else ""
    return f"{one['player']}: {one['before']} → {one['after']} {one['currency']}{below}"


def told_act(found: Json) -> list[str]:
    """Return what became of an act in lines for people."""
    if found["state"] == BatchState.WAITING:
        return [f"Act {found['id']} waits for somebody else to agree. {found['why_asked']}"]
    counts = found["lines"]
    lines = [
        f"Act {found['id']} is {found['state'].lower()}: {counts['done']:,} done, "
        f"{counts['skipped']:,} left alone, {counts['failed']:,} failed."
    ]
    return lines + bounded([told_result(row) for row in found["results"]])


def told_result(row: Json) -> str:
    """Return what became of a ticket."""
    if row["state"] == LineState.DONE:
        why = f": {row['sentence']}" if row["sentence"] else ""
        return f"{row['bet_id']}  done, difference {row['difference']} {row['currency']}{why}"
    word = {"SKIPPED": "left alone", "FAILED": "failed"}.get(row["state"], "not done yet")
    return f"{row['bet_id']}  {word}: {row['sentence']}" if row["sentence"] else row["bet_id"]


def bounded(lines: Sequence[str]) -> list[str]:
    """Return so many lines as somebody reads."""
    more = len(lines) - MOST_TOLD
    return [*lines[:MOST_TOLD], *([f"and {more:,} more"] if more > 0 else [])]


def counted(tickets: int) -> str:
    """Return a number of tickets in words."""
    return "1 ticket" if tickets == 1 else f"{tickets:,} tickets"
