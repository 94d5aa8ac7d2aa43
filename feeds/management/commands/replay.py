"""manage.py replay PROVIDER FILE…: recorded messages through the same inbox."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from feeds import replaying
from feeds.models import MessageState
from feeds.readers import READERS
from feeds.replaying import Checked, Replayed

SHOWN = 10


class Command(BaseCommand):
    help = (
        "Replay recorded messages: .jsonl holds one a line, any other file is one message. Run it "
        "again at will: what was heard before changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", choices=sorted(source.lower() for source in READERS))
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="read all, write nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, provider: str, files: list[Path], **options: Any) -> None:
        messages = replaying.messages_of(files)
        try:
            if options["dry_run"]:
                self.tell_checked(replaying.check(provider, messages), options["json"])
            else:
                self.tell(replaying.replay(provider, messages), options["json"])
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.", returncode=2) from None

    def tell(self, found: Replayed, as_json: bool) -> None:
        """Print what was replayed; fail when something could not be read."""
        said = {
            "stored": found.stored,
            "done": found.count(MessageState.DONE),
            "ignored": found.count(MessageState.IGNORED) + found.liveness,
            "parked": found.count(MessageState.PARKED),
            "quarantined": found.count(MessageState.QUARANTINED),
            "reviews": found.reviews,
            "tickets_settled": found.processed.settled.moved,
        }
        words = (
            "{messages:,} messages: {stored:,} new, {done:,} done, {ignored:,} ignored, "
            "{parked:,} parked, {quarantined:,} quarantined. {tickets_settled:,} tickets changed, "
            "{reviews:,} reviews opened."
        )
        self.stdout.write(
            msgspec.json.encode(said).decode()
            if as_json
            else words.format(messages=found.messages, **said)
        )
        if found.undecided:
            self.stderr.write("What could not be read is kept: look for it under Feed messages.")
            sys.exit(1)

    def tell_checked(self, found: Checked, as_json: bool) -> None:
        """Print what could be read."""
        if as_json:
            self.stdout.write(msgspec.json.encode(found._asdict()).decode())
        else:
            self.stdout.write(
                f"Nothing was written. {found.messages:,} messages: {found.readable:,} can be "
                f"read, {len(found.complaints):,} can't."
            )
        for complaint in found.complaints[:SHOWN]:
            self.stderr.write(complaint)
        if found.complaints:
            sys.exit(1)
