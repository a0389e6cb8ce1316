from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Restore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("backup", models.TextField(help_text="Name of the backup")),
                ("taken_at", models.DateTimeField(help_text="The moment that the backup holds")),
                ("restored_at", models.DateTimeField(auto_now_add=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_by", models.TextField(blank=True)),
                ("note", models.TextField(blank=True, help_text="What the person did")),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("confirmed_at", None)), fields=["id"], name="restore_open")
                ],
            },
        ),
    ]
