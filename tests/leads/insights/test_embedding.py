import pytest

from leads import services
from leads.directory.erasing import erase
from leads.insights import embedding, similarity, tasks
from leads.insights.models import EmbeddingDue, LeadEmbedding
from leads.models import Lead
from outreach.core.errors import Refused
from outreach.jobs.draining import drain
from outreach.llm import embeddings
from tests.leads.factories import ACTOR, make_company, make_lead, run_import

pytestmark = pytest.mark.django_db


def embed(*leads: Lead) -> int:
    return embedding.embed(lead_ids=[lead.pk for lead in leads])


def test_leads_of_one_trade_are_alike_and_the_likest_comes_first():
    one = make_lead("Anna One", title="Head of accounting")
    two = make_lead("Boris Two", title="Head of accounting and tax")
    other = make_lead("Carl Three", title="Bicycle mechanic")
    embed(one, two, other)

    found = similarity.similar(lead=one)

    assert [row.lead for row in found] == [two, other]
    assert found[0].likeness > 0.6 > found[1].likeness


def test_names_do_not_make_people_alike():
    one = make_lead("Anna Example", title="Painter")
    namesake = make_lead("Anna Example", title="Lawyer")
    colleague = make_lead("Zoe Other", title="Painter")
    embed(one, namesake, colleague)
    assert next(row.lead for row in similarity.similar(lead=one)) == colleague


def test_a_lead_without_a_vector_is_told_so():
    with pytest.raises(Refused) as caught:
        similarity.similar(lead=make_lead(title="Painter"))
    assert caught.value.code == "no_vector"


def test_a_lead_that_says_nothing_gets_no_vector():
    embed(make_lead("Anna Example"))
    assert not LeadEmbedding.objects.exists()


def test_an_unchanged_text_is_not_embedded_again():
    lead = make_lead(title="Painter")
    assert embed(lead) == 1
    assert embed(lead) == 0
    Lead.objects.filter(pk=lead.pk).update(title="Lawyer")
    assert embed(lead) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_created_changed_or_imported_is_embedded_in_the_background():
    lead = services.create_lead(actor=ACTOR, email="a@firm.example", fields={"full_name": "A B", "title": "Painter"})
    run_import("email,full name,title\nb@firm.example,C D,Lawyer\n")
    drain()
    tasks.embed()
    assert LeadEmbedding.objects.count() == 2
    before = LeadEmbedding.objects.get(lead=lead).content_hash

    services.update_lead(lead=lead, actor=ACTOR, fields={"title": "Sculptor"})
    drain()
    tasks.embed()
    assert LeadEmbedding.objects.get(lead=lead).content_hash != before
    assert not EmbeddingDue.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_of_the_company_reaches_the_vectors_of_its_people():
    company = make_company(industry="retail")
    lead = make_lead(title="Buyer", company=company)
    embed(lead)
    before = LeadEmbedding.objects.get(lead=lead).content_hash

    services.update_company(company=company, actor=ACTOR, fields={"industry": "fishery"})
    drain()
    tasks.embed()

    assert LeadEmbedding.objects.get(lead=lead).content_hash != before


def test_erasure_takes_the_vector_with_it():
    lead = make_lead(title="Painter")
    embed(lead)
    erase(lead=lead, actor=ACTOR)
    assert not LeadEmbedding.objects.exists()
    embed(lead)
    assert not LeadEmbedding.objects.exists()


def test_vectors_of_another_embedder_are_never_compared(settings):
    one, two = make_lead(title="Painter"), make_lead(title="Painter")
    embed(one, two)
    LeadEmbedding.objects.filter(lead=two).update(embedder="hash@0")
    assert similarity.similar(lead=one) == []
    with pytest.raises(Refused):
        similarity.similar(lead=two)


def test_a_switch_of_the_embedder_makes_all_vectors_anew_on_demand(settings):
    lead = make_lead(title="Painter")
    embed(lead)
    LeadEmbedding.objects.update(embedder="hash@0", content_hash="of the old one")
    assert embedding.note_all() == 1
    embedding.embed_due()
    assert LeadEmbedding.objects.get(lead=lead).embedder == "hash@1"


class TestWithAFilter:
    def test_only_leads_that_fit_are_named(self):
        one = make_lead(title="Painter", country="DE")
        near = make_lead(title="Painter", country="FR")
        fits = make_lead(title="Painter of houses", country="DE", tags=["vip"])
        embed(one, near, fits)
        found = similarity.similar(lead=one, criteria=similarity.criteria_of({"country": "de", "tag": "vip"}))
        assert [row.lead for row in found] == [fits]

    def test_a_broad_one_gives_the_same_by_the_index(self, monkeypatch):
        leads = [make_lead(title=f"Painter of {word}", country="DE") for word in ("houses", "boats", "cars", "walls")]
        embed(*leads, make_lead(title="Painter of houses", country="FR"))
        criteria = similarity.criteria_of({"country": "DE"})
        exact = similarity.nearest(lead_id=leads[0].pk, limit=3, criteria=criteria)
        monkeypatch.setattr(similarity, "NARROW", 1)
        searched = similarity.nearest(lead_id=leads[0].pk, limit=3, criteria=criteria)
        assert sorted(searched) == sorted(exact)
        assert len(exact) == 3


def test_an_empty_filter_is_no_filter():
    assert similarity.criteria_of({"country": "", "tag": ""}) is None


def test_the_shipped_encoder_is_pinned():
    """Another version or other weights are another embedder: all vectors have to be made anew then."""
    assert embeddings.sentence_encoder_id() == "use@0.2.1+0db566fd"


def test_hashed_vectors_have_length_one_and_are_the_same_everywhere():
    (vector,) = embeddings.embed_by_hash(["Head of IT"])
    assert len(vector) == embeddings.DIMENSIONS
    assert sum(number * number for number in vector) == pytest.approx(1)
    assert embeddings.embed_by_hash(["Head of IT"]) == [vector]
    assert not any(embeddings.embed_by_hash(["…"])[0])
