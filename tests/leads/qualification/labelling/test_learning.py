"""A brief's learner: labels in, decisions out where it is sure, audited, the same from the same labels."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from leads.directory.erasing import erase
from leads.duplicates import services as duplicates
from leads.insights.models import LeadEmbedding
from leads.models import Lead
from leads.qualification import selectors, services
from leads.qualification.labelling import checks, labels, states
from leads.qualification.models import Label, LearnerCheck, LearnerState, Verdict
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.errors import Refused
from outreach.core.models import Actor
from tests.leads.qualification.conftest import configured
from tests.leads.qualification.labelling.factories import make_crowd

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")


@pytest.fixture(autouse=True)
def nothing_kept():
    states.forget()
    yield
    states.forget()


@pytest.fixture
def crowd():
    return make_crowd


def label(brief, leads, user, *, fits=lambda n: n % 2 == 0):
    for number, lead in enumerate(leads):
        services.decide(lead=lead, brief=brief, is_qualified=fits(number), user=user, source="labelling")


def unchecked(brief):
    """Nothing is drawn for the audit, so that what is decided alone can be told for certain."""
    brief.checked_share = 0
    brief.save()
    return brief


def sources(verdicts):
    return {verdict.source for verdict in verdicts}


def test_it_decides_alone_where_it_is_sure_and_names_the_nearest_labels(brief, crowd, reviewer):
    leads = crowd(80)
    label(unchecked(brief), leads[:60], reviewer)
    yes, no = services.qualify(leads=leads[60:62], brief=brief)
    assert (yes.source, yes.is_qualified, no.source, no.is_qualified) == ("learner", True, "learner", False)
    assert yes.score > 0.95 and no.score < 0.05
    nearest = yes.factors["learner"]["nearest"]
    assert len(nearest) == 3 and all(one["is_positive"] for one in nearest)
    assert "Decided by the learner" in yes.reasons[0] and f"#{nearest[0]['lead_id']} yes" in yes.reasons[0]


def test_with_few_labels_the_rules_decide(brief, crowd, reviewer):
    leads = crowd(80)
    label(unchecked(brief), leads[:40], reviewer)
    assert "learner" not in sources(services.qualify(leads=leads[60:70], brief=brief))


def test_with_one_answer_only_the_rules_decide(brief, crowd, reviewer):
    leads = crowd(80)
    label(unchecked(brief), leads[:60], reviewer, fits=lambda _n: True)
    assert "learner" not in sources(services.qualify(leads=leads[60:70], brief=brief))


def test_a_brief_can_keep_its_learner_from_deciding(crowd, brief, reviewer):
    leads = crowd(80)
    label(brief, leads[:60], reviewer)
    services.save_brief(name=brief.name, description="", factors=brief.factors, use_model=False, created_by=None, brief=brief,
                        learner=services.LearnerTerms(decides_alone=False))  # fmt: skip
    brief.refresh_from_db()
    assert sources(services.qualify(leads=leads[60:], brief=brief)) == {"rules"}


def test_a_lead_without_a_vector_is_left_to_the_rules(brief, crowd, reviewer):
    label(unchecked(brief), crowd(60), reviewer)
    plain = Lead.objects.create(full_name="No Vector")
    (verdict,) = services.qualify(leads=[plain], brief=brief)
    assert verdict.source == "rules"


def test_a_person_always_overrules_it(brief, crowd, reviewer):
    leads = crowd(80)
    label(unchecked(brief), leads[:60], reviewer)
    services.qualify(leads=leads[60:61], brief=brief)
    services.decide(lead=leads[60], brief=brief, is_qualified=False, user=reviewer)
    (verdict,) = services.qualify(leads=leads[60:61], brief=brief)
    assert (verdict.source, verdict.is_qualified) == ("person", False)


def test_once_it_has_learned_enough_it_takes_over_from_the_rules(brief, crowd, reviewer):
    leads = crowd(80)
    assert sources(services.qualify(leads=leads[60:], brief=unchecked(brief))) == {"rules"}
    label(brief, leads[:60], reviewer)
    assert sources(services.qualify(leads=leads[60:], brief=brief)) == {"learner"}
    before = Verdict.objects.count()
    services.qualify(leads=leads[60:], brief=brief)
    assert Verdict.objects.count() == before


class TestAudit:
    def test_a_share_of_its_sure_decisions_waits_for_a_person(self, brief, crowd, reviewer):
        leads = crowd(260)
        label(brief, leads[:60], reviewer)
        verdicts = services.qualify(leads=leads[60:], brief=brief)
        held = [verdict for verdict in verdicts if verdict.flags == ["learner_check"]]
        assert 8 <= len(held) <= 35
        assert {verdict.is_qualified for verdict in held} == {None}
        assert LearnerCheck.objects.count() == len(held) == checks.measured(brief).waiting

    def test_the_same_leads_are_drawn_when_asked_again(self, brief, crowd, reviewer):
        leads = crowd(160)
        label(brief, leads[:60], reviewer)
        first = services.qualify(leads=leads[60:], brief=brief)
        assert services.qualify(leads=leads[60:], brief=brief) == first

    def test_a_persons_answer_measures_it(self, brief, crowd, reviewer):
        leads = crowd(260)
        label(brief, leads[:60], reviewer)
        services.qualify(leads=leads[60:], brief=brief)
        one, other = LearnerCheck.objects.select_related("lead").order_by("pk")[:2]
        services.decide(lead=one.lead, brief=brief, is_qualified=one.said, user=reviewer)
        services.decide(lead=other.lead, brief=brief, is_qualified=not other.said, user=reviewer)
        found = checks.measured(brief)
        assert (found.answered, found.wrong, found.rate) == (2, 1, 0.5)

    def test_it_stops_itself_when_it_is_wrong_more_often_than_promised_and_goes_on_when_that_is_over(
        self, brief, crowd, reviewer
    ):
        leads = crowd(120)
        label(unchecked(brief), leads[:60], reviewer)
        wrong = [
            LearnerCheck(brief=brief, lead=lead, probability=0.99, said=True, answer=False) for lead in leads[60:62]
        ]
        LearnerCheck.objects.bulk_create(wrong)
        assert checks.measured(brief).is_stopped
        assert sources(services.qualify(leads=leads[70:90], brief=brief)) == {"rules"}
        assert checks.measured(brief).waiting == 20
        for lead in leads[70:90]:
            row = LearnerCheck.objects.get(lead=lead)
            checks.answer(brief=brief, answers={lead.pk: row.said}, is_by_person=True)
        LearnerCheck.objects.bulk_create(
            LearnerCheck(brief=brief, lead=lead, probability=0.99, said=True, answer=True) for lead in crowd(40, seed=2)
        )
        assert not checks.measured(brief).is_stopped
        assert sources(services.qualify(leads=leads[90:], brief=brief)) == {"learner"}

    def test_one_mistake_among_the_first_few_stops_nothing(self, brief, crowd):
        lead = crowd(1)[0]
        LearnerCheck.objects.create(brief=brief, lead=lead, probability=0.99, said=True, answer=False)
        assert not checks.measured(brief).is_stopped

    def test_a_model_is_asked_about_what_is_drawn_and_only_that(self, judged_brief, crowd, reviewer, settings, fake):
        leads = crowd(260)
        label(judged_brief, leads[:60], reviewer)
        configured(settings, fake)
        fake.answer = lambda _request: json.dumps(
            {"qualified": True, "confidence": 0.9, "score": 80, "reasons": ["fits"], "flags": []}
        )
        verdicts = services.qualify(leads=leads[60:], brief=judged_brief)
        asked = [verdict for verdict in verdicts if verdict.source == "llm"]
        assert 8 <= len(asked) <= 35 and sources(verdicts) == {"learner", "llm"}
        assert Label.objects.filter(source="model").count() == len(asked)
        assert checks.measured(judged_brief).answered == len(asked)


class TestState:
    def test_it_comes_back_the_same_from_its_labels(self, brief, crowd, reviewer):
        label(brief, crowd(70), reviewer)
        first = states.state_of(brief)
        kept = (first.fingerprint, first.points, first.yes_from, first.no_to, first.label_count)
        LearnerState.objects.all().delete()
        states.forget()
        again = states.state_of(brief)
        assert (again.fingerprint, again.points, again.yes_from, again.no_to, again.label_count) == kept

    def test_it_is_computed_once_for_the_same_labels(self, brief, crowd, reviewer):
        label(brief, crowd(30), reviewer)
        assert states.state_of(brief).version == states.state_of(brief).version == 1
        label(brief, crowd(2, seed=3), reviewer)
        assert states.state_of(brief).version == 2

    def test_it_has_no_labels_in_the_beginning(self, brief):
        state = states.state_of(brief)
        assert (state.label_count, state.points, state.answer(0.99)) == (0, [], None)
        assert states.learner_of(brief, state) is None

    def test_a_changed_vector_makes_another_learner(self, brief, crowd, reviewer):
        leads = crowd(20)
        label(brief, leads, reviewer)
        before = states.state_of(brief).fingerprint
        LeadEmbedding.objects.filter(lead=leads[0]).update(content_hash="other")
        assert states.state_of(brief).fingerprint != before

    def test_labels_of_leads_without_a_vector_wait(self, brief, crowd, reviewer):
        leads = crowd(10)
        LeadEmbedding.objects.filter(lead=leads[0]).delete()
        label(brief, leads, reviewer)
        found = states.material(brief)
        assert (len(found.given), found.without_vector, states.state_of(brief).label_count) == (9, 1, 9)


class TestLabels:
    def test_who_when_why_and_where_are_kept(self, brief, crowd, reviewer):
        (lead,) = crowd(1)
        services.decide(
            lead=lead, brief=brief, is_qualified=True, user=reviewer, reason="Decides on budgets", source="api"
        )
        row = Label.objects.get()
        assert (row.given_by, row.reason, row.source, row.is_positive) == (reviewer, "Decides on budgets", "api", True)
        assert row.created_at and row.verdict.source == "person"

    def test_the_newer_of_contradicting_labels_counts_and_the_contradiction_is_counted(self, brief, crowd, reviewer):
        leads = crowd(2)
        label(brief, leads, reviewer)
        services.decide(lead=leads[0], brief=brief, is_qualified=False, user=reviewer)
        assert [one.is_positive for one in labels.in_force(brief.pk)] == [False, False]
        assert labels.contradicted(brief.pk) == 1

    def test_a_model_never_replaces_a_persons_label(self, brief, crowd, reviewer):
        (lead,) = crowd(1)
        label(brief, [lead], reviewer)
        labels.give_by_model(brief=brief, answers={lead.pk: False})
        assert [one.is_positive for one in labels.in_force(brief.pk)] == [True]

    def test_undo_takes_back_label_and_verdict(self, brief, crowd, reviewer):
        (lead,) = crowd(1)
        label(brief, [lead], reviewer)
        assert services.take_back(brief=brief, user=reviewer) == lead
        assert labels.in_force(brief.pk) == [] and not lead.verdicts.exists()
        with pytest.raises(Refused, match="nothing to undo"):
            services.take_back(brief=brief, user=reviewer)

    def test_undo_brings_an_earlier_answer_back(self, brief, crowd, reviewer):
        (lead,) = crowd(1)
        label(brief, [lead], reviewer)
        label(brief, [lead], reviewer, fits=lambda _n: False)
        services.take_back(brief=brief, user=reviewer)
        assert [one.is_positive for one in labels.in_force(brief.pk)] == [True]
        assert selectors.latest_verdict(lead.pk, brief.pk).is_qualified is True

    def test_erasure_removes_them(self, brief, crowd, reviewer):
        leads = crowd(3)
        label(brief, leads, reviewer)
        erase(lead=leads[0], actor=ACTOR)
        assert [one.lead_id for one in labels.in_force(brief.pk)] == [leads[1].pk, leads[2].pk]
        with pytest.raises(Refused, match="erased"):
            services.decide(lead=Lead.objects.get(pk=leads[0].pk), brief=brief, is_qualified=True, user=reviewer)

    def test_a_merge_moves_them_and_its_undo_moves_them_back(self, brief, crowd, reviewer):
        kept, lost = crowd(2)
        label(brief, [lost], reviewer)
        merge = duplicates.merge_leads(kept=kept, lost=lost, actor=ACTOR)
        assert [one.lead_id for one in labels.in_force(brief.pk)] == [kept.pk]
        assert states.state_of(brief).label_count == 1
        duplicates.undo(merge=merge, actor=ACTOR)
        assert [one.lead_id for one in labels.in_force(brief.pk)] == [lost.pk]

    def test_a_label_on_a_merged_lead_is_about_the_kept_one(self, brief, crowd, reviewer):
        kept, lost = crowd(2)
        duplicates.merge_leads(kept=kept, lost=lost, actor=ACTOR)
        services.decide(lead=Lead.objects.get(pk=lost.pk), brief=brief, is_qualified=True, user=reviewer)
        assert Label.objects.get().lead == kept


@pytest.mark.django_db(transaction=True)
def test_two_workers_compute_a_state_once(crowd):
    brief = services.save_brief(name="B", description="", factors={}, use_model=False, created_by=None)
    user = User.objects.create_user("rita", password="a long enough password", role=Role.REVIEWER)
    label(brief, crowd(30), user)
    start = Barrier(3)

    def work() -> tuple[int, str]:
        try:
            start.wait()
            state = states.state_of(brief)
            return state.version, state.fingerprint
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as workers:
        found = [future.result() for future in [workers.submit(work) for _ in range(3)]]
    assert len(set(found)) == 1
    assert LearnerState.objects.get().version == 1
