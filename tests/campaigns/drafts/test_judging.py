"""A judge marks every draft with reasons, is compared with people, and decides for them only once it agrees."""

import json

import pytest
from django.urls import reverse

from campaigns.drafts import judging, services
from campaigns.drafts.agreement import Agreement
from campaigns.drafts.models import ApprovalRule, Draft
from campaigns.review import rules
from campaigns.review import services as review
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from outreach.llm.models import Evaluation
from outreach.llm.services import open_trace
from outreach.prompts.rendering import Text
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.llm_fixtures import configured

pytestmark = pytest.mark.django_db
CALIBRATED = Agreement(count=80, good_count=50, accuracy=0.9, kappa=0.8, kappa_low=0.66, kappa_high=0.9)


def written(count=1):
    campaign = make_campaign()
    for _ in range(count):
        make_candidate(campaign)
    services.generate(campaign=campaign)
    drain("llm")
    return Draft.objects.order_by("pk")


def with_judge(settings, fake, mark=None, better="first"):
    configured(settings, fake, chain=["fake/writer"], routes={"judge": {"chain": ["fake/judge"]}})

    def answer(request):
        if request["model"] != "judge":
            text = {"subject": "A question", "body": "Hi Joe, no? I will not write again. Ann", "fact_ids": []}
            return json.dumps({"direct": text, "casual": text})
        if "two drafts" in request["messages"][0]["content"]:
            return json.dumps({"reason": "shorter", "better": better})
        return json.dumps(mark or {"reasons": ["“A question” is clear"], "quality": 5, "risk": 1})

    fake.answer = answer


def test_without_a_model_the_rules_judge_and_say_so():
    draft = written().first()
    said = judging.judgement_of(draft)
    assert said.judge == "builtin" and (said.quality, said.risk) == (draft.quality, draft.risk)
    assert judging.current_judge() == "builtin"


@pytest.mark.django_db(transaction=True)
def test_a_model_judges_each_variant_with_reasons(settings, fake):
    with_judge(settings, fake)
    draft = written().first()
    said = judging.judgement_of(draft)
    assert said.judge == "fake/judge" and said.is_good and (said.quality, said.risk) == (1.0, 0.0)
    rows = Evaluation.objects.filter(interaction=draft.interaction, judge="fake/judge")
    assert {row.name for row in rows} == {"quality:direct", "risk:direct", "quality:casual", "risk:casual"}
    assert all("clear" in row.reason for row in rows)


@pytest.mark.django_db(transaction=True)
def test_a_judge_that_breaks_off_leaves_the_rules_word(settings, fake):
    with_judge(settings, fake, mark={"quality": 99})
    assert judging.judgement_of(written().first()).judge == "builtin"


@pytest.mark.parametrize(("better", "result"), [("same", "same"), ("first", "same"), ("second", "same")])
def test_a_judge_that_goes_by_the_place_prefers_neither(settings, fake, better, result):
    with_judge(settings, fake, better=better)
    one, other = (judging.Subject(Text("", body), "email", "en") for body in ("Hello", "Good morning"))
    assert judging.compare(one, other, trace=open_trace("x")).verdict == result


def test_a_pair_is_decided_when_both_orders_say_the_same(settings, fake):
    with_judge(settings, fake)
    fake.answer = lambda request: json.dumps(
        {"reason": "x", "better": "first" if "first draft:\n<data name=\"first\">Hello" in str(
            request["messages"][1]["content"]) else "second"}
    )  # fmt: skip
    one, other = (judging.Subject(Text("", body), "email", "en") for body in ("Hello", "Good morning"))
    trace = open_trace("x")
    assert judging.compare(one, other, trace=trace).verdict == "first"
    assert judging.compare(other, one, trace=trace).verdict == "second"


def test_people_are_a_judge_too():
    reviewer = make_user()
    kept, edited, rejected = written(3).filter(variant="direct")
    review.approve(draft=kept, version=1, user=reviewer)
    changed = services.edit(draft=edited, version=1, subject="A", body=f"{edited.body}\nPS", user=reviewer)
    review.approve(draft=changed, version=2, user=reviewer)
    review.reject(draft=rejected, version=1, user=reviewer)
    said = Evaluation.objects.filter(judge="person").order_by("pk").values_list("label", "score")
    assert list(said) == [("approved", 1.0), ("edited", 0.0), ("rejected", 0.0)]
    found = judging.calibration()
    assert (found.count, found.good_count) == (3, 1) and not found.is_calibrated


def test_a_rule_may_ask_the_judge_only_when_it_agrees_with_people(monkeypatch):
    asked = {"name": "good ones", "action": "approve", "conditions": {"min_judged_quality": 0.6}}
    with pytest.raises(Invalid, match="doesn't agree"):
        rules.save_rule(**asked, actor=Actor.system("test"))
    monkeypatch.setattr(judging, "calibration", lambda: CALIBRATED)
    rules.save_rule(**asked, actor=Actor.system("test"))
    assert {d.state for d in written()} == {"approved", "superseded"}


def test_a_rule_of_a_judge_that_lost_its_agreement_lets_nothing_through():
    ApprovalRule.objects.create(name="x", action="approve", conditions={"min_judged_quality": 0.0})
    assert {d.state for d in written()} == {"pending_review"}


def test_an_edited_text_is_not_the_judged_one(monkeypatch):
    draft = written().first()
    assert judging.judged_quality(draft, is_calibrated=True) == draft.quality
    changed = services.edit(draft=draft, version=1, subject="A", body=f"{draft.body}\nPS", user=make_user())
    assert judging.judged_quality(changed, is_calibrated=True) is None


def test_a_new_judge_is_tried_on_what_people_decided_before(client, settings, fake):
    reviewer = make_user()
    for draft in written(2).filter(variant="direct"):
        review.approve(draft=draft, version=1, user=reviewer)
    with_judge(settings, fake)
    assert judging.calibration().count == 0
    client.force_login(make_user("operator"))
    client.post(reverse("drafts:judge"))
    drain("llm")
    assert judging.calibration().count == 2 and judging.judge_decided() == 0


def test_the_figures_stand_on_the_page_of_rules(client):
    client.force_login(make_user("operator"))
    review.approve(draft=written().first(), version=1, user=make_user())
    shown = client.get(reverse("drafts:rules")).content.decode()
    assert "proofreading rules judge" in shown and "1 approved as they were" in shown and "not defined" in shown


# a note


def test_a_note_is_followed_by_a_model(settings, fake):
    draft = written().first()
    with_judge(settings, fake)
    changed = services.rewrite(draft=draft, version=1, wish="note", note="Mention\nno call", user=make_user())
    assert changed.body == "Hi Joe, no? I will not write again. Ann"
    assert "Mention no call" in str(fake.requests[0]["messages"])


def test_an_edited_text_gets_what_the_note_made_as_a_proposal(settings, fake):
    user = make_user()
    draft = services.edit(
        draft=written().first(), version=1, subject="A", body="Mine. I will not write again.", user=user
    )
    with_judge(settings, fake)
    kept = services.rewrite(draft=draft, version=2, wish="note", note="shorter", user=user)
    assert kept.body == "Mine. I will not write again." and kept.revisions.filter(kind="proposed").exists()


@pytest.mark.parametrize(("note", "error"), [("", Invalid), ("x" * 601, Invalid), ("shorter", Refused)])
def test_a_note_without_words_or_without_a_model_changes_nothing(note, error):
    draft = written().first()
    with pytest.raises(error):
        services.rewrite(draft=draft, version=1, wish="note", note=note, user=make_user())
    draft.refresh_from_db()
    assert draft.version == 1
