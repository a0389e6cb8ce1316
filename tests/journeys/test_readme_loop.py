"""The README's loop, literally: a browser does what its steps say, in their own words, until the first reply is on screen.

A step's words are instructions: **A → B** is clicked, _Field_ “value” is filled in or chosen, `a/file.csv` is the file
to choose. What the README says and what the product shows can therefore not drift apart.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings as project
from playwright.sync_api import Locator, Page, expect

from campaigns.demo import services as demo
from campaigns.demo.sandbox import recorder
from campaigns.demo.sandbox.models import SandboxEvent
from campaigns.models import Campaign
from conversations.dispatch import sending
from conversations.models import Message
from leads.models import Lead
from outreach.core import clock
from outreach.jobs.draining import drain

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
README = Path(project.BASE_DIR) / "README.md"
MOST_CLICKS, MOST_DECISIONS, MOST_SECONDS = 15, 6, 120
TOKEN = re.compile(r"\*\*(?P<press>[^*]+)\*\*|_(?P<field>[^_]+)_ “(?P<value>[^”]+)”|`(?P<file>[\w./-]+\.csv)`")
SIGN_IN = {"Username", "Password"}
"""Fields that nobody decides about."""


@dataclass
class Tally:
    """What the loop costs a person, and the machine."""

    clicks: int = 0
    decisions: int = 0
    typed: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def steps() -> list[str]:
    """The numbered steps of the section “The loop in two minutes”, each on one line."""
    section = README.read_text(encoding="utf-8").split("## The loop in two minutes", 1)[1].split("\n## ", 1)[0]
    found = re.split(r"\n(?=\d+\. )", section)[1:]
    return [" ".join(step.split("\n\n", 1)[0].split()) for step in found]


def instructions(step: str) -> Iterator[re.Match[str]]:
    yield from TOKEN.finditer(step)


class Reader:
    """A person who follows the README at the mouse."""

    def __init__(self, page: Page) -> None:
        self.page, self.tally, self.has_chosen_variant = page, Tally(), False

    def follow(self, step: str) -> None:
        for found in instructions(step):
            if found["press"]:
                for label in found["press"].split(" → "):
                    self.press(label)
            elif found["field"]:
                self.fill(found["field"], found["value"])
            else:
                self.tally.decisions += 1
                self.page.locator("input[type=file]").first.set_input_files(Path(project.BASE_DIR) / found["file"])

    def press(self, label: str) -> None:
        self.tally.clicks += 1
        if label.startswith("Approve") and not self.has_chosen_variant:
            self.has_chosen_variant = True  # the same one for every group
            self.tally.decisions += 1
        self.control(label).click()
        self.page.wait_for_load_state()
        self.page.wait_for_timeout(250)
        expect(self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
        self.work()

    def control(self, label: str) -> Locator:
        """The link, button or tick called `label`: in the page first, then in the navigation around it."""
        name = re.compile(rf"^\s*{re.escape(label)}(\s+\d+\+?)?(\s+\w)?\s*$")
        for place in (self.page.locator("main"), self.page.locator("body")):
            for role in ("button", "link", "checkbox"):
                candidates = place.get_by_role(role, name=name)  # type: ignore[arg-type]
                for number in range(candidates.count()):
                    if candidates.nth(number).is_visible():
                        return candidates.nth(number)
        raise AssertionError(
            f"“{label}” is nowhere on {self.page.url}: {self.page.locator('main').inner_text()[:1500]}"
        )

    def fill(self, label: str, value: str) -> None:
        control = self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}(\s+optional)?\s*$")).first
        self.tally.typed += 1
        self.tally.decisions += label not in SIGN_IN
        if control.evaluate("element => element.tagName") == "SELECT":
            self.tally.clicks += 1
            option = control.locator("option", has_text=value).first
            control.select_option(option.get_attribute("value"))
        else:
            control.fill(value)

    def work(self) -> None:
        """What workers do meanwhile: the page that waits for them shows it when it is loaded again."""
        if drain():
            self.page.reload()


@pytest.mark.long
def test_the_loop_of_the_readme(page, live_server, settings, screenshot):
    settings.DEMO = True
    settings.PUBLIC_BASE_URL = live_server.url
    demo.load()
    reader = Reader(page)
    page.goto(live_server.url + "/")
    told = steps()
    began = time.monotonic()
    replier: Lead | None = None
    for number, step in enumerate(told, start=1):
        reader.follow(step)
        screenshot(page, f"readme-{number}")
        if Campaign.objects.sending().filter(is_demo=False).exists() and "started" not in reader.tally.seconds:
            reader.tally.seconds["started"] = round(time.monotonic() - began, 1)
            assert reader.tally.clicks <= MOST_CLICKS
            replier = let_the_first_reply_come(reader, clock.now())
    store(reader.tally)
    expect(page.locator("main")).to_contain_text(str(replier))
    assert reader.tally.decisions <= MOST_DECISIONS


def let_the_first_reply_come(reader: Reader, started_at: datetime) -> Lead:
    """Messages leave at once; the first answer is due within two minutes, and the test does not sit them out.

    Returns who answered; an out-of-office reply is none.
    """
    campaign = Campaign.objects.get(is_demo=False)
    for _round in range(3):
        sending.send_due()
        drain()
    assert Message.objects.filter(stream=campaign.stream, sent_at__isnull=False).exists()
    answer = SandboxEvent.objects.filter(message__stream=campaign.stream, kind="reply").earliest("due_at")
    reader.tally.seconds["first reply"] = round((answer.due_at - started_at).total_seconds(), 1)
    assert reader.tally.seconds["first reply"] <= MOST_SECONDS
    SandboxEvent.objects.filter(message=answer.message).update(due_at=clock.now())
    for _round in range(3):
        recorder.play_due()
        drain()
    assert Message.objects.received().filter(lead=answer.message.lead).exists()
    assert answer.message.lead is not None
    return answer.message.lead


def store(tally: Tally) -> None:
    """For the manual: var/readme-loop.json, and on the terminal with `pytest -s`."""
    path = Path(project.BASE_DIR) / "var" / "readme-loop.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(vars(tally), indent=2) + "\n")
    print(f"\nclicks {tally.clicks}, decisions {tally.decisions}, fields {tally.typed}, seconds {tally.seconds}")


def test_every_step_tells_what_to_press():
    assert len(steps()) >= 4
    for step in steps():
        assert any(found["press"] for found in instructions(step)), step
