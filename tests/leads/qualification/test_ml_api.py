"""Predictions, feedback and metrics over the API, with the rights that each needs."""

from __future__ import annotations

import pytest

from leads.models import Lead
from leads.qualification import selectors, services
from leads.qualification.labelling import labels, states
from leads.qualification.models import Feedback, Label
from outreach.access.roles import Role
from tests.leads.qualification.labelling.factories import make_crowd
from tests.leads.qualification.test_api import api_of
from tests.leads.segments.factories import LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    return api_of(Role.REVIEWER)


@pytest.fixture(autouse=True)
def nothing_kept():
    states.forget()
    yield
    states.forget()


@pytest.fixture
def taught(brief, reviewer):
    leads = make_crowd(62)
    for number, lead in enumerate(leads[:60]):
        services.decide(lead=lead, brief=brief, is_qualified=number % 2 == 0, user=reviewer)
    return leads


def post(api, path, data):
    return api.post(f"/api/v1/{path}", data, format="json")


class TestPredict:
    def test_the_learner_answers_where_it_has_labels_and_a_vector(self, api, brief, taught):
        body = post(api, "ml/predict", {"lead_id": taught[60].pk, "brief": brief.pk}).json()
        assert body["probability"] > 0.9 and body["decision"] is True
        assert (body["source"], body["labels"], body["brief"]) == ("learner", 60, brief.pk)

    def test_the_rules_answer_until_then(self, api, brief):
        lead = LeadFactory(title="CTO")
        body = post(api, "ml/predict", {"lead_id": lead.pk}).json()
        assert body["source"] == "rules" and body["labels"] == 0
        assert "Seniority matches (Executive or owner)" in body["reasons"]

    def test_other_features_are_tried_by_the_rules(self, api, brief):
        lead = LeadFactory(title="Intern")
        plain = post(api, "ml/predict", {"lead_id": lead.pk}).json()
        tried = post(api, "ml/predict", {"lead_id": lead.pk, "features": {"title": "CTO"}}).json()
        assert tried["probability"] > plain["probability"]

    def test_a_nested_feature_is_refused(self, api, brief):
        answer = post(api, "ml/predict", {"lead_id": LeadFactory().pk, "features": {"title": {"a": 1}}})
        assert answer.status_code == 400 and "features.title" in answer.content.decode()

    def test_with_several_briefs_one_is_named(self, api, brief):
        services.save_brief(name="Other", description="", factors={}, use_model=False, created_by=None)
        lead = LeadFactory()
        assert post(api, "ml/predict", {"lead_id": lead.pk}).status_code == 400
        services.qualify(leads=[lead], brief=brief)
        assert post(api, "ml/predict", {"lead_id": lead.pk}).json()["brief"] == brief.pk

    @pytest.mark.parametrize("lead_id", [0, 10**20, "x", None])
    def test_a_lead_that_is_none(self, api, brief, lead_id):
        assert post(api, "ml/predict", {"lead_id": lead_id}).status_code == 400

    def test_a_lead_that_does_not_exist(self, api, brief):
        assert post(api, "ml/predict", {"lead_id": 987654}).status_code == 404


class TestFeedback:
    @pytest.mark.parametrize(
        ("action", "reward", "answer"),
        [
            ("user_approved", 10, True),
            ("approve", 10, True),
            ("user_rejected", -5, False),
            ("got_interview", 20, True),
            ("no_response", -1, None),
            ("reply", 5, None),
        ],
    )
    def test_approvals_rejections_and_calls_are_labels(self, api, brief, action, reward, answer):
        lead = LeadFactory()
        body = post(api, "ml/feedback", {"lead_id": lead.pk, "action": action}).json()
        assert body["reward"] == reward
        assert [one.is_positive for one in labels.in_force(brief.pk)] == ([] if answer is None else [answer])

    def test_on_the_lead_itself_with_a_reason(self, api, brief):
        lead = LeadFactory()
        given = {"action": "user_rejected", "reward": -3, "metadata": {"reason": "A competitor"}, "brief": brief.pk}
        answer = post(api, f"leads/{lead.pk}/feedback", given)
        assert answer.status_code == 201 and Feedback.objects.get().reward == -3
        label = Label.objects.get()
        assert (label.reason, label.source) == ("A competitor", "api")
        assert selectors.latest_verdict(lead.pk, brief.pk).is_qualified is False

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"action": "liked"}, "action"),
            ({"reward": 1000}, "reward"),
            ({"metadata": {"x": "y" * 5_000}}, "metadata"),
        ],
    )
    def test_bad_feedback_says_what_is_wrong(self, api, brief, change, field):
        answer = post(api, "ml/feedback", {"lead_id": LeadFactory().pk, "action": "approve"} | change)
        assert answer.status_code == 400 and field in answer.content.decode()
        assert not Feedback.objects.exists()

    def test_about_an_erased_lead_there_is_none(self, api, brief):
        lead = LeadFactory()
        Lead.objects.filter(pk=lead.pk).update(erased_at=lead.created_at)
        assert post(api, f"leads/{lead.pk}/feedback", {"action": "approve"}).status_code == 404

    def test_viewers_predict_and_give_none(self, brief):
        api, lead = api_of(Role.VIEWER), LeadFactory()
        assert post(api, "ml/predict", {"lead_id": lead.pk}).status_code == 200
        assert post(api, "ml/feedback", {"lead_id": lead.pk, "action": "approve"}).status_code == 403
        assert post(api, f"leads/{lead.pk}/feedback", {"action": "approve"}).status_code == 403


class TestMetrics:
    def test_a_learner_in_figures(self, api, brief, taught):
        (row,) = api.get("/api/v1/ml/metrics").json()
        assert (row["brief"], row["labels"], row["positive"]) == (brief.pk, 60, 30)
        assert row["auc"] > 0.95 and row["accuracy_interval"][0] < row["accuracy"]
        assert row["decides_alone"] is True and row["checked_error"] is None

    def test_one_without_labels(self, api, brief):
        (row,) = api.get("/api/v1/ml/metrics", {"brief": brief.pk}).json()
        assert (row["labels"], row["accuracy"], row["decides_alone"]) == (0, None, False)

    @pytest.mark.parametrize(("number", "status"), [("x", 400), ("999999", 404), ("9" * 40, 400)])
    def test_a_brief_that_does_not_exist(self, api, number, status):
        assert api.get("/api/v1/ml/metrics", {"brief": number}).status_code == status
