"""The sender pages on the screen: allowance, health, warm-up, the drawn workday, at every width and in both colours."""

import pytest
from playwright.sync_api import expect

from conversations.senders import guarding
from conversations.senders.discovery import Endpoint, MailServers
from conversations.senders.models import Sender
from outreach.core import clock
from outreach.limits.models import Allowance
from tests.conversations.factories import make_message, make_sender, make_stream
from tests.servers.smtp_sink import Options, SmtpSink

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = {"days": [0, 1, 2, 3, 4, 5, 6], "start": "08:00", "end": "18:00"}


@pytest.fixture
def sender():
    sender = make_sender(
        name="Rita at Our Firm", display_name="Rita Vogel", address="rita@ourfirm.de", daily_cap=45, hourly_cap=12,
        weekly_cap=250, gap_seconds=90, warmup_start=5, warmup_step=3, has_workday=True, working_hours=WEEK,
        time_zone="Europe/Berlin", group_limits={"microsoft": 6}, tags=["sales", "germany"], verified_at=clock.now(),
        health={"sent": 212, "bounced": 7, "complained": 0, "factor": 0.75, "sentence": "Bounces: 3.30% (7 of 212 in 7 days)"
                " , close to the limit of 5.00%. Slowed to 75% of its pace."},
    )  # fmt: skip
    Allowance.objects.create(
        key=f"sender:{sender.pk}", usage={"warmup": {"level": 4, "day": "2026-01-05"}, "hours": {}, "minutes": {}}
    )
    stream = make_stream()
    for _ in range(9):
        make_message(sender=sender, stream=stream)
    guarding.slow_down(sender=sender, provider="google", now=clock.now())
    make_sender(
        name="Second box", state="paused", state_reason="Bounces: 6.00% (6 of 100 in 7 days) reached the limit."
    )
    make_sender(name="Office number", channel="sms", tags=["sales"])
    return sender


def test_the_sender_page_says_what_it_may_do_and_why(sender, signed_in_page, screenshot):
    page = signed_in_page("operator", f"/senders/{sender.pk}/")
    expect(page.get_by_text("the lowest")).to_be_visible()
    expect(page.get_by_role("img", name="messages over the day")).to_be_visible()
    page.locator("details.advanced > summary").click()
    expect(page.get_by_role("row", name="Google").get_by_text("Slowed down")).to_be_visible()
    screenshot(page, "sender")
    page.get_by_role("link", name="Other days").click()
    page.wait_for_url("**/workday/")
    page.get_by_role("link", name="Week after").click()
    expect(page.get_by_text("Explanation")).to_be_visible()
    screenshot(page, "sender_workday")


def test_the_list_and_the_form(sender, signed_in_page, screenshot, complaints):
    page = signed_in_page("operator", "/senders/")
    expect(page.get_by_text("sales").first).to_be_visible()
    screenshot(page, "senders")
    page.goto(page.url + f"{sender.pk}/edit/")
    page.get_by_text("Advanced", exact=True).first.click()
    page.get_by_text("Limits and warm-up").click()
    page.get_by_label("Warm-up: messages on the first day").fill("0")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("whole number from 1").first.wait_for()
    complaints.clear()  # the browser logs the status 400 of a form with an error
    page.get_by_label("Warm-up: messages on the first day").fill("7")
    page.get_by_label("Messages in 24 hours").fill("0")
    screenshot(page, "sender_form")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("It cannot send").first.wait_for()


def test_draining_by_the_keyboard(sender, signed_in_page):
    page = signed_in_page("operator", f"/senders/{sender.pk}/")
    page.get_by_role("button", name="Stop after queue").focus()
    page.keyboard.press("Enter")
    page.get_by_text("takes no new leads").first.wait_for()


def test_a_mailbox_is_added_from_its_card_with_address_and_password(
    signed_in_page, screenshot, complaints, monkeypatch
):
    with SmtpSink(Options(username="me@ourfirm.de", password="right")) as sink:
        found = MailServers(Endpoint("127.0.0.1", sink.port, "plain"), None, "", "Servers of the test", "app_password")
        monkeypatch.setattr("conversations.senders.discovery.find", lambda address: found)
        page = signed_in_page("operator", "/senders/")
        page.get_by_role("link", name="Add a sender").first.click()
        screenshot(page, "sender-choice")
        page.get_by_role("link", name="Other mailbox").click()
        page.get_by_label("E-mail address").fill("me@ourfirm.de")
        page.get_by_label("Password", exact=False).first.fill("wrong")
        page.get_by_role("button", name="Sign in and add").click()
        expect(page.locator(".error-summary")).to_contain_text(
            "The server refused the password. This provider needs an"
        )
        screenshot(page, "sender-refused")
        page.get_by_text("Advanced", exact=True).first.click()
        page.get_by_text("Servers", exact=False).first.click()
        expect(page.get_by_label("SMTP server")).to_have_value("127.0.0.1")
        page.get_by_label("Password", exact=False).first.fill("right")
        page.get_by_role("button", name="Sign in and add").click()
        expect(page.get_by_text("Now send yourself a test message")).to_be_visible()
    sender = Sender.objects.get()
    assert (sender.state, sender.name, sender.warmup_start, sender.has_workday) == ("active", "me@ourfirm.de", 5, True)
    complaints.clear()  # the browser logs the status of a form with a fault
