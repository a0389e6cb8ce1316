import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PackVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField(db_index=True)),
                ("sha", models.TextField(unique=True)),
                ("channel", models.TextField()),
                ("languages", models.JSONField(default=list)),
                ("source", models.TextField(help_text="The Markdown file as it was read.")),
                ("definition", models.JSONField(help_text="The parsed pack.")),
            ],
            options={
                "ordering": ["name", "-id"],
            },
        ),
        migrations.CreateModel(
            name="PackLabel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField()),
                ("label", models.TextField(default="current")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="labels", to="prompts.packversion"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "label"), name="pack_label_once")],
            },
        ),
    ]
