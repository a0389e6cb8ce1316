"""The doors of senders: pages, API, commands and admin reach the same services and say the same."""

import json
from contextlib import redirect_stdout
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from conversations.models import Message
from conversations.senders.models import Sender
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from tests.conversations.factories import make_message, make_sender

pytestmark = pytest.mark.django_db
WEEK = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}


@pytest.fixture
def operator(client):
    client.force_login(User.objects.create_user("olga", role=Role.OPERATOR))
    return client


@pytest.fixture
def viewer(client):
    client.force_login(User.objects.create_user("vera", role=Role.VIEWER))
    return client


def command(*arguments):
    out = StringIO()
    with redirect_stdout(out):
        call_command("sender", *arguments, "--json")
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
def sender():
    return make_sender(
        name="Mailbox", daily_cap=40, hourly_cap=12, warmup_start=6, warmup_step=3, has_workday=True, working_hours=WEEK,
        time_zone="Europe/Berlin", group_limits={"google": 8}, tags=["sales"], verified_at=clock.now(),
        health={"sent": 200, "bounced": 7, "factor": 0.7, "sentence": "Bounces: 3.50%"},
    )  # fmt: skip


class TestPages:
    def test_the_page_shows_each_part_health_ramp_workday_and_providers(self, viewer, sender):
        page = viewer.get(reverse("senders:detail", args=[sender.pk])).content.decode()
        for text in ("Warm-up", "the lowest", "3.50%", "7", "Google", "Other days", "next possible time"):
            assert text in page
        assert 'style="' not in page

    @pytest.mark.parametrize("kind", ["message", "status"])
    def test_the_addresses_to_enter_at_twilio_are_shown(self, viewer, settings, kind):
        settings.PUBLIC_BASE_URL = "https://outreach.example"
        sender = make_sender(channel="sms", address="+4930901820")
        path = reverse(f"inbound:twilio_{kind}", args=[sender.pk])
        page = viewer.get(reverse("senders:detail", args=[sender.pk])).content.decode()
        assert f"https://outreach.example{path}" in page

    def test_the_workday_is_drawn_for_any_day(self, viewer, sender):
        url = reverse("senders:workday", args=[sender.pk])
        monday = viewer.get(url, {"day": "2026-03-02"}).content.decode()
        assert "<svg" in monday
        assert "Lunch" in monday
        assert "Not working on this day" in viewer.get(url, {"day": "2026-03-01"}).content.decode()
        assert viewer.get(url, {"day": "nonsense"}).status_code == 200

    def test_a_sender_that_always_works_has_no_day_to_draw(self, viewer):
        sender = make_sender()
        page = viewer.get(reverse("senders:detail", args=[sender.pk])).content.decode()
        assert "No working hours" in page

    def test_only_operators_drain_move_and_delete(self, viewer, sender):
        for name in ("drain", "rehome", "deletion", "verification"):
            assert viewer.post(reverse(f"senders:{name}", args=[sender.pk])).status_code == 403

    def test_drain_move_and_delete_by_hand(self, operator, sender):
        other = make_sender(tags=["sales"])
        message = make_message(sender=sender)
        operator.post(reverse("senders:drain", args=[sender.pk]), {"reason": "Leaving"})
        sender.refresh_from_db()
        assert (sender.state, sender.state_reason) == ("draining", "Leaving")
        operator.post(reverse("senders:rehome", args=[sender.pk]), {"pool": "sales"})
        assert Message.objects.get(pk=message.pk).sender == other
        answer = operator.post(reverse("senders:deletion", args=[sender.pk]))
        assert answer.url == reverse("senders:list")
        assert not Sender.objects.filter(pk=sender.pk).exists()

    def test_the_form_keeps_pace_limits_and_tags(self, operator, sender):
        url = reverse("senders:edit", args=[sender.pk])
        form = operator.get(url).context["form"]
        values = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
        values |= {"setting_host": "127.0.0.1", "group_google": 5, "tags": "Sales, DE", "warmup_start": 9}
        assert operator.post(url, values).status_code == 302, operator.post(url, values).context["form"].errors
        sender.refresh_from_db()
        assert (sender.group_limits, sender.tags, sender.warmup_start) == ({"google": 5}, ["sales", "de"], 9)
        assert sender.has_workday
        wrong = operator.post(url, {**values, "group_google": 0})
        assert wrong.status_code == 422

    def test_the_list_takes_few_queries_however_many_senders(self, viewer, django_assert_max_num_queries):
        for _ in range(20):
            make_sender()
        viewer.get(reverse("senders:list"))
        with django_assert_max_num_queries(12):
            viewer.get(reverse("senders:list"))


