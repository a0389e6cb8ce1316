from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.TextField(unique=True)),
                ("sentence", models.TextField()),
                ("began_at", models.DateTimeField(auto_now_add=True)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("told_count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["began_at"],
            },
        ),
    ]
