from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("settlement", "0016_reviews_of_single_bets"),
    ]

    operations = [
        migrations.AddField(
            model_name="duemarket",
            name="only_asks",
            field=models.BooleanField(db_default=False),
        ),
    ]
