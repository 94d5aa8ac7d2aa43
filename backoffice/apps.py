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
