from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("settlement", "0015_reviews_of_markets"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="review",
            name="review_kind_is_known",
        ),
        migrations.AlterField(
            model_name="review",
            name="kind",
            field=models.CharField(
                choices=[
                    ("PAYOUT_MISMATCH", "Payout mismatch"),
                    ("LIMIT", "Limit"),
                    ("LATE_CORRECTION", "Late correction"),
                    ("NEGATIVE_HELD", "Negative held"),
                    ("NEGATIVE_BALANCE", "Negative balance"),
                    ("EQUAL_TIME", "Equal time"),
                    ("CANNOT_SETTLE", "Cannot settle"),
                    ("PLACE_PART", "Place part"),
                    ("MANUAL_VOID_REASON", "Manual void reason"),
                    ("UNKNOWN_RESULT", "Unknown result"),
                    ("OUTCOME_MISSING", "Outcome missing"),
                    ("CANCEL_WITHOUT_MARKETS", "Cancel without markets"),
                    ("CANCEL_ROLLBACK_UNMATCHED", "Cancel rollback unmatched"),
                    ("EVENT_SUPERSEDED", "Event superseded"),
                    ("MARKET_HELD", "Market held"),
                    ("BET_REOPENED", "Bet reopened"),
                    ("OUTCOME_UNCLEAR", "Outcome unclear"),
                    ("FIXTURE_OFF", "Fixture off"),
                    ("NOT_THE_TICKET", "Not the ticket"),
                    ("FROM_THE_FUTURE", "From the future"),
                    ("PAST_RETENTION", "Past retention"),
                    ("ACT_AGAINST_FEED", "Act against feed"),
                    ("TWO_CONFIRMED", "Two confirmed"),
                    ("STALE_OPEN", "Stale open"),
                    ("CLIENT_SETTLEMENT", "Client settlement"),
                    ("FEED_HALTED", "Feed halted"),
                    ("FEED_GAP", "Feed gap"),
                    ("SETTLEMENT_MISSING", "Settlement missing"),
                ],
                max_length=25,
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "PAYOUT_MISMATCH",
                            "LIMIT",
                            "LATE_CORRECTION",
                            "NEGATIVE_HELD",
                            "NEGATIVE_BALANCE",
                            "EQUAL_TIME",
                            "CANNOT_SETTLE",
                            "PLACE_PART",
                            "MANUAL_VOID_REASON",
                            "UNKNOWN_RESULT",
                            "OUTCOME_MISSING",
                            "CANCEL_WITHOUT_MARKETS",
                            "CANCEL_ROLLBACK_UNMATCHED",
                            "EVENT_SUPERSEDED",
                            "MARKET_HELD",
                            "BET_REOPENED",
                            "OUTCOME_UNCLEAR",
                            "FIXTURE_OFF",
                            "NOT_THE_TICKET",
                            "FROM_THE_FUTURE",
                            "PAST_RETENTION",
                            "ACT_AGAINST_FEED",
                            "TWO_CONFIRMED",
                            "STALE_OPEN",
                            "CLIENT_SETTLEMENT",
                            "FEED_HALTED",
                            "FEED_GAP",
                            "SETTLEMENT_MISSING",
                        ],
                    )
                ),
                name="review_kind_is_known",
            ),
        ),
    ]