class TestApi:
    def test_allowance_health_and_workday_are_read_by_viewers(self, viewer, sender):
        base = f"/api/v1/senders/{sender.pk}"
        allowance = viewer.get(f"{base}/allowance/").json()
        assert {part["name"]: part["number"] for part in allowance["parts"]} == {"cap": 40, "warmup": 6, "health": 4}
        assert allowance["allowance"] == allowance["left"] == 4
        assert allowance["ramp"][0] == {"number": 1, "allowance": 6, "is_done": False, "is_today": True}
        health = viewer.get(f"{base}/health/").json()
        assert health["is_judged"]
        assert {finding["figure"] for finding in health["findings"]} == {"complained", "bounced"}
        day = viewer.get(f"{base}/workday/?day=2026-03-02").json()
        assert "09:00" <= day["start"] < day["lunch"][0] < day["lunch"][1] < day["end"] <= "17:00"
        assert len(day["sends"]) == 4
        assert viewer.get(f"{base}/workday/?day=x").status_code == 400

    def test_drain_rehome_and_delete(self, operator, sender):
        other = make_sender(name="Other")
        make_message(sender=sender)
        base = f"/api/v1/senders/{sender.pk}/"
        assert operator.post(f"{base}drain/").json()["state"] == "draining"
        moved = operator.post(f"{base}rehome/", {"reason": "x"}, content_type="application/json").json()
        assert moved == {"moved": 1, "to_review": 0, "kept": 0, "by_sender": {other.name: 1}}
        assert "deleted" in operator.delete(base).json()["finding"]
        assert operator.get(base).status_code == 404

    def test_nobody_to_take_over_is_an_error_with_its_field(self, operator, sender):
        answer = operator.post(
            f"/api/v1/senders/{sender.pk}/rehome/", {"pool": "none"}, content_type="application/json"
        )
        assert answer.status_code == 400
        assert answer.json()["field"] == "to"


class TestCommand:
    def test_a_sender_is_made_changed_and_explained(self):
        [made] = command(
            "create", "Box", "--adapter", "smtp", "--address", "box@ourfirm.de", "--setting", "host=127.0.0.1",
            "--daily-cap", "0", "--hours", "0-4 09:00-17:00", "--workday", "--limit", "google=20", "--tag", "sales",
        )  # fmt: skip
        assert "cannot send" in made["warnings"][0]
        command("set", "Box", "daily_cap=30", "warmup_start=5", "tags=sales,de", "group_limits=google=10,yahoo=5")
        box = Sender.objects.get()
        assert (box.daily_cap, box.warmup_start, box.tags) == (30, 5, ["sales", "de"])
        assert box.group_limits == {"google": 10, "yahoo": 5}
        assert box.working_hours == WEEK
        rows = {row["part"]: row for row in command("allowance", "Box")}
        assert rows["warmup"]["messages"] == 5
        assert rows["mail to google"]["messages"] == "10 an hour"
        assert "needs a person" in rows["next"]["note"]
        [day] = command("workday", "Box", "--day", "2026-03-02")
        assert day["lunch"]

    def test_health_drain_rehome_and_delete(self, sender):
        other = make_sender(name="Other")
        make_message(sender=sender)
        assert {row["name"] for row in command("health")} == {"Mailbox", "Other"}
        assert command("drain", "Mailbox")[0]["state"] == "draining"
        assert command("rehome", "Mailbox")[0]["by_sender"] == {other.name: 1}
        assert "deleted" in command("delete", "Mailbox")[0]["finding"]

    @pytest.mark.parametrize(
        "arguments", [("workday", "Mailbox", "--day", "x"), ("set", "Mailbox", "daily_cap=-1"), ("drain", "Nobody")]
    )
    def test_mistakes_end_with_a_sentence(self, sender, arguments):
        with pytest.raises((CommandError, SystemExit)):
            command(*arguments)


def test_the_admin_lists_health_and_judges(client, sender):
    client.force_login(User.objects.create_superuser("root", password="x"))
    page = client.get("/admin/senders/sender/").content.decode()
    assert "Bounces: 3.50%" in page
    client.post("/admin/senders/sender/", {"action": "judge", "_selected_action": [sender.pk]})
    sender.refresh_from_db()
    assert "assessed from 50" in sender.health["sentence"]
    client.post("/admin/senders/sender/", {"action": "drain", "_selected_action": [sender.pk]})
    sender.refresh_from_db()
    assert sender.state == "draining"
