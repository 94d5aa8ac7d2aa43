"""manage.py add_token USER --name NAME: let a program in."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backoffice import tokens
from backoffice.models import User


class Command(BaseCommand):
    help = "Make an API token for a user; stdout is the token alone, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--name", required=True, help="what will use it")
        parser.add_argument("--days", type=int, help="how long it is good; without, until revoked")

    def handle(self, *args: Any, user: str, name: str, days: int | None, **options: Any) -> None:
        if (holder := User.objects.filter(username=user).first()) is None:
            raise CommandError(f"There is no user “{user}”.")
        try:
            token, secret = tokens.make_token(
                user=holder, name=name, life=life_of(days), at=timezone.now(), actor="console"
            )
        except tokens.TokenRefused as refusal:
            raise CommandError(str(refusal)) from None
        until = f"until {token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at else "for ever"
        self.stderr.write(
            f"This token does what {holder} may do, {until}. Keep it: it is not shown again."
        )
        self.stdout.write(secret)


def life_of(days: int | None) -> timedelta | None:
    """Return how long a token is good."""
    try:
        return None if days is None else timedelta(days=days)
    except OverflowError:
        raise CommandError(f"{days} days are too many.") from None
