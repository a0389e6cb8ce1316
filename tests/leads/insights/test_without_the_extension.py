"""On a database server without pgvector everything works but the search for similar leads."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from leads.insights import checks, embedding, similarity, vector_extension
from leads.insights.models import LeadEmbedding
from leads.qualification.labelling.states import vectors_of
from outreach.access.roles import Role
from outreach.core.errors import Refused
from tests.leads.factories import make_lead
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused():
    """A server whose administrator has not created the extension and lets no one else do it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP INDEX lead_embedding_hnsw; ALTER TABLE insights_leadembedding ALTER vector TYPE double precision[]"
            " USING vector::real[]; DROP EXTENSION vector; CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE insufficient_privilege; END $$;"
            " CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE EXTENSION') EXECUTE FUNCTION refuse()"
        )


@pytest.fixture
def leads(refused):
    found = [make_lead(title=title) for title in ("House painter", "Wall painter")]
    embedding.embed(lead_ids=[lead.pk for lead in found])
    return found


def test_vectors_are_made_and_read_for_the_learner(leads):
    assert LeadEmbedding.objects.count() == 2
    vectors = vectors_of([lead.pk for lead in leads])
    assert float(vectors[leads[0].pk] @ vectors[leads[1].pk]) > 0.3


def test_a_search_says_why_there_is_none(leads):
    with pytest.raises(Refused, match="no pgvector") as refusal:
        similarity.similar(lead=leads[0])
    assert refusal.value.code == "no_similarity_search"
    with pytest.raises(Refused, match="no pgvector"):
        similarity.similar(lead=leads[0], criteria=similarity.criteria_of({"country": "DE"}))


def test_the_page_of_a_lead_leaves_similar_leads_out(leads, client):
    client.force_login(make_user(Role.VIEWER))
    answer = client.get(reverse("leads:detail", args=[leads[0].pk]))
    assert answer.status_code == 200 and "Similar leads" not in answer.content.decode()


def test_the_check_and_the_commands_say_what_to_do(leads, capsys):
    (warning,) = checks.similar_leads_can_be_searched(databases=["default"])
    assert "everything else works" in warning.msg and "CREATE EXTENSION vector" in warning.hint
    call_command("embeddings", "status", "--json")
    assert json.loads(capsys.readouterr().out)["similarity_search"] is False
    with pytest.raises(CommandError):
        call_command("embeddings", "enable", "--json")
    assert "administrator" in "".join(capsys.readouterr())


def test_where_the_server_has_no_such_package_it_is_said_where_it_comes_from(leads):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL extension_control_path = '/nowhere'")
    assert vector_extension.enable(connection) == vector_extension.MISSING
    (warning,) = checks.similar_leads_can_be_searched(databases=["default"])
    assert "postgresql-NN-pgvector" in warning.hint and "pgvector/pgvector:pg17" in warning.hint


def test_the_search_begins_when_the_extension_has_come(leads):
    with connection.cursor() as cursor:
        cursor.execute("DROP EVENT TRIGGER refuse; CREATE EXTENSION vector; SET CONSTRAINTS ALL IMMEDIATE")
    assert vector_extension.obstacle(connection) == vector_extension.UNUSED
    call_command("embeddings", "enable")
    assert checks.similar_leads_can_be_searched(databases=["default"]) == []
    assert [row.lead for row in similarity.similar(lead=leads[0])] == [leads[1]]
