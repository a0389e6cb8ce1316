import pytest
from django.db import IntegrityError

from conversations.models import Conversation, Message
from leads.imports import abandoned
from leads.imports.models import Batch, Change
from leads.imports.upsert import undo
from leads.models import Company, Identity, Lead
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.jobs.draining import drain
from tests.leads.factories import ACTOR, make_company, make_lead, run_import

pytestmark = pytest.mark.django_db


def state():
    """All that an import may touch, without the times of change and the hashes that follow from the rest."""
    ignored = ("updated_at", "content_hash")
    return [
        [{k: v for k, v in row.items() if k not in ignored} for row in model.objects.order_by("pk").values()]
        for model in (Lead, Company, Identity)
    ]


FILE = """name,email,phone,company,title,city,tags,employees
Anna,anna@firm.example,+12125550101,Firm GmbH,CTO,Berlin,"a,b",50
Bob,bob@firm.example,,New AG,CEO,,,7
"""


def world():
    firm = make_company("Firm GmbH", country="", tags=["old"])
    make_lead("Anna", email="anna@firm.example", company=firm, title="Engineer", title_key="engineer")


@pytest.mark.parametrize("rule", ["fill_empty", "overwrite"])
def test_everything_is_as_it_was(rule):
    world()
    before = state()
    batch = run_import(FILE, options={"update_rule": rule})
    assert (batch.counts["created"], batch.counts["updated"], Company.objects.count()) == (1, 1, 2)
    counts = undo.undo_now(batch=batch, actor=ACTOR)
    assert state() == before
    batch.refresh_from_db()
    assert (batch.state, batch.counts["undone"]) == ("undone", counts)
    assert (counts["leads_removed"], counts["leads_restored"], counts["companies_removed"]) == (1, 1, 1)
    assert not Change.objects.exists()


def test_what_somebody_changed_since_is_left_alone():
    from leads import services

    world()
    batch = run_import(FILE, options={"update_rule": "overwrite"})
    anna = Lead.objects.get(identities__address="anna@firm.example")
    services.update_lead(lead=anna, actor=ACTOR, fields={"title": "Founder"})
    undo.undo_now(batch=batch, actor=ACTOR)
    anna.refresh_from_db()
    assert (anna.title, anna.city) == ("Founder", "")


def test_the_same_file_can_be_imported_again_after_the_undo():
    world()
    undo.undo_now(batch=run_import(FILE), actor=ACTOR)
    assert run_import(FILE).counts["created"] == 1


def test_it_is_refused_with_a_name_once_something_was_sent():
    batch = run_import(FILE)
    bob = Lead.objects.get(identities__address="bob@firm.example")
    conversation = Conversation.objects.create(lead=bob)
    message = Message.objects.create(
        conversation=conversation, lead=bob, channel="email", state="sent", sending_at=clock.now(), sent_at=clock.now()
    )
    with pytest.raises(Refused) as caught:
        undo.undo_now(batch=batch, actor=ACTOR)
    assert "Bob" in caught.value.reason
    batch.refresh_from_db()
    assert (batch.state, Lead.objects.count()) == ("done", 2)
    Message.objects.filter(pk=message.pk).update(state="scheduled", sending_at=None, sent_at=None)
    undo.undo_now(batch=batch, actor=ACTOR)
    assert (Lead.objects.count(), Message.objects.count(), Conversation.objects.count()) == (0, 0, 0)


def test_a_company_where_somebody_else_works_by_now_is_kept():
    batch = run_import(FILE)
    company = Company.objects.get(name="New AG")
    make_lead("Eve", email="eve@new.example", company=company)
    counts = undo.undo_now(batch=batch, actor=ACTOR)
    assert (counts["companies_kept"], Company.objects.get().pk, Lead.objects.get().full_name) == (1, company.pk, "Eve")


def test_an_import_is_undone_once_and_only_when_it_is_done():
    batch = run_import(FILE)
    undo.undo_now(batch=batch, actor=ACTOR)
    with pytest.raises(Refused):
        undo.undo_now(batch=Batch.objects.get(pk=batch.pk), actor=ACTOR)


def test_an_undo_that_fails_at_its_very_end_is_taken_back_and_may_be_tried_again(monkeypatch):
    batch = run_import(FILE)

    def somebody_refers_to_them_meanwhile(*_arguments, **_named):
        raise IntegrityError

    with monkeypatch.context() as patch, pytest.raises(Refused, match="depends on the leads"):
        patch.setattr(undo, "publish", somebody_refers_to_them_meanwhile)
        undo.undo_now(batch=batch, actor=ACTOR)
    batch.refresh_from_db()
    assert (batch.state, Lead.objects.count()) == ("done", 2)
    Batch.objects.filter(pk=batch.pk).update(state="undoing", job=None)  # as a command leaves it that was killed
    assert abandoned.close() == 1
    batch.refresh_from_db()
    assert batch.state == "done" and undo.undo_now(batch=batch, actor=ACTOR)["leads_removed"] == 2


@pytest.mark.django_db(transaction=True)
def test_the_job_undoes_and_reports():
    batch = run_import(FILE)
    undo.start(batch=batch, actor=ACTOR)
    drain()
    batch.refresh_from_db()
    assert (batch.state, Lead.objects.count()) == ("undone", 0)
    assert "people removed" in batch.job.outcome
