from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Host",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origin", models.TextField(db_collation="C", unique=True)),
                ("robots_text", models.TextField(blank=True)),
                (
                    "robots_status",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="HTTP status of robots.txt; 0 if it could not be reached", null=True
                    ),
                ),
                ("robots_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0, help_text="Consecutive failures")),
                ("opened_until", models.DateTimeField(blank=True, help_text="No request before this time", null=True)),
                ("last_error", models.TextField(blank=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "web host",
                "verbose_name_plural": "web hosts",
                "ordering": ["-updated_at"],
            },
        ),
    ]
