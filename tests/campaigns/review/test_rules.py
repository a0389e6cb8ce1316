"""Approval rules: without one every draft needs a person."""

import pytest

from campaigns.drafts import services
from campaigns.drafts.models import ApprovalRule, Draft
from campaigns.review import rules
from campaigns.review import services as review
from outreach.core.audit import trail
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate

pytestmark = pytest.mark.django_db


def states(*rule_rows, **lead) -> list[str]:
    for number, (action, conditions) in enumerate(rule_rows):
        ApprovalRule.objects.create(name=f"rule {number}", action=action, conditions=conditions)
    campaign = make_campaign()
    make_candidate(campaign, **lead)
    services.generate(campaign=campaign)
    drain("llm")
    return sorted(Draft.objects.values_list("state", flat=True))


WAITING = ["pending_review", "pending_review"]
ONE = ["approved", "superseded"]


@pytest.mark.parametrize(
    ("rule_rows", "expected"),
    [
        ([], WAITING),
        ([("approve", {"min_quality": 0.5})], ONE),
        ([("approve", {"min_quality": 0.5, "language": "ru"})], WAITING),
        ([("approve", {}), ("review", {"first_contact_with_company": True})], WAITING),
        ([("approve", {}), ("review", {"words": ["salary", "hiring process"]})], WAITING),
        ([("approve", {}), ("review", {"words": ["salary"]})], ONE),
        ([("approve", {"channel": "sms"})], WAITING),
    ],
)
def test_rules(rule_rows, expected):
    assert states(*rule_rows) == expected


def test_the_rule_is_named_in_row_and_audit_trail():
    states(("approve", {}))
    draft = Draft.objects.get(state="approved")
    assert draft.approval_rule.name == "rule 0"
    assert draft.approved_by is None
    assert draft.approved_hash == draft.content_hash
    assert "rule 0" in str(trail(draft).first().actor_name)


def test_a_later_rule_can_be_applied_to_what_waits():
    states()
    campaign = Draft.objects.first().candidate.campaign
    ApprovalRule.objects.create(name="late", action="approve", conditions={}, campaign=campaign)
    assert review.apply_rules(campaign=campaign) == 1
    assert review.apply_rules(campaign=campaign) == 0


def test_wrong_conditions_are_named():
    with pytest.raises(Invalid, match="min_quality"):
        rules.save_rule(name="x", action="approve", conditions={"min_quality": 3}, actor=Actor.system("t"))
    with pytest.raises(Invalid, match="colour"):
        rules.save_rule(name="x", action="approve", conditions={"colour": 3}, actor=Actor.system("t"))
