import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("events", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField()),
                ("key", models.TextField()),
                ("text", models.TextField(blank=True)),
                ("path", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("mail_due", models.BooleanField(default=False)),
                ("chat_due", models.BooleanField(default=False)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="events.event",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("mail_due", True), ("chat_due", True), _connector="OR"),
                        fields=["user", "id"],
                        name="notice_due",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "kind", "key"), name="notice_once")],
            },
        ),
        migrations.CreateModel(
            name="Preferences",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "mail",
                    models.JSONField(
                        default=dict, help_text="{kind: bool}; a kind that is not in it is as its default"
                    ),
                ),
                ("chat", models.JSONField(default=dict)),
                (
                    "pace",
                    models.TextField(
                        choices=[
                            ("at_once", "At once"),
                            ("hourly", "Every hour, together"),
                            ("daily", "Once a day, together"),
                        ],
                        default="hourly",
                    ),
                ),
                ("daily_hour", models.PositiveSmallIntegerField(default=9)),
                ("is_quiet", models.BooleanField(default=True)),
                ("quiet_from", models.PositiveSmallIntegerField(default=20)),
                ("quiet_until", models.PositiveSmallIntegerField(default=8)),
                (
                    "chat_token",
                    models.TextField(blank=True, editable=False, help_text="The encrypted address of their own chat"),
                ),
                ("chat_error", models.TextField(blank=True)),
                ("mailed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pace__in", ["at_once", "daily", "hourly"])),
                        name="notifications_preferences_pace_known",
                    )
                ],
            },
        ),
    ]
