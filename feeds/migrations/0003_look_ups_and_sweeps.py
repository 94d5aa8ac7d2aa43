"""What was asked of a provider about tickets, which is never rewritten, and sweeps that ask."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from settlement.models import CurrentTransactionId, TransactionIdField

FORWARDS = """
CREATE FUNCTION feeds_refuse_new_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Look-ups are append-only: % is refused. Ask the provider again instead.', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER look_ups_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON feeds_lookupcall
    FOR EACH STATEMENT EXECUTE FUNCTION feeds_refuse_new_answers();
"""

BACKWARDS = """
DROP TRIGGER look_ups_are_append_only ON feeds_lookupcall;
DROP FUNCTION feeds_refuse_new_answers();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("feeds", "0002_bodies_stand_in_days"),
        ("settlement", "0012_audit_seals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sweep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feed", models.CharField(max_length=30)),
                ("why", models.CharField(max_length=500)),
                ("not_covered", models.CharField(blank=True, default="", max_length=200)),
                ("accepted_before", models.DateTimeField(null=True)),
                (
                    "started_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("done_at", models.DateTimeField(null=True)),
                ("cursor", models.BigIntegerField(db_default=0, default=0)),
                ("last_ticket", models.BigIntegerField(db_default=0, default=0)),
                ("again_to", models.BigIntegerField(db_default=0, default=0)),
                ("total", models.PositiveIntegerField(db_default=0, default=0)),
                ("asked", models.PositiveIntegerField(db_default=0, default=0)),
                ("settled", models.PositiveIntegerField(db_default=0, default=0)),
                ("still_open", models.PositiveIntegerField(db_default=0, default=0)),
                ("failed", models.PositiveIntegerField(db_default=0, default=0)),
                ("holder", models.CharField(blank=True, db_default="", default="", max_length=32)),
                ("held_until", models.DateTimeField(null=True)),
                ("not_before", models.DateTimeField(null=True)),
                (
                    "sentence",
                    models.CharField(blank=True, db_default="", default="", max_length=500),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=("feed",),
                        name="sweep_is_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("why", ""), _negated=True), name="sweep_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LookupCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actor", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("STATUS", "Status"),
                            ("SETTLEMENT", "Settlement"),
                            ("CANCEL", "Cancel"),
                            ("CASH_OUT", "Cash out"),
                            ("REJECT_REASONS", "Reject reasons"),
                        ],
                        max_length=14,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("sent", models.CharField(max_length=2000)),
                ("http_status", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.TextField(blank=True, default="")),
                ("is_cut", models.BooleanField(default=False)),
                ("duration_ms", models.PositiveIntegerField()),
                ("tries", models.PositiveSmallIntegerField()),
                ("trouble", models.CharField(blank=True, default="", max_length=11)),
                ("sentence", models.CharField(blank=True, default="", max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "xact",
                    TransactionIdField(db_default=CurrentTransactionId(), editable=False),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lookup_calls",
                        to="settlement.ticket",
                    ),
                ),
            ],
            options={
                "permissions": [("look_up_ticket", "Can ask a provider about a ticket")],
                "indexes": [
                    models.Index(fields=["ticket", "id"], name="lookup_call_of_a_ticket"),
                    models.Index(fields=["xact", "id"], name="lookup_call_in_commit_order"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["STATUS", "SETTLEMENT", "CANCEL", "CASH_OUT", "REJECT_REASONS"],
                            )
                        ),
                        name="lookup_call_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actor", ""), _negated=True),
                        name="lookup_call_says_who",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("trouble", ""),
                            models.Q(("sentence", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="lookup_trouble_has_a_sentence",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
