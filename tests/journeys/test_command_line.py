"""The whole loop by command line, on real servers: from a CSV file to a report, by e-mail and by SMS."""

from __future__ import annotations

import json
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign, Candidate
from conversations.consent.models import Suppression
from conversations.inbound import mailboxes
from conversations.models import Conversation, Message
from conversations.replies import services as replies
from conversations.replies.models import Suggestion
from conversations.senders.models import Sender
from leads.models import Identity
from outreach.access.models import User
from outreach.core import clock
from outreach.jobs.draining import drain
from outreach.prompts.services import sync_packs
from tests.servers.fake_twilio import ACCOUNT_SID, AUTH_TOKEN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reaches_fakes")]
OUR_NUMBER = "+4915735980000"
COMPANIES = """Company;Country;City;Industry;Employees;Website
Nordwind GmbH;DE;Hamburg;Logistics;80;https://nordwind-journey.de
Südstern AG;DE;München;Logistics;120;https://suedstern-journey.de
"""
PEOPLE = """First name;Last name;Position;Company;Email;Phone;Country;Language;Time zone
Anna;Berg;Head of Operations;Nordwind GmbH;anna@nordwind-journey.de;+49 1512 3456701;DE;en;Europe/Berlin
Ben;Ahrens;Head of Logistics;Nordwind GmbH;ben@nordwind-journey.de;+49 1512 3456702;DE;en;Europe/Berlin
Carla;Dorn;Head of Operations;Südstern AG;carla@suedstern-journey.de;+49 1512 3456703;DE;en;Europe/Berlin
Dirk;Ebert;Intern;Südstern AG;dirk@suedstern-journey.de;+49 1512 3456704;DE;en;Europe/Berlin
Broken;Row;Head of Nothing;Südstern AG;not an address;;DE;en;Europe/Berlin
"""


@pytest.fixture
def run(capsys):
    def call(command: str, *arguments: Any) -> list[dict[str, Any]]:
        capsys.readouterr()
        call_command(command, *[str(argument) for argument in arguments], "--json")
        return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]

    return call


@pytest.fixture
def files(tmp_path):
    def write(name: str, content: Any) -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def stage(run, files, live_server, settings, smtp_sink, mailbox, fake_twilio):
    """Packs, a person who approves, a mailbox and a number that are verified for real."""
    settings.PUBLIC_BASE_URL = live_server.url
    settings.OUTREACH.company.postal_address = "1 Harbour Street, Bremen"
    sync_packs()
    User.objects.create_user(username="rita", role="reviewer")
    imap = {k: v for k, v in mailbox.settings.items() if k != "timeout_seconds"}
    options = {"host": "127.0.0.1", "port": smtp_sink.port, "security": "plain", **imap}
    arguments = [part for key, value in options.items() for part in ("--setting", f"{key}={value}")]
    run(
        "sender", "create", "Mailbox", "--adapter", "smtp", "--address", "rita@outreach-journey.de", "--display-name", "Rita Vogel", *arguments,
        "--credential", f"imap_password={mailbox.password}",
    )  # fmt: skip
    run(
        "sender", "create", "Number", "--adapter", "twilio", "--channel", "sms", "--address", OUR_NUMBER, "--display-name", "Rita Vogel",
        "--setting", f"account_sid={ACCOUNT_SID}", "--setting", f"base_url={fake_twilio.url}",
        "--setting", "segments_per_minute=6000", "--credential", f"auth_token={AUTH_TOKEN}",
    )  # fmt: skip
    for name in ("Mailbox", "Number"):
        assert run("sender", "verify", name)[0]["state"] == "active"
    mailboxes.poll_all()


