"""After a restore nothing leaves until a person has said who opted out meanwhile; what was due goes to review."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from conversations.consent.services import is_suppressed
from conversations.dispatch import claiming, gate
from conversations.models import Message
from conversations.resuming import services
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.backups.models import Restore
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from tests.conversations.factories import ACTOR, make_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def restore():
    return Restore.objects.create(backup="outreach-1.backup", taken_at=clock.now() - timedelta(minutes=20))


def test_nothing_leaves_before_a_person_confirms_and_what_was_due_is_reviewed(tick, carrier, restore):
    due = make_message()
    later = make_message(scheduled_at=clock.now() + timedelta(days=1))
    assert tick() == 0
    done = services.resume(restore=restore, opted_out="", releases_due=False, actor=ACTOR)
    assert (done.held_count, carrier.addresses) == (1, [])
    assert tick() == 0
    due.refresh_from_db()
    later.refresh_from_db()
    assert (due.state, later.state) == ("skipped", "scheduled")
    assert "restored from a backup" in due.error


def test_the_gate_itself_refuses_what_was_claimed_before(restore):
    message = make_message()
    (claimed,) = claiming.claim(message.sender, 1)
    assert not gate.pass_gate(claimed)
    assert gate.examine(claimed).refused_by.name == "not_restored"


def test_who_opted_out_meanwhile_stays_opted_out(tick, carrier, restore):
    message = make_message()
    services.resume(restore=restore, opted_out=f"{message.address}\n@gone.example\n", releases_due=True, actor=ACTOR)
    assert tick() == 0
    assert carrier.addresses == []
    assert is_suppressed(channel="email", address="anyone@gone.example")


def test_when_nothing_left_meanwhile_what_is_due_may_go(tick, carrier, restore):
    make_message()
    services.resume(restore=restore, opted_out="", releases_due=True, actor=ACTOR)
    assert tick() == 1


def test_a_line_that_is_no_address_changes_nothing(restore):
    with pytest.raises(Invalid, match="2: “nonsense”"):
        services.resume(restore=restore, opted_out="a@firm.example\nnonsense", releases_due=False, actor=ACTOR)
    assert Restore.objects.open().exists()


def test_only_the_first_confirms(restore):
    services.resume(restore=restore, opted_out="", releases_due=False, actor=ACTOR)
    with pytest.raises(Refused, match="confirmed already"):
        services.resume(restore=restore, opted_out="", releases_due=False, actor=ACTOR)


def test_an_administrator_resumes_on_the_page(client, restore):
    make_message()
    client.force_login(User.objects.create_user("anna", password="a long enough one", role=Role.ADMINISTRATOR))
    assert "Check and resume sending" in client.get(reverse("home")).content.decode()
    address = reverse("resuming:resume")
    assert "1 message is due" in client.get(address).content.decode()
    assert client.post(address, {"opted_out": ""}).status_code == 400, "it has to be checked"
    answer = client.post(address, {"opted_out": "x@firm.example", "is_checked": "on"}, follow=True)
    assert "Opt-outs added: 1. Messages held for review: 1." in answer.content.decode()
    assert Message.objects.problems().count() == 1


def test_an_operator_may_not(client, restore):
    client.force_login(User.objects.create_user("olga", password="a long enough one", role=Role.OPERATOR))
    assert client.get(reverse("resuming:resume")).status_code == 403


def test_the_command_needs_a_yes(restore, capsys):
    with pytest.raises(CommandError, match="confirm with --yes"):
        call_command("sending", "resume")
    call_command("sending", "resume", "--yes", "--json")
    assert '"held":0' in capsys.readouterr().out.replace(" ", "")
