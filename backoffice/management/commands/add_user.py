"""manage.py add_user NAME --role ROLE: somebody new at the desk."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from backoffice import people
from backoffice.roles import ROLES


class Command(BaseCommand):
    help = "Add somebody to the desk with one role; prints the password it made up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", required=True, choices=list(ROLES))
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password, don't make one up"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else ""
        if options["password_stdin"] and not given:
            raise CommandError("Standard input holds no password.")
        try:
            user, password = people.add_user(
                name=options["name"], role=options["role"], password=given
            )
        except people.UserRefused as refusal:
            raise CommandError(str(refusal)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        shown = "" if given else f" Password: {password}"
        self.stdout.write(f"{user.username} has the role {options['role']}.{shown}")