def test_from_a_file_to_a_report(stage, run, files, smtp_sink, mailbox, fake_twilio):
    # companies and people come in; the broken row is told, not lost
    run("company", "import", files("companies.csv", COMPANIES), "--source", "fair")
    imported = run("employee", "import", files("people.csv", PEOPLE), "--source", "fair")[-1]
    assert (imported["created"], imported["rejected"]) == (4, 1), imported

    # a segment, a brief, a campaign with one message by e-mail and one by SMS
    criteria = {"all": [{"field": "company.industry", "operator": "equals", "value": "Logistics"}]}
    run("segment", "create", files("segment.json", criteria), "--name", "Logistics")
    assert run("segment", "count", "Logistics")[0]["count"] == 4
    factors = {
        "keywords": {"wanted": ["operations", "logistics"], "excluded": ["intern"]},
        "place": {"countries": ["DE"]},
    }
    run("brief", "create", files("brief.json", {"name": "Heads", "description": "Heads", "factors": factors}))
    created = run(
        "campaign", "create", "Fair", "--segment", "Logistics", "--brief", "Heads",
        "--step", "Mailbox:first-contact-email", "--step", "Mailbox:follow-up-email:3",
        "--goal", "A call of 20 minutes", "--offer", "a review of your dispatch in one day",
        "--booking-url", "https://booking.outreach-journey.de/rita",
    )[0]  # fmt: skip
    text = run(
        "campaign", "create", "Fair by text", "--segment", "Logistics", "--step", "Number:first-contact-sms",
        "--offer", "a review of your dispatch in one day",
    )[0]  # fmt: skip
    assert created["state"] == text["state"] == "drafting"

    # matching, judging, writing, approving
    assert run("campaign", "freeze", "Fair")[0]["added"] == 4
    assert run("campaign", "qualify", "Fair", "--wait")[0]["state"] == "done"
    stages = dict(Candidate.objects.filter(campaign__name="Fair").values_list("lead__first_name", "stage"))
    assert stages == {"Anna": "qualified", "Ben": "qualified", "Carla": "qualified", "Dirk": "disqualified"}
    assert all(Candidate.objects.filter(campaign__name="Fair").values_list("stage_reason", flat=True))
    assert run("campaign", "generate-drafts", "Fair", "--wait")[0]["state"] == "done"
    drafts = run("campaign", "review", "Fair")
    problems = Candidate.objects.filter(campaign__name="Fair").values_list("problem", flat=True)
    assert len(drafts) == 3 * 2 * 2, list(problems)  # people, steps, variants
    with pytest.raises(CommandError):
        run("campaign", "start", "Fair")  # nothing is approved yet
    assert run("campaign", "approve", "Fair", "--all", "--user", "rita", "--wait")[0]["approved"] == 6
    assert run("campaign", "start", "Fair", "--wait")[0]["state"] == "done"

    # sent over SMTP, each once, as it was approved
    send()
    mails = {mail["To"]: mail for mail in smtp_sink.messages}
    assert set(mails) == {"anna@nordwind-journey.de", "ben@nordwind-journey.de", "carla@suedstern-journey.de"}
    assert len(smtp_sink.messages) == 3
    follow_ups = Message.objects.filter(draft__step__number=2)
    assert follow_ups.count() == 3 and all(m.follows_id and m.subject.startswith("Re: ") for m in follow_ups)

    # Anna is interested, Ben opts out; both answers come by IMAP
    mailbox.deliver(answer(mails["anna@nordwind-journey.de"], "Sounds good. Could we have a call on Thursday at 11?"))
    mailbox.deliver(answer(mails["ben@nordwind-journey.de"], "Please remove me from your list."))
    mailboxes.poll_all()
    drain()
    anna, ben = person("anna@nordwind-journey.de"), person("ben@nordwind-journey.de")
    assert (stage_of(anna, "Fair"), stage_of(ben, "Fair")) == ("replied", "lost")
    assert {m.lead.first_name: m.state for m in follow_ups.select_related("lead")} == {
        "Anna": "cancelled",
        "Ben": "cancelled",
        "Carla": "scheduled",
    }
    assert Suppression.objects.filter(lead=ben, reason="opt_out", lifted_at=None).exists()

    # the opt-out holds on the other channel too: Ben is not even in the audience of the text campaign
    # and those who hear from the first campaign are left out until somebody wants them twice
    frozen = run("campaign", "freeze", "Fair by text")[0]
    assert (frozen["added"], frozen["suppressed"], frozen["elsewhere"]) == (1, 1, 2)
    frozen = run("campaign", "freeze", "Fair by text", "--keep-busy")[0]
    assert (frozen["added"], frozen["suppressed"], frozen["elsewhere"]) == (2, 1, 0)
    run("campaign", "generate-drafts", "Fair by text", "--wait")
    run("campaign", "approve", "Fair by text", "--all", "--user", "rita")
    run("campaign", "start", "Fair by text", "--wait")
    send()
    assert not fake_twilio.messages  # nobody agreed to texts
    held = run("message", "list", "--state", "skipped")
    assert {row["refused_by"] for row in held} == {"consented"}
    agreed = [["address", "basis", "source"]] + [[row["address"], "express", "badge scan at the fair"] for row in held]
    consents = run("consent", "import", files("consents.csv", "\n".join(",".join(row) for row in agreed)))
    assert consents[-1] == {"recorded": 3, "rejected": 0}
    for row in held:
        run("message", "retry", str(row["id"]), "--reason", "They agreed at the fair.")
    send()
    assert {m["to"] for m in fake_twilio.messages.values()} == {
        "+4915123456701", "+4915123456703", "+4915123456704",
    }  # fmt: skip
    fake_twilio.wait_for_callbacks(9)
    drain()

    # Carla asks, Dirk writes STOP; both come by Twilio's webhook, one of them twice
    number = Sender.objects.get(name="Number")
    from conversations.channels.sms import callbacks

    url = callbacks.inbound_url(number.pk)
    assert fake_twilio.inbound(url, sender="+4915123456703", to=OUR_NUMBER, body="How much is it?", times=2) == [
        200,
        200,
    ]
    assert fake_twilio.inbound(url, sender="+4915123456704", to=OUR_NUMBER, body="STOP") == [200]
    drain()
    carla, dirk = person("carla@suedstern-journey.de"), person("dirk@suedstern-journey.de")
    assert (stage_of(carla, "Fair by text"), stage_of(dirk, "Fair by text")) == ("replied", "lost")
    assert Message.objects.filter(lead=carla, direction="in").count() == 1
    assert Suppression.objects.filter(lead=dirk, lifted_at=None).exists()

    # the answer is suggested, a person sends it, in thread
    suggestion = Suggestion.objects.get(conversation__lead=anna, state="proposed")
    replies.use_suggestion(suggestion=suggestion, user=User.objects.get(username="rita"))
    Message.objects.filter(lead=anna).waiting().update(scheduled_at=clock.now())  # the seconds to undo it have passed
    send()
    last = smtp_sink.messages[-1]
    assert last["To"] == "anna@nordwind-journey.de" and last["In-Reply-To"]
    assert Conversation.objects.get(lead=anna).waiting_since is None

    # the report
    report = {row["name"]: row for row in run("campaign", "report")}
    assert (
        report["Fair"]["sent"],
        report["Fair"]["replied"],
        report["Fair"]["positive"],
        report["Fair"]["opted_out"],
    ) == (3, 2, 1, 1)
    assert (report["Fair by text"]["delivered"], report["Fair by text"]["information"]) == (3, 1)
    by_provider = {row["key"]: row["messages"] for row in run("campaign", "report", "--by", "provider")}
    assert (by_provider["smtp"], by_provider["twilio"]) == (3, 3)
    assert Campaign.objects.get(name="Fair").state == "sending"


def send() -> None:
    """What the schedules do every few seconds."""
    from conversations.dispatch import sending

    mailboxes.poll_all()
    for _round in range(3):
        sending.send_due()
        drain()


def answer(mail: Any, text: str) -> bytes:
    """A reply as a mail program writes it: in thread, with our text quoted below."""
    reply = EmailMessage()
    reply["From"], reply["To"] = mail["To"], mail["From"]
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["Message-ID"] = f"<{hash(text) & 0xFFFFFFFF:x}@nordwind-journey.de>"
    reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
    body = mail.get_body(("plain",)) if hasattr(mail, "get_body") else None
    original = body.get_content() if body else "Hello"
    quoted = "\n".join(f"> {line}" for line in original.splitlines())
    reply.set_content(f"{text}\n\nOn Monday Rita wrote:\n{quoted}\n")
    return bytes(reply)


def person(address: str) -> Any:
    return Identity.objects.get(address=address).lead


def stage_of(lead: Any, campaign: str) -> str:
    return Candidate.objects.get(lead=lead, campaign__name=campaign).stage
