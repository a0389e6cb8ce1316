"""What is said of texts, and the page with its examples and experiments."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from campaigns.drafts.models import Draft
from campaigns.models import Candidate, Outcome
from campaigns.patterns import selectors
from campaigns.patterns.features import Sent, features_of, label_of, opening_of
from conversations.models import Conversation, Message
from outreach.core import clock
from outreach.llm.models import Interaction, Trace
from tests.campaigns.factories import make_campaign, make_lead, make_user

BODY = "Hello Joe,\n\nI noticed that Fabrikam is hiring. Shall we talk on Tuesday?\n\nAnn Lee"


def test_what_is_said_of_a_message():
    at = datetime(2026, 3, 3, 10, tzinfo=UTC)
    found = set(features_of(Sent("direct", "Hiring at Fabrikam?", BODY, at, "Builders", "", "DE")))
    assert {("angle", "direct"), ("length", "<50"), ("subject_length", "1–3"), ("subject_form", "question"),
            ("opening", "i noticed"), ("ending", "question"), ("weekday", "2"), ("hours", "9–12"),
            ("segment", "Builders"), ("country", "DE"), ("word", "hiring")} <= found  # fmt: skip
    assert not any(family == "industry" for family, _value in found)


@pytest.mark.parametrize(
    ("body", "opening"), [("We build X.", "we build"), ("Hi Ann!\nThank you, all", "thank you"), ("", "")]
)
def test_an_opening_comes_after_the_greeting(body, opening):
    assert opening_of(body) == opening


def test_features_are_told_in_words():
    assert label_of(("weekday", "2")) == "Tuesday"
    assert label_of(("length", "<50")) == "<50 words"
    assert label_of(("angle", "direct")) == "direct"


def write(campaign, *, people, every_with, every_without):
    """First messages of two weeks ago, every second one with the word “question”; every n-th of each was answered."""
    lead = make_lead()
    step = campaign.steps.get(number=1)
    interaction = Interaction.objects.create(
        trace=Trace.objects.create(name="draft"), step="draft", route="draft", provider="x", model="", input_hash="h"
    )
    leads = type(lead).objects.bulk_create(
        type(lead)(full_name=f"P {n}", company=lead.company, country="US") for n in range(people)
    )
    candidates = Candidate.objects.bulk_create(
        Candidate(campaign=campaign, lead=one, stage="contacted") for one in leads
    )
    talks = Conversation.objects.bulk_create(Conversation(lead=one) for one in leads)
    bodies = ["A quick question about hiring." if n % 2 else "A note about hiring." for n in range(people)]
    messages = Message.objects.bulk_create(
        Message(conversation=talk, lead=talk.lead, direction="out", channel="email", state="sent", body=body,
                sent_at=clock.now() - timedelta(days=14))
        for talk, body in zip(talks, bodies, strict=True)
    )  # fmt: skip
    Draft.objects.bulk_create(
        Draft(candidate=c, step=step, variant="direct", language="en", state="handed_over", body=m.body, message=m,
              generated_body=m.body, content_hash="h", interaction=interaction)
        for c, m in zip(candidates, messages, strict=True)
    )  # fmt: skip
    Outcome.objects.bulk_create(
        Outcome(candidate=c, kind="replied", message=m, occurred_at=clock.now())
        for n, (c, m) in enumerate(zip(candidates, messages, strict=True))
        if n // 2 % (every_with if n % 2 else every_without) == 0
    )
    with connection.cursor() as cursor:  # as the database does by itself after a while
        cursor.execute(
            "ANALYZE conversations_message, drafts_draft, campaigns_candidate, campaigns_outcome, leads_lead"
        )


@pytest.fixture
def page(client):
    cache.clear()
    client.force_login(make_user("operator"))
    return lambda name="index", **query: client.get(reverse(f"patterns:{name}"), query)


@pytest.mark.django_db
def test_little_data_is_called_little_data(page):
    write(make_campaign(), people=100, every_with=3, every_without=10)
    shown = page()
    assert "Not enough data" in shown.content.decode() and "100 first messages" in shown.content.decode()
    assert shown.context["found"].patterns == []


@pytest.mark.django_db
def test_a_word_that_goes_with_answers_is_told_with_its_examples_and_becomes_an_experiment(page, client):
    campaign = make_campaign()
    write(campaign, people=800, every_with=4, every_without=20)
    shown = page()
    best = shown.context["found"].patterns[0]
    assert best.feature in {("word", "question"), ("word", "quick"), ("opening", "a quick"), ("opening", "a note")}
    assert (best.compared.having, best.compared.lacking) == (400, 400) and best.estimate.high < 20
    listed = page("examples", family="word", value="question").context["rows"]
    assert len(listed) == selectors.EXAMPLES and all("question" in message.body for message, _is in listed)
    assert listed[0][1] is True
    link = next(experiment for one, _a, experiment in shown.context["rows"] if one is best)
    form = client.get(f"{reverse('experiments:create')}?{link}").context["form"]
    assert best.label in form["name"].value() and form["metric"].value() == "replied"
    api = client.get(reverse("api-patterns")).json()
    assert api["is_enough"] and api["patterns"][0]["ratio"] == pytest.approx(best.estimate.ratio, abs=0.001)


@pytest.mark.django_db
def test_who_may_still_answer_does_not_count(page):
    write(make_campaign(), people=400, every_with=3, every_without=3)
    Message.objects.update(sent_at=clock.now() - timedelta(days=1))
    assert page().context["found"].people == 0


@pytest.mark.django_db
def test_an_unknown_feature_is_a_bad_request(page):
    assert page("examples", family="shoe size", value="9").status_code == 400
    assert page("examples", family="weekday", value="9").status_code == 400
