import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("candidate_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Zone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField(unique=True)),
                ("built_at", models.DateTimeField(blank=True, help_text="Empty: not counted yet", null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Known",
            fields=[
                ("candidate_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("campaign", models.BigIntegerField()),
                ("stage", models.TextField(db_collation="C")),
                ("industry", models.TextField(db_collation="C")),
                ("country", models.TextField(db_collation="C")),
                ("outcomes", models.IntegerField(default=0, help_text="Bits of what came of them at all")),
                ("cents", models.BigIntegerField(default=0)),
                ("replied_at", models.DateTimeField(null=True)),
                ("positive_at", models.DateTimeField(null=True)),
                ("booked_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["campaign", "candidate_id"], name="known_campaign"),
                    models.Index(fields=["country", "candidate_id"], name="known_country"),
                    models.Index(fields=["industry", "candidate_id"], name="known_industry"),
                    models.Index(condition=models.Q(("outcomes__gte", 4)), fields=["candidate_id"], name="known_rare"),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownMessage",
            fields=[
                ("message_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("candidate_id", models.BigIntegerField(db_index=True)),
                ("at", models.DateTimeField()),
                ("sender", models.TextField(db_collation="C")),
                ("provider", models.TextField(db_collation="C")),
                ("channel", models.TextField(db_collation="C")),
                ("step", models.TextField(db_collation="C")),
                ("text", models.TextField(db_collation="C")),
                ("variant", models.TextField(db_collation="C")),
                ("language", models.TextField(db_collation="C")),
                ("model", models.TextField(db_collation="C")),
                ("reviewer", models.TextField(db_collation="C")),
                ("arm", models.TextField(db_collation="C")),
                ("outcomes", models.IntegerField(default=0, help_text="Bits of what came of this message")),
                ("cents", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at"], name="known_message_at"),
                    models.Index(condition=models.Q(("outcomes__gte", 4)), fields=["at"], name="known_message_rare"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PeopleCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("messages", models.IntegerField(default=0)),
                ("contacted", models.IntegerField(default=0)),
                ("delivered", models.IntegerField(default=0)),
                ("bounced", models.IntegerField(default=0)),
                ("opened", models.IntegerField(default=0)),
                ("clicked", models.IntegerField(default=0)),
                ("replied", models.IntegerField(default=0)),
                ("positive", models.IntegerField(default=0)),
                ("information", models.IntegerField(default=0)),
                ("negative", models.IntegerField(default=0)),
                ("booked", models.IntegerField(default=0)),
                ("held", models.IntegerField(default=0)),
                ("opted_out", models.IntegerField(default=0)),
                ("won", models.IntegerField(default=0)),
                ("cents", models.BigIntegerField(default=0, help_text="Value of what was won")),
                ("dimension", models.TextField(db_collation="C", help_text="Empty: not divided")),
                ("campaign", models.BigIntegerField()),
                ("key", models.TextField(db_collation="C")),
                ("stage", models.TextField(db_collation="C")),
                ("people", models.IntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dimension", "campaign", "key", "stage"), name="rollup_people_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DayCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("messages", models.IntegerField(default=0)),
                ("contacted", models.IntegerField(default=0)),
                ("delivered", models.IntegerField(default=0)),
                ("bounced", models.IntegerField(default=0)),
                ("opened", models.IntegerField(default=0)),
                ("clicked", models.IntegerField(default=0)),
                ("replied", models.IntegerField(default=0)),
                ("positive", models.IntegerField(default=0)),
                ("information", models.IntegerField(default=0)),
                ("negative", models.IntegerField(default=0)),
                ("booked", models.IntegerField(default=0)),
                ("held", models.IntegerField(default=0)),
                ("opted_out", models.IntegerField(default=0)),
                ("won", models.IntegerField(default=0)),
                ("cents", models.BigIntegerField(default=0, help_text="Value of what was won")),
                ("dimension", models.TextField(db_collation="C", help_text="Empty: not divided")),
                ("campaign", models.BigIntegerField(help_text="0: all campaigns")),
                ("day", models.DateField()),
                ("key", models.TextField(db_collation="C")),
                ("before", models.DateField()),
                (
                    "zone",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="rollups.zone"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("zone", "dimension", "campaign", "day", "key", "before"), name="rollup_day_once"
                    )
                ],
            },
        ),
    ]
