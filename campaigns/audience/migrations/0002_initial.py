import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audience", "0001_initial"),
        ("campaigns", "0001_initial"),
        ("segments", "0004_statistics"),
    ]

    operations = [
        migrations.AddField(
            model_name="liveset",
            name="campaign",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="live_set", to="campaigns.campaign"
            ),
        ),
        migrations.AddField(
            model_name="liveset",
            name="segment_version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="segments.segmentversion"
            ),
        ),
    ]
