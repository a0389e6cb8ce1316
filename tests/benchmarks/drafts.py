"""Drafts: written by rules, written by a model that takes its time, and the page on which they are reviewed."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from unittest.mock import patch

import openai
from django.conf import settings
from django.test import Client
from django.urls import reverse

from campaigns.drafts import services
from campaigns.drafts.models import Draft
from campaigns.models import Campaign
from outreach.configuration import Configuration
from outreach.jobs.draining import drain
from outreach.llm.models import Interaction, Trace
from outreach.llm.services import Call, complete, open_trace
from tests.benchmarks import Row
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.servers.fake_openai import FakeOpenAI

LEADS = 100
"""Two variants each: 200 drafts."""
DELAY_SECONDS = 0.1
BODY = "Hi Joe,\n\nwe offer a review of your hiring process in one afternoon. Worth a call?\n\nIf not, I will not write again.\n\nAnn Lee"


def run(scale: int) -> list[Row]:
    """`scale` is not used: 200 drafts and 10,000 calls are what the requirement names."""
    return [
        _by_rules(),
        _by_model(),
        _by_model(judge=True),
        _overhead(),
        _overhead(is_limited=False),
        _cached(),
        _page(),
        _edit(),
        _preview(),
        *_calls(),
    ]


def _campaign() -> Campaign:
    campaign = make_campaign()
    for _ in range(LEADS):
        make_candidate(campaign)
    return campaign


def _generate(campaign: Campaign) -> float:
    services.generate(campaign=campaign)
    started = time.perf_counter()
    drain("llm")
    took = time.perf_counter() - started
    written = Draft.objects.filter(candidate__campaign=campaign).count()
    assert written >= 0.95 * 2 * LEADS, f"only {written} drafts"
    return took


def _by_rules() -> Row:
    took = _generate(_campaign())
    return Row("200 drafts by built-in rules", took, "s", 2.0, took / 2.0, "≤ 2 s", took <= 2.0)


def _answer(request: dict[str, object]) -> str:
    schema = request["response_format"]["json_schema"]["schema"]  # type: ignore[index]
    if "quality" in schema["properties"]:
        return json.dumps({"reasons": ["short"], "quality": 4, "risk": 1})
    return json.dumps({n: {"subject": "A question", "body": BODY, "fact_ids": []} for n in schema["properties"]})


def _by_model(*, judge: bool = False) -> Row:
    """A call a lead writes both variants. The bare floor is calls · delay / 4; the target leaves it half as much again
    and 10 ms a draft, which is far below the required 60 s when an answer takes 1 s."""
    fake = FakeOpenAI(answer=_answer, delay_seconds=DELAY_SECONDS).start()
    routes = {"default": {"chain": ["fake/fake-model"]}, **({"judge": {"chain": ["fake/judge"]}} if judge else {})}
    configuration = Configuration.model_validate(
        {
            "llm": {
                "providers": {"fake": {"base_url": fake.base_url}},
                "routes": routes,
                "parallel_calls": 4,
            }
        }
    )
    try:
        with patch.object(settings, "OUTREACH", configuration):
            took = _generate(_campaign())
    finally:
        fake.stop()
    floor = LEADS * DELAY_SECONDS / 4 * (2 if judge else 1)
    projected = took - floor + floor / DELAY_SECONDS
    what = "a model and a judge" if judge else "a model"
    name = (
        f"200 drafts by {what}, {DELAY_SECONDS} s an answer, 4 people at a time (projected for 1 s: {projected:.0f} s)"
    )
    return Row(name, took, "s", floor, took / floor, "≤ 60 s at 1 s an answer", projected <= 60)


def _limited(base_url: str) -> Configuration:
    """Everything that a call may be held back by."""
    limits = {"concurrent_calls": 8, "requests_per_minute": 100_000, "tokens_per_minute": 100_000_000}
    return Configuration.model_validate(
        {
            "llm": {
                "providers": {"fake": {"base_url": base_url, "prices": {"*": {"input": 1, "output": 2}}, **limits}},
                "routes": {"default": {"chain": ["fake/fake-model"]}},
                "usd_per_day": 100,
                "usd_per_campaign": 50,
            }
        }
    )


def _plain(base_url: str) -> Configuration:
    """A provider as it is connected at first."""
    llm = {"providers": {"fake": {"base_url": base_url}}, "routes": {"default": {"chain": ["fake/fake-model"]}}}
    return Configuration.model_validate({"llm": llm})


def _call(trace: Trace, number: int, *, use_cache: bool = False) -> None:
    messages = [{"role": "user", "content": f"Write note {number}. " + "A fact about the person. " * 40}]
    answer = complete(
        Call(trace=trace, step="draft", route="draft", messages=messages, builtin=str, use_cache=use_cache)
    )
    assert not answer.is_builtin


def _overhead(*, is_limited: bool = True) -> Row:
    """CPU of this process that our layer adds to a call of the bare SDK, with all limits and caps on, or with none."""
    fake = FakeOpenAI(answer=lambda _request: BODY).start()  # its thread's CPU is in both
    trace = open_trace("benchmark", campaign_id=1)
    sdk = openai.OpenAI(base_url=fake.base_url, api_key="none", max_retries=0)
    content = "Write a note. " + "A fact about the person. " * 40
    ask = [{"role": "user", "content": content}]
    try:
        with patch.object(settings, "OUTREACH", _limited(fake.base_url) if is_limited else _plain(fake.base_url)):
            bare = _cpu_ms(lambda _n: sdk.chat.completions.create(model="fake-model", messages=ask, max_tokens=900))  # type: ignore[call-overload]
            took = _cpu_ms(lambda number: _call(trace, number)) - bare
    finally:
        fake.stop()
    with_what = "with all limits and caps" if is_limited else "without limits and caps"
    name = f"CPU that a model call adds to the bare SDK's {bare:.1f} ms, {with_what}"
    return Row(name, took, "ms", bare, took / bare, "≤ 10 ms", took <= 10)


def _cpu_ms(act: Callable[[int], object], count: int = 100) -> float:
    act(-1)
    started = time.process_time()
    for number in range(count):
        act(number)
    return (time.process_time() - started) / count * 1000


def _cached() -> Row:
    fake = FakeOpenAI(answer=lambda _request: BODY).start()
    trace = open_trace("benchmark", campaign_id=1)
    try:
        with patch.object(settings, "OUTREACH", _limited(fake.base_url)):
            took = _median_ms(lambda: _call(trace, 0, use_cache=True))
    finally:
        fake.stop()
    return Row("an answer from the cache", took, "ms", 5.0, took / 5, "≤ 5 ms", took <= 5)


def _reviewer() -> Client:
    client = Client()
    client.force_login(make_user("reviewer"))
    return client


def _median_ms(act: Callable[[], object]) -> float:
    act()
    times = []
    for _ in range(9):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _page() -> Row:
    campaign = Draft.objects.order_by("pk").first().candidate.campaign  # type: ignore[union-attr]
    client = _reviewer()
    url = reverse("drafts:review", args=[campaign.pk], query={"page_size": 200, "view": "list"})
    page = client.get(url).content.decode()
    assert page.count('class="draft"') == 2 * LEADS
    took = _median_ms(lambda: client.get(url))
    return Row("review page with 200 drafts", took, "ms", 150.0, took / 150, "≤ 150 ms", took <= 150)


def _edit() -> Row:
    client, draft = _reviewer(), Draft.objects.filter(state="pending_review").order_by("pk").first()
    assert draft is not None

    def save() -> None:
        draft.refresh_from_db()
        words = {"version": draft.version, "subject": draft.subject, "body": f"{BODY}\n{draft.version}"}
        answer = client.post(reverse("drafts:detail", args=[draft.pk]), words, headers={"HX-Request": "true"})
        assert answer.status_code == 200

    took = _median_ms(save)
    return Row("an edited draft saved and shown", took, "ms", 100.0, took / 100, "≤ 100 ms", took <= 100)


def _preview() -> Row:
    """The text of the form as one person would receive it, as it is typed."""
    client, draft = _reviewer(), Draft.objects.order_by("pk").select_related("candidate", "step").first()
    assert draft is not None
    url = reverse("writing:preview", args=[draft.candidate.campaign_id, draft.step.number])
    fields = {"language": "en", "mode": "words", "variant": "direct", "subject_direct": "Hi", "body_direct": BODY}
    fields |= {"subject_casual": "Hi", "body_casual": BODY, "candidate": str(draft.candidate_id)}

    def show() -> None:
        assert client.post(url, fields).status_code == 200

    took = _median_ms(show)
    return Row("Texts page: preview for one person", took, "ms", 100.0, took / 100, "≤ 100 ms", took <= 100)


def _calls() -> list[Row]:
    """The list of calls with few and with many behind it, first page and filtered."""
    client = Client()
    client.force_login(make_user("operator"))
    trace = open_trace("benchmark", campaign_id=1)
    url = reverse("models:calls")
    pages = {"first page": url, "filtered": f"{url}?purpose=judge&model=many/model"}
    before = {}
    rows = []
    for count in (200, 9_800):
        Interaction.objects.bulk_create(
            Interaction(trace=trace, step=("draft", "judge")[n % 2], route="draft", provider="many", model="model")
            for n in range(count)
        )
        for name, address in pages.items():
            assert client.get(address).status_code == 200
            took = _median_ms(lambda address=address: client.get(address))  # type: ignore[misc]
            if name in before:
                ratio = took / before[name]
                told = f"10,000 calls, {name} (beside 200 calls)"
                rows.append(Row(told, took, "ms", before[name], ratio, "≤ 100 ms, flat", took <= 100 and ratio <= 1.5))
            before[name] = took
    return rows
