"""The ledger's tables."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import wallet.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Currency",
            fields=[
                ("code", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("precision", models.PositiveSmallIntegerField()),
            ],
            options={
                "verbose_name_plural": "currencies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("precision__lte", 8)),
                        name="currency_precision_is_0_to_8",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Z][A-Z0-9]{1,9}$")),
                        name="currency_code_is_upper_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Player",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("external_id", models.CharField(max_length=100, unique=True)),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ACTIVE", "Active"),
                            ("BLOCKED", "Blocked"),
                            ("CLOSED", "Closed"),
                        ],
                        db_default="ACTIVE",
                        default="ACTIVE",
                        max_length=10,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "permissions": [
                    ("post_deposit", "Can pay a deposit into a player's account"),
                    ("post_withdrawal", "Can pay a withdrawal out of a player's account"),
                    ("post_adjustment", "Can adjust a player's balance"),
                    ("export_statement", "Can export statements"),
                ],
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("name"), name="text_pattern_ops"
                        ),
                        name="player_by_name_begun",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["ACTIVE", "BLOCKED", "CLOSED"])),
                        name="player_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        name="player_external_id_is_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("PLAYER_CASH", "PLAYER_CASH"),
                            ("HOUSE_STAKES", "HOUSE_STAKES"),
                            ("HOUSE_PAYOUTS", "HOUSE_PAYOUTS"),
                            ("HOUSE_ADJUSTMENTS", "HOUSE_ADJUSTMENTS"),
                            ("HOUSE_CASH", "HOUSE_CASH"),
                        ],
                        max_length=20,
                    ),
                ),
                ("balance", models.BigIntegerField(null=True)),
                ("version", models.BigIntegerField(db_default=0, default=0)),
                (
                    "currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="wallet.currency",
                    ),
                ),
                (
                    "player",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="wallet.player",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=150)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("DEPOSIT", "DEPOSIT"),
                            ("WITHDRAWAL", "WITHDRAWAL"),
                            ("ADJUSTMENT", "ADJUSTMENT"),
                            ("STAKE", "STAKE"),
                            ("SETTLEMENT", "SETTLEMENT"),
                        ],
                        max_length=12,
                    ),
                ),
                ("amount", models.BigIntegerField()),
                ("player_balance_after", models.BigIntegerField()),
                ("account_sequence", models.BigIntegerField()),
                ("reference_kind", models.CharField(blank=True, default="", max_length=12)),
                ("reference_id", models.CharField(blank=True, default="", max_length=100)),
                ("actor", models.CharField(max_length=200)),
                ("reason", models.CharField(max_length=30)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "xact",
                    wallet.models.TransactionIdField(
                        db_default=wallet.models.CurrentTransactionId(), editable=False
                    ),
                ),
                (
                    "credit_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wallet.account",
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wallet.currency",
                    ),
                ),
                (
                    "debit_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wallet.account",
                    ),
                ),
                (
                    "player_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="wallet.account",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HouseCheckpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("through_xact", wallet.models.TransactionIdField()),
                ("through_id", models.BigIntegerField()),
                ("balance", models.DecimalField(decimal_places=0, max_digits=40)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="wallet.account",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("through_xact", "through_id", "account"),
                        name="checkpoint_is_the_only_one_of_its_place",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("player", "kind", "currency"),
                name="account_is_the_only_one_of_its_kind",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "PLAYER_CASH",
                            "HOUSE_STAKES",
                            "HOUSE_PAYOUTS",
                            "HOUSE_ADJUSTMENTS",
                            "HOUSE_CASH",
                        ],
                    )
                ),
                name="account_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("balance__isnull", False),
                        ("kind__startswith", "PLAYER_"),
                        ("player__isnull", False),
                    ),
                    models.Q(
                        ("balance__isnull", True),
                        ("kind__startswith", "HOUSE_"),
                        ("player__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="account_balance_is_cached_for_players_alone",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["xact", "id"], name="transfer_in_commit_order"),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                condition=models.Q(("kind__in", ["DEPOSIT", "WITHDRAWAL", "ADJUSTMENT"])),
                fields=["kind", "id"],
                name="transfer_not_of_a_bet",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(fields=("key",), name="transfer_key_is_used_once"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                fields=("player_account", "account_sequence"),
                include=("created_at", "player_balance_after"),
                name="transfer_has_its_own_number_in_the_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["DEPOSIT", "WITHDRAWAL", "ADJUSTMENT", "STAKE", "SETTLEMENT"])
                ),
                name="transfer_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="transfer_amount_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("debit_account", models.F("credit_account")), _negated=True),
                name="transfer_has_two_sides",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("player_account", models.F("debit_account")),
                    ("player_account", models.F("credit_account")),
                    _connector="OR",
                ),
                name="transfer_has_the_player_on_one_side",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("actor", ""), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    models.Q(("key", ""), _negated=True),
                ),
                name="transfer_says_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "ADJUSTMENT"), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="adjustment_has_a_note",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "DEPOSIT"), _negated=True),
                    ("player_account", models.F("credit_account")),
                    _connector="OR",
                ),
                name="deposit_goes_to_the_player",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["WITHDRAWAL", "STAKE"]), _negated=True),
                    models.Q(
                        ("player_account", models.F("debit_account")),
                        ("player_balance_after__gte", 0),
                    ),
                    _connector="OR",
                ),
                name="withdrawal_and_stake_never_overdraw",
            ),
        ),
    ]
