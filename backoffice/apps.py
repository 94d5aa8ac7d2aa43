import gc

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from backoffice.celery import app as celery_app
from backoffice.roles import sync_after_migrate

__all__ = ["BackofficeConfig", "celery_app"]


class BackofficeConfig(AppConfig):
    name = "backoffice"

    def ready(self) -> None:
        """Roles and table rights follow the code: they are synced after every migrate."""
        post_migrate.connect(sync_after_migrate, sender=self)
        collect_seldom()


def collect_seldom() -> None:
    """Let the garbage collector leave alone what stays, and come for cycles less often.

    A batch makes some hundred thousand objects that die by themselves; going through them, and
    through Django's own each time, was a third of a batch's time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
