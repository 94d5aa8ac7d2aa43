#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from settlement.management.commands.quote import Command as Quote


def main() -> None:
    """Run one command; a setting that is missing is said in its own words, without a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    try:
        if sys.argv[1:2] == ["quote"]:  # Needs no apps, whose loading takes a second.
            Quote().run_from_argv(sys.argv)
            return
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
