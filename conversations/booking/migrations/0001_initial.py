import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BookingPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                (
                    "provider",
                    models.TextField(
                        choices=[("calcom", "Cal.com"), ("calendly", "Calendly")], verbose_name="provider"
                    ),
                ),
                ("secret_token", models.TextField(editable=False)),
                (
                    "last_event_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last event"),
                ),
            ],
            options={
                "verbose_name": "booking page",
                "verbose_name_plural": "booking pages",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("provider__in", ["calcom", "calendly"])),
                        name="booking_bookingpage_provider_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "source",
                    models.TextField(
                        help_text="The provider of a booking page, or calendar for an answered invitation"
                    ),
                ),
                (
                    "external_id",
                    models.TextField(help_text="The call's id at its source; the newest one of a call that moved"),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("booked", "Booked"),
                            ("held", "Held"),
                            ("no_show", "Didn't come"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="booked",
                    ),
                ),
                ("title", models.TextField(blank=True)),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("name", models.TextField(blank=True)),
                ("address", models.TextField(blank=True)),
                ("time_zone", models.TextField(blank=True, help_text="Of the person, IANA name")),
                ("reason", models.TextField(blank=True, help_text="Why it was cancelled, in their words")),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bookings",
                        to="conversations.conversation",
                    ),
                ),
            ],
            options={
                "ordering": ["-starts_at", "-id"],
                "indexes": [models.Index(fields=["conversation", "-starts_at"], name="booking_conversation")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["booked", "cancelled", "held", "no_show"])),
                        name="booking_booking_state_known",
                    ),
                    models.UniqueConstraint(fields=("source", "external_id"), name="booking_once"),
                ],
            },
        ),
    ]
