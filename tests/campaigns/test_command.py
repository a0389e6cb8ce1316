import json

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign
from leads.segments.services import save_segment
from tests.campaigns.factories import make_lead, make_sender, make_user

pytestmark = pytest.mark.django_db
EVERYBODY = {"all": [{"field": "lead.country", "operator": "equals", "value": "US"}]}


@pytest.fixture
def run(capsys):
    def call(*arguments):
        call_command("campaign", *arguments, "--json")
        return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]

    return call


def test_from_plan_to_sending(run):
    save_segment(name="All", criteria=EVERYBODY, created_by=None)
    sender, user = make_sender(), make_user()
    make_lead()
    step = f"{sender.name}:first-contact-email"
    created = run(
        "create",
        "Spring",
        "--segment",
        "All",
        "--offer",
        "a review in one afternoon",
        "--step",
        step,
        "--step",
        f"{sender.name}:follow-up-email:3",
    )
    assert created[0]["state"] == "drafting"
    assert run("freeze", "Spring")[0]["added"] == 1
    assert run("generate-drafts", "Spring", "--wait")[0]["state"] == "done"
    drafts = run("review", "Spring", "--state", "")
    assert {row["step"] for row in drafts} == {1, 2}
    assert run("approve", "Spring", "--all", "--user", user.username)[0]["approved"] == 2
    assert run("start", "Spring")[0]["kind"] == "campaign.hand_over"
    assert run("status", "Spring")[0]["state"] == "sending"
    assert run("pause", "Spring")[0]["state"] == "paused"
    assert run("list")[0]["name"] == "Spring"
    assert [row["name"] for row in run("report")] == ["Spring", "total"]
    assert Campaign.objects.get().steps.count() == 2


def test_an_error_is_one_line_and_an_exit_code(run, capsys):
    with pytest.raises(CommandError):
        run("freeze", "Nothing")
    assert "There is no campaign" in capsys.readouterr().err
