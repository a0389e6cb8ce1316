import django.db.models.deletion
import outreach.core.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("token", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="StoredAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("credential", models.TextField()),
                ("key", models.TextField()),
                ("fingerprint", models.TextField(help_text="SHA-256 of the method, the address and the body.")),
                ("status", models.PositiveSmallIntegerField()),
                ("body_token", models.TextField(blank=True, editable=False)),
                ("created_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("credential", "key"), name="one_answer_a_key")],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, default=outreach.core.clock.now)),
                ("action", models.TextField(db_index=True)),
                ("subject_type", models.TextField()),
                ("subject_id", models.TextField()),
                ("actor_kind", models.TextField()),
                ("actor_name", models.TextField()),
                ("reason", models.TextField(blank=True)),
                ("data", models.JSONField(default=dict)),
                (
                    "position",
                    models.BigIntegerField(editable=False, help_text="In the chain; empty for a minute", null=True),
                ),
                ("seal", models.TextField(blank=True, default="", editable=False)),
                ("salt", models.TextField(blank=True, default="", editable=False)),
                ("reason_digest", models.TextField(blank=True, default="", editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject"),
                    models.Index(condition=models.Q(("position", None)), fields=["id"], name="audit_unsealed"),
                ],
                "constraints": [models.UniqueConstraint(fields=("position",), name="one_audit_position")],
            },
        ),
    ]
