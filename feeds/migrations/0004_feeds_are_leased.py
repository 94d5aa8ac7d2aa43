"""Feeds are leased to one holder at a time, and each connect is written down before it is made."""

import django.db.models.functions.datetime
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION feeds_epochs_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.epoch < OLD.epoch OR NEW.epoch > OLD.epoch + 1
       OR (NEW.holder <> OLD.holder AND NEW.epoch = OLD.epoch) THEN
        RAISE EXCEPTION 'The lease of % is refused: who takes a feed over takes the next epoch. '
            'Use feeds.leases.', NEW.feed USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER epochs_only_grow BEFORE UPDATE ON feeds_feedlease
    FOR EACH ROW EXECUTE FUNCTION feeds_epochs_only_grow();

CREATE FUNCTION feeds_attempts_are_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.outcome = 'ASKED' AND NEW.outcome <> 'ASKED'
       AND (NEW.feed, NEW.epoch, NEW.kind, NEW.revision, NEW.asked_at)
           = (OLD.feed, OLD.epoch, OLD.kind, OLD.revision, OLD.asked_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Connect % is refused to be changed: the provider counted it.', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER attempts_are_answered_once BEFORE UPDATE OR DELETE ON feeds_connectattempt
    FOR EACH ROW EXECUTE FUNCTION feeds_attempts_are_answered_once();
"""

BACKWARDS = """
DROP TRIGGER attempts_are_answered_once ON feeds_connectattempt;
DROP FUNCTION feeds_attempts_are_answered_once();
DROP TRIGGER epochs_only_grow ON feeds_feedlease;
DROP FUNCTION feeds_epochs_only_grow();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("feeds", "0003_look_ups_and_sweeps"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedCursor",
            fields=[
                ("feed", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("greatest_ticks", models.BigIntegerField(null=True)),
                ("smallest_ticks", models.BigIntegerField(null=True)),
                ("opened_with", models.BigIntegerField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("recovered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ConnectAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feed", models.CharField(max_length=30)),
                ("epoch", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("WITHOUT", "Without"), ("PROPER", "Proper")], max_length=7
                    ),
                ),
                ("revision", models.BigIntegerField()),
                (
                    "asked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("ASKED", "Asked"),
                            ("OPENED", "Opened"),
                            ("REFUSED", "Refused"),
                            ("UNREACHED", "Unreached"),
                        ],
                        db_default="ASKED",
                        default="ASKED",
                        max_length=9,
                    ),
                ),
                (
                    "sentence",
                    models.CharField(blank=True, db_default="", default="", max_length=500),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["feed", "asked_at"], name="attempts_of_a_feed")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["WITHOUT", "PROPER"])),
                        name="kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["ASKED", "OPENED", "REFUSED", "UNREACHED"])
                        ),
                        name="outcome_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FeedLease",
            fields=[
                ("feed", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("holder", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("epoch", models.BigIntegerField(db_default=0, default=0)),
                (
                    "expires_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("stop_requested", models.BooleanField(db_default=False, default=False)),
                (
                    "paused_by",
                    models.CharField(blank=True, db_default="", default="", max_length=150),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("STOPPED", "Stopped"),
                            ("CONNECTING", "Connecting"),
                            ("RECEIVING", "Receiving"),
                            ("WAITING", "Waiting"),
                            ("TROUBLE", "Trouble"),
                        ],
                        db_default="STOPPED",
                        default="STOPPED",
                        max_length=10,
                    ),
                ),
                (
                    "sentence",
                    models.CharField(blank=True, db_default="", default="", max_length=500),
                ),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("until", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField(null=True)),
                ("messages", models.BigIntegerField(db_default=0, default=0)),
                ("halted_at", models.DateTimeField(null=True)),
                (
                    "halted_why",
                    models.CharField(blank=True, db_default="", default="", max_length=500),
                ),
            ],
            options={
                "permissions": [("run_feed", "Can stop and start feeds")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["STOPPED", "CONNECTING", "RECEIVING", "WAITING", "TROUBLE"],
                            )
                        ),
                        name="run_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("epoch__gte", 0)), name="epoch_is_not_negative"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
