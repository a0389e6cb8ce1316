"""Everyone selected: what the list and the one-page start do with 100,000 people, each answer and each job beside a limit."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns.drafts.models import Draft
from campaigns.drafts.services import KIND
from campaigns.models import Campaign, Candidate
from conversations.consent.models import Suppression
from leads.imports.models import Export
from leads.models import Lead
from leads.segments.services import save_segment
from outreach.core.models import Actor
from outreach.events.models import Event
from outreach.jobs import queue
from outreach.jobs.models import JOB, Job
from outreach.jobs.policy import LANES
from outreach.jobs.running import run_claimed
from outreach.jobs.services import cancel
from outreach.prompts.services import sync_packs
from tests.benchmarks import Row, _world
from tests.campaigns.factories import make_campaign, make_sender, make_user

ANSWER_MS, MEMORY_MIB = 1_000.0, 150.0
WRITTEN = 2_000
"""People whose drafts are written: the job is cancelled then, as a person would, since all of them take half an hour."""
EVERYONE = {"everything": "1", "query": ""}


def run(scale: int) -> list[Row]:
    """Five people for each row of `scale`: 100,000 by default."""
    sync_packs()
    _world.fill(5 * scale)
    people = Lead.objects.count()
    client = Client()
    client.force_login(make_user("administrator", is_superuser=True, is_staff=True))
    client.get("/leads/")
    sender = make_sender()
    added_to = make_campaign()
    world = _World(client, people)
    act = reverse("leads:bulk")
    world.step("tag everyone", act, {**EVERYONE, "action": "tag", "tag-tags": "spring"})
    assert Lead.objects.filter(tags__contains=["spring"]).count() == people
    world.step(
        "add everyone to a campaign",
        act,
        {**EVERYONE, "action": "campaign", "campaign-campaign": added_to.pk, "campaign-busy": "on"},
    )
    assert Candidate.objects.filter(campaign=added_to).count() == people
    Campaign.objects.filter(pk=added_to.pk).update(state="archived")
    world.step("export everyone", reverse("leads:bulk-export"), {**EVERYONE, "format": "csv"})
    assert Export.objects.get().row_count in {None, people}
    _start(world, sender.pk)
    world.step("exclude everyone", act, {**EVERYONE, "action": "exclude", "exclude-reason": "manual"})
    assert Suppression.objects.in_force().count() == people
    return world.rows


def _start(world: _World, sender: int) -> None:
    """From the one page to a sending campaign."""
    segment = save_segment(
        name="All",
        criteria={"all": [{"field": "lead.tags", "operator": "has_tag", "value": "spring"}]},
        created_by=None,
    )
    url = f"{reverse('campaigns:quick_start')}?segment={segment.segment_id}"
    world.page("one-page start", url)
    given = {
        "audience": f"segment:{segment.segment_id}", "name": "Everyone", "offer": "a review in one day", "sender": sender,
        "hours": "always", "keeps_busy": "on",
    }  # fmt: skip
    world.page("one-page start, as its fields change", reverse("campaigns:audience_summary"), given)
    world.step("start a campaign with everyone: its people and their drafts", url, given)
    campaign = Campaign.objects.get(name="Everyone")
    assert campaign.candidates.count() == world.people
    written = Draft.objects.filter(candidate__campaign=campaign).values("candidate").distinct().count()
    assert min(world.people, WRITTEN) <= written <= world.people
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE drafts_draft, campaigns_candidate")
    review = reverse("drafts:review", args=[campaign.pk])
    world.page("review stack", review)
    for number in range(1, 4):
        item = world.client.get(review, {"place": 1_000_000}).context.get("item")
        if item is None:
            break
        data = {"step": item.step_id, "shape": item.shape, "upto": item.last, "variant": "direct"}
        world.step(
            f"approve group {number} of {item.size:,}",
            reverse("drafts:group_approval"),
            {**data, "stack": f"campaign={campaign.pk}"},
            HTTP_HX_REQUEST="true",
        )
        if item.size < 500:
            break
    detail = reverse("campaigns:detail", args=[campaign.pk])
    world.page("the campaign's page, ready", detail)
    world.step("start sending", reverse("campaigns:start", args=[campaign.pk]), {})
    world.page("the campaign's page, sending", detail)


class _World:
    """A person at the list: what each click answers, and what is worked off behind it."""

    def __init__(self, client: Client, people: int) -> None:
        self.client, self.people, self.rows = client, people, list[Row]()

    def page(self, name: str, url: str, data: dict[str, Any] | None = None) -> None:
        self.client.get(url, data)
        took, answer = _timed(lambda: self.client.get(url, data))
        assert answer.status_code == 200, (url, answer.status_code)
        self._answer(f"{name} ({len(answer.content) / 1024:.0f} KB)", took)

    def step(self, name: str, url: str, data: dict[str, Any], **headers: Any) -> None:
        """Post, then do the work behind it; what the person reads is printed."""
        took, answer = _timed(lambda: self.client.post(url, data, **headers))
        assert answer.status_code in {200, 302}, (url, answer.status_code, answer.content[:2000])
        self._answer(name, took)
        if "Location" in answer.headers:
            print(f"  {name} → {_seen(self.client.get(answer.headers['Location']).content.decode())}")
        before = _resident()
        with _Peak() as peak:
            took, _nothing = _timed(_work)
        more = max(0.0, peak.most - before)
        last = Job.objects.order_by("pk").last()
        print(
            f"  … {took / 1000:.0f} s, {more:.0f} MiB: {last and last.kind}: {last and last.state} {last and last.outcome} {last and last.error}"
        )
        assert not Job.objects.filter(state="failed").exists()
        self.rows.append(
            Row(
                f"{name}: behind it, {took / 1000:.0f} s",
                more,
                "MiB",
                MEMORY_MIB,
                more / MEMORY_MIB,
                "≤ 150 MiB more",
                more <= MEMORY_MIB,
            )
        )

    def _answer(self, name: str, took: float) -> None:
        print(f"{name}: {took:.0f} ms", flush=True)
        self.rows.append(Row(name, took, "ms", ANSWER_MS, took / ANSWER_MS, "≤ 1 s", took <= ANSWER_MS))


def _work() -> None:
    """The jobs that were started, and those that they start. What other rooms do when people change is measured by
    `events`, and would take most of the time here.
    """
    while Job.objects.exclude(state__in=JOB.over).exists():
        for item in [item for lane in LANES for item in queue.claim(lane, 1)]:
            run_claimed(item)
        Event.objects.all().delete()


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = act()
    return (time.perf_counter() - started) * 1000, found


def _resident() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


class _Peak:
    """The most memory that this process held meanwhile, looked at five times a second. Ends the writing of drafts after
    `WRITTEN` people.
    """

    def __enter__(self) -> _Peak:
        self.most, self._over = _resident(), threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self.most = max(self.most, _resident())
            writing = Job.objects.filter(kind=KIND, state=JOB.RUNNING, done_count__gte=WRITTEN).first()
            if writing is not None:
                cancel(job=writing, actor=Actor.system("benchmark"))
        connection.close()

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._watch.join()


class _Text(HTMLParser):
    """The words of a page's main part."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self._inside = list[str](), False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._inside = self._inside or tag == "main"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.words += data.split()


def _seen(html: str) -> str:
    text = _Text()
    text.feed(html)
    return " ".join(text.words)[:300]
