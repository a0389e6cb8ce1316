import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("drafts", "0001_initial"),
        ("llm", "0001_initial"),
        ("steps", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="step",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="steps.step"
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="draft",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="revisions", to="drafts.draft"
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="interaction",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="llm.interaction",
            ),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(fields=["step", "state", "id"], name="draft_step_state"),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(fields=["state", "id"], name="draft_state"),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "superseded"), _negated=True),
                fields=("candidate", "step", "variant"),
                name="draft_variant_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["approved", "handed_over"])),
                fields=("candidate", "step"),
                name="draft_one_approved",
            ),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(fields=["draft", "-id"], name="draft_revision_draft"),
        ),
    ]
