import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("leads", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="NetworkAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.TextField(unique=True, verbose_name="name")),
                ("base_url", models.TextField(verbose_name="address of the site")),
                ("username", models.TextField(verbose_name="sign-in name")),
                (
                    "own_public_id",
                    models.TextField(
                        blank=True,
                        db_collation="C",
                        default="",
                        help_text="Public id of the account's own profile, which is never a lead",
                    ),
                ),
                ("credentials_token", models.TextField(blank=True, editable=False)),
                (
                    "session_token",
                    models.TextField(blank=True, editable=False, help_text="Cookies and storage, encrypted"),
                ),
                ("session_saved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "code_token",
                    models.TextField(blank=True, editable=False, help_text="A code entered by a person, encrypted"),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("signed_out", "Not signed in"),
                            ("needs_code", "Code required"),
                            ("ready", "Signed in"),
                            ("paused", "Paused"),
                            ("stopped", "Stopped, needs a person"),
                        ],
                        default="signed_out",
                    ),
                ),
                ("state_reason", models.TextField(blank=True)),
                ("state_code", models.TextField(blank=True, help_text="challenge, credentials, code_needed, …")),
                ("terms_accepted_at", models.DateTimeField(blank=True, null=True)),
                ("terms_accepted_by", models.TextField(blank=True)),
                ("views_a_day", models.PositiveIntegerField(default=60, verbose_name="profiles opened in 24 hours")),
                ("searches_a_day", models.PositiveIntegerField(default=20, verbose_name="result pages in 24 hours")),
                ("invitations_a_day", models.PositiveIntegerField(default=15, verbose_name="invitations in 24 hours")),
                ("invitations_a_week", models.PositiveIntegerField(default=80, verbose_name="invitations in 7 days")),
                ("gap_seconds", models.PositiveIntegerField(default=45, verbose_name="seconds between two actions")),
                ("note_limit", models.PositiveIntegerField(default=200, verbose_name="maximum characters of a note")),
                (
                    "fills_gaps",
                    models.BooleanField(default=False, verbose_name="read discovered profiles between other work"),
                ),
                ("time_zone", models.TextField(default="UTC", verbose_name="time zone")),
                ("working_hours", models.JSONField(blank=True, default=dict)),
                (
                    "limited_until",
                    models.DateTimeField(blank=True, help_text="The site's own limit was reached", null=True),
                ),
                (
                    "next_major_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When something more important than reading profiles is due next",
                        null=True,
                    ),
                ),
                (
                    "message_number",
                    models.BigIntegerField(default=0, help_text="The last message copied from the site"),
                ),
                ("polled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["needs_code", "paused", "ready", "signed_out", "stopped"])),
                        name="network_networkaccount_state_known",
                    ),
                    models.UniqueConstraint(fields=("base_url", "username"), name="network_account_login"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "address",
                    models.TextField(
                        blank=True,
                        db_collation="C",
                        default="",
                        help_text="As the identity on the channel: host/in/public-id",
                    ),
                ),
                ("address_digest", models.TextField(db_collation="C", unique=True)),
                ("public_id", models.TextField(blank=True, db_collation="C", default="")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("discovered", "Discovered"),
                            ("enriched", "Enriched"),
                            ("qualified", "Qualified"),
                            ("disqualified", "Disqualified"),
                            ("pending", "Invited"),
                            ("connected", "Connected"),
                            ("completed", "Written to"),
                            ("failed", "Failed"),
                            ("ignored", "Ignored"),
                        ],
                        default="discovered",
                    ),
                ),
                ("state_reason", models.TextField(blank=True)),
                ("degree", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("found_on", models.TextField(blank=True, help_text="The page that linked to it")),
                ("facts", models.JSONField(blank=True, default=dict, help_text="The parsed profile")),
                ("enriched_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_look_at", models.DateTimeField(blank=True, help_text="When it may be read (again)", null=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="profiles",
                        to="network.networkaccount",
                    ),
                ),
                (
                    "lead",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="network_profile", to="leads.lead"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "discovered")),
                        fields=["account", "next_look_at", "id"],
                        name="network_profile_to_read",
                    ),
                    models.Index(fields=["state", "-id"], name="network_profile_state"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "completed",
                                    "connected",
                                    "discovered",
                                    "disqualified",
                                    "enriched",
                                    "failed",
                                    "ignored",
                                    "pending",
                                    "qualified",
                                ],
                            )
                        ),
                        name="network_networkprofile_state_known",
                    )
                ],
            },
        ),
    ]
