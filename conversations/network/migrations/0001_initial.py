import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_initial"),
        ("leads", "0001_initial"),
        ("senders", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Relation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("address", models.TextField(blank=True, db_collation="C")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("none", "No relation"),
                            ("pending", "Invited"),
                            ("connected", "Connected"),
                            ("withdrawn", "Invitation withdrawn or declined"),
                            ("ignored", "Invitation ignored"),
                        ],
                        default="none",
                    ),
                ),
                ("invited_at", models.DateTimeField(blank=True, null=True)),
                ("connected_at", models.DateTimeField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("check_count", models.PositiveSmallIntegerField(default=0)),
                ("next_check_at", models.DateTimeField(blank=True, null=True)),
                (
                    "invitation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="conversations.message",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="network_relations", to="leads.lead"
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="network_relations",
                        to="senders.sender",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["sender", "next_check_at"],
                        name="network_relation_due",
                    ),
                    models.Index(fields=["sender", "address"], name="network_relation_address"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("lead", "sender"), name="network_relation_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["connected", "ignored", "none", "pending", "withdrawn"])),
                        name="network_channel_relation_state_known",
                    ),
                ],
            },
        ),
    ]
