import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DomainCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.TextField(db_collation="C")),
                ("selector", models.TextField(blank=True, db_collation="C")),
                ("check_name", models.TextField()),
                (
                    "verdict",
                    models.TextField(
                        choices=[("pass", "Pass"), ("warn", "Warning"), ("fail", "Fail"), ("unknown", "Unknown")]
                    ),
                ),
                ("code", models.TextField()),
                ("evidence", models.TextField(blank=True)),
                ("checked_at", models.DateTimeField()),
                ("passed_at", models.DateTimeField(blank=True, help_text="When it last did not fail", null=True)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("domain", "selector", "check_name"), name="domain_check_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="MailDomain",
            fields=[
                ("domain", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                (
                    "provider",
                    models.TextField(
                        choices=[
                            ("google", "google"),
                            ("microsoft", "microsoft"),
                            ("yahoo", "yahoo"),
                            ("other", "other"),
                        ],
                        default="other",
                    ),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("waiting", "Not looked up yet"),
                            ("found", "Accepts mail"),
                            ("no_mail", "Doesn't accept mail"),
                            ("unknown", "No answer"),
                        ],
                        default="waiting",
                    ),
                ),
                (
                    "mx",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("detail", models.TextField(blank=True)),
                ("looked_up_at", models.DateTimeField(blank=True, null=True)),
                (
                    "next_look_at",
                    models.DateTimeField(blank=True, help_text="Due to be checked from this time", null=True),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["next_look_at"], name="maildomain_due")],
            },
        ),
    ]
