"""The naive peer's tables. Installed for a benchmark alone, so no migration makes them."""

from typing import ClassVar

from django.db import models


class NaiveAccount(models.Model):
    """Whoever holds money, and how much in minor units."""

    name = models.CharField(max_length=100)
    balance = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager["NaiveAccount"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.name


class NaiveEntry(models.Model):
    """One side of a movement; the two sides share a key."""

    key = models.CharField(max_length=150)
    account = models.ForeignKey(NaiveAccount, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12)
    amount = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["NaiveEntry"]] = models.Manager()

    class Meta:
        app_label = "bench"
        constraints = [
            models.UniqueConstraint(fields=["key", "account"], name="naive_entry_is_written_once")
        ]

    def __str__(self) -> str:
        return self.key
