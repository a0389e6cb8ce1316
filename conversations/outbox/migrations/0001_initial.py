from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Stream",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField()),
                (
                    "state",
                    models.TextField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("closed", "Closed")], default="paused"
                    ),
                ),
                ("priority", models.SmallIntegerField(default=0)),
                ("daily_cap", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "window",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="{days: [0…6], start: '09:00', end: '17:00'} in the recipient's time; empty: any time",
                    ),
                ),
                ("is_stopped_by_reply", models.BooleanField(default=True)),
                (
                    "is_unsolicited",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Nobody asked for its messages: e-mails carry a postal address and a way to opt out",
                    ),
                ),
                (
                    "tracks_opens",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="A one-pixel image in the HTML; off for cold mail",
                        verbose_name="count opens",
                    ),
                ),
                (
                    "tracks_clicks",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Links in the HTML go through our address",
                        verbose_name="count clicks",
                    ),
                ),
                (
                    "skips_holidays",
                    models.BooleanField(default=False, help_text="Nothing is sent on the recipient's public holidays"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "closed", "paused"])),
                        name="outbox_stream_state_known",
                    )
                ],
            },
        ),
    ]
