"""Seals: a hash chain over the rows of the append-only tables."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from wallet.models import TransactionIdField


class AuditSeal(models.Model):
    """Rows of one table, digested one by one and chained to the seal before. Append-only.

    `ids` and `digests` go together, in the order (xact, id), through `last_xact`, `last_id`. A seal
    of no rows opens its table in a database cluster: what came before the order of this one.
    """

    number = models.BigIntegerField(primary_key=True)
    table = models.CharField(max_length=63)
    form = models.PositiveSmallIntegerField()
    cluster = models.CharField(max_length=20)
    sealed_at = models.DateTimeField()
    last_xact = TransactionIdField()
    last_id = models.BigIntegerField()
    row_count = models.PositiveIntegerField()
    least_id = models.BigIntegerField()
    greatest_id = models.BigIntegerField()
    ids = ArrayField(models.BigIntegerField())
    digests = ArrayField(models.BinaryField(max_length=32))
    previous = models.BinaryField(max_length=32)
    chain = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["table", "number"], name="seal_of_a_table"),
            models.Index(fields=["table", "greatest_id"], name="seal_by_its_ids"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["previous"], name="seal_is_the_only_one_after_its_last")
        ]

    def __str__(self) -> str:
        return f"Seal {self.number} of {self.table}"
