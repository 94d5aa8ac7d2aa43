"""The settings of a measuring child: the project's own, with the peers installed."""

import environ

from backoffice import settings as project
from backoffice.owner import CREDENTIALS
from backoffice.settings import *  # noqa: F403 - that is how one settings module extends another

# Otherwise Django keeps every query in memory, and each side pays for it.
DEBUG = False

INSTALLED_APPS = [*project.INSTALLED_APPS, "mptt", "hordak", "backoffice.bench"]

owner = environ.Env.db_url_config(project.DATABASE_OWNER_URL)
DATABASES = {
    **project.DATABASES,
    "owner": project.DATABASES["default"] | {name: owner[name] for name in CREDENTIALS},
}

# A line for each task would cost the peer more than his work.
LOGGING = project.LOGGING | {"root": project.LOGGING["root"] | {"level": "WARNING"}}
