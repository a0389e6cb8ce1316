"""Texts of calls go after their time; what they cost stays."""

from datetime import timedelta

import pytest

from outreach.core import clock
from outreach.core.models import Actor
from outreach.llm.models import CachedAnswer, Evaluation, Interaction
from outreach.llm.setup.services import save_policy
from outreach.llm.tasks import prune
from tests.campaigns.factories import make_user
from tests.llm_fixtures import configured
from tests.outreach.llm.test_complete import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(settings, fake):
    """An old call, and one of today."""
    configured(settings, fake)
    old, new = ask(use_cache=True).interaction, ask(pack_sha="other").interaction
    Evaluation.objects.create(interaction=old, name="quality", judge="m", score=0.5, reason="Names Joe.")
    Interaction.objects.filter(pk=old.pk).update(created_at=clock.now() - timedelta(days=31))
    return old, new


def test_old_texts_are_deleted_and_numbers_stay(calls):
    save_policy(trace_days=30, actor=Actor.system("test"))
    assert prune() == "Texts of calls deleted: 1"
    for row in calls:
        row.refresh_from_db()
    old, new = calls
    assert (old.input, old.output, old.has_texts) == ([], "", False)
    assert old.input_tokens and old.output_tokens
    assert new.output and new.has_texts
    assert Evaluation.objects.get().reason == "" and Evaluation.objects.get().score == 0.5
    assert not CachedAnswer.objects.exists()
    assert prune() == "Texts of calls deleted: 0"


def test_nothing_is_deleted_when_the_policy_keeps_it_for_ever(calls):
    save_policy(trace_days=0, actor=Actor.system("test"))
    assert prune() == "Texts of calls deleted: 0"


def test_the_trace_says_that_its_texts_are_gone(client, calls):
    save_policy(trace_days=30, actor=Actor.system("test"))
    prune()
    client.force_login(make_user("reviewer"))
    page = client.get(f"/traces/{calls[0].trace_id}/").content.decode()
    assert "The texts of this call are not kept any more." in page
