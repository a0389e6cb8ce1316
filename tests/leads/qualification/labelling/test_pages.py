"""The labelling page: the most telling person first, one key an answer, honest about what was learned."""

from __future__ import annotations

import numpy as np
import pytest
from django.urls import reverse

from leads.directory.erasing import erase
from leads.qualification import selectors, services
from leads.qualification.labelling import drawing, queue, states
from leads.qualification.learner.fitting import Point
from leads.qualification.models import Label, LearnerCheck
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.models import Actor
from tests.leads.qualification.labelling.factories import make_crowd

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    queue.forget()
    states.forget()
    yield
    queue.forget()
    states.forget()


@pytest.fixture
def desk(client, reviewer, brief):
    client.force_login(reviewer)

    class Page:
        url = reverse("briefs:label", args=[brief.pk])

        def get(self):
            return client.get(self.url).context

        def answer(self, answer, lead=None, **data):
            lead = lead or self.get()["lead"]
            given = {"answer": answer, "lead": getattr(lead, "pk", ""), **data}
            return client.post(
                reverse("briefs:label-answer", args=[brief.pk]), given, headers={"HX-Request": "true"}
            ).context

        def learner(self):
            return client.get(reverse("briefs:learner", args=[brief.pk])).context

    return Page()


def test_one_person_after_the_other_until_nobody_is_left(desk):
    leads = make_crowd(6)
    seen = []
    while (lead := desk.get()["lead"]) is not None:
        seen.append(lead)
        desk.answer("yes" if lead.full_name.endswith(("0", "2", "4")) else "no")
    assert set(seen) == set(leads) and len(seen) == 6


def test_an_answer_is_a_verdict_and_a_label_with_its_reason(desk, brief, reviewer):
    (lead,) = make_crowd(1)
    desk.answer("no", reason="Sells to consumers")
    row = Label.objects.get()
    assert (row.lead, row.is_positive, row.source, row.reason, row.given_by) == (
        lead,
        False,
        "labelling",
        "Sells to consumers",
        reviewer,
    )
    assert selectors.latest_verdict(lead.pk, brief.pk).is_qualified is False


def test_who_was_skipped_is_not_offered_again(desk):
    make_crowd(3)
    first = desk.get()["lead"]
    assert desk.answer("skip")["lead"] != first
    desk.answer("skip")
    assert desk.answer("skip")["lead"] is None
    assert Label.objects.count() == 0


def test_undo_brings_the_person_back(desk, brief):
    make_crowd(5)
    first = desk.get()["lead"]
    desk.answer("yes")
    context = desk.answer("undo")
    assert context["lead"] == first and context["count"] == 0
    assert "nothing to undo" in desk.answer("undo")["problem"]


def test_it_asks_next_about_the_one_of_whom_the_least_is_known(desk, brief, reviewer):
    """Two kinds of people: after an answer about one kind, the other kind is asked about."""
    leads = make_crowd(20, spread=0.05)
    services.decide(lead=leads[0], brief=brief, is_qualified=True, user=reviewer)
    context = desk.get()
    assert leads.index(context["lead"]) % 2 == 1
    assert context["choice"].reason == "new"


def test_what_checks_the_learner_comes_first(desk, brief):
    leads = make_crowd(10)
    LearnerCheck.objects.create(brief=brief, lead=leads[7], probability=0.98, said=True)
    context = desk.get()
    assert (context["lead"], context["choice"].reason) == (leads[7], "check")
    desk.answer("yes")
    assert LearnerCheck.objects.get().answer is True


def test_an_answer_given_elsewhere_is_taken_in(desk, brief, reviewer):
    leads = make_crowd(4)
    offered = desk.get()["lead"]
    services.decide(lead=offered, brief=brief, is_qualified=True, user=reviewer)
    assert desk.get()["lead"] != offered
    assert desk.get()["count"] == 1
    assert offered in leads


def test_an_erased_person_is_not_offered(desk):
    make_crowd(2)
    offered = desk.get()["lead"]
    erase(lead=offered, actor=Actor.system("test"))
    assert desk.get()["lead"] not in (None, offered)


def test_the_queue_knows_what_a_new_one_would_know(desk, brief, reviewer):
    leads = make_crowd(40)
    for number, lead in enumerate(leads[:25]):
        services.decide(lead=lead, brief=brief, is_qualified=number % 2 == 0, user=reviewer)
        queue.next_choice(brief)
    grown = queue._queues[brief.pk].process.mean
    queue.forget()
    queue.next_choice(brief)
    assert np.abs(queue._queues[brief.pk].process.mean - grown).max() < 1e-6


def test_what_was_learned_is_shown_with_its_uncertainty(desk, brief, reviewer):
    for number, lead in enumerate(make_crowd(60)):
        if number < 52:
            services.decide(lead=lead, brief=brief, is_qualified=number % 2 == 0, user=reviewer)
    context = desk.learner()
    assert context["point"].labels == 52 and context["point"].auc > 0.95
    assert context["outlook"].yes + context["outlook"].no + context["outlook"].unsure == 8
    assert sum(context["outlook"].bins) == 8
    assert context["missing"] == 0 and context["curve"] is not None


def test_with_few_answers_the_figures_say_so(client, desk, brief, reviewer):
    for number, lead in enumerate(make_crowd(12)):
        services.decide(lead=lead, brief=brief, is_qualified=number % 2 == 0, user=reviewer)
    text = client.get(reverse("briefs:learner", args=[brief.pk])).content.decode()
    assert "these figures say little" in text and "38 more answers" in text


def test_without_anyone_to_label_the_page_says_when_there_will_be(client, desk):
    assert "about a minute after an import" in client.get(desk.url).content.decode()


def test_viewers_do_not_label(client, brief):
    client.force_login(User.objects.create_user("vera", password="a long enough password", role=Role.VIEWER))
    assert client.get(reverse("briefs:label", args=[brief.pk])).status_code == 403
    assert client.post(reverse("briefs:label-answer", args=[brief.pk]), {"answer": "yes"}).status_code == 403


def test_it_works_without_javascript(client, desk):
    (lead,) = make_crowd(1)
    answer = client.post(
        reverse("briefs:label-answer", args=[desk.get()["brief"].pk]), {"answer": "yes", "lead": lead.pk}
    )
    assert answer.status_code == 302 and answer.url == desk.url


def test_a_curve_needs_two_points():
    point = Point(10, "a", 1, 0.3, 0.7, 0.4, 0.9, 0.5, 0.8)
    assert drawing.curve([point]) is None
    drawn = drawing.curve([point, Point(100, "b", 1, 0.3, 0.9, 0.8, 0.95, 0.5, None)])
    assert drawn.accuracy.startswith("0.0,") and drawn.ticks == [(0.0, 10), (280.0, 100)]
