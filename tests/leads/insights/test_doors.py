import json

import pytest
from django.core.management import call_command

from leads.insights import embedding
from leads.models import Lead
from outreach.access.models import Role, User
from tests.leads.factories import make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    user = User.objects.create_user("olga", password="a long enough password", role=Role.OPERATOR)
    client.force_login(user)
    return user


@pytest.fixture
def pair():
    leads = [
        make_lead("Anna One", email="anna@firm.example", title="Painter"),
        make_lead("Boris Two", title="Painter of houses"),
    ]
    embedding.embed(lead_ids=[lead.pk for lead in leads])
    return leads


class TestSimilar:
    def test_stand_on_the_page_of_a_lead(self, client, operator, pair):
        page = client.get(f"/leads/{pair[0].pk}/").content.decode()
        assert "Boris Two" in page

    def test_over_the_api(self, client, operator, pair):
        rows = client.get(f"/api/v1/leads/{pair[0].pk}/similar/").json()
        assert [row["id"] for row in rows] == [pair[1].pk]
        assert 0 < rows[0]["likeness"] <= 1

    def test_a_filter_over_the_api(self, client, operator, pair):
        assert client.get(f"/api/v1/leads/{pair[0].pk}/similar/?country=FR").json() == []

    def test_a_lead_too_new_over_the_api(self, client, operator):
        answer = client.get(f"/api/v1/leads/{make_lead(title='Painter').pk}/similar/")
        assert answer.status_code == 409
        assert answer.json()["code"] == "no_vector"

    def test_on_the_command_line_a_missing_vector_is_made(self, capsys, pair):
        lead = Lead.objects.create(full_name="Carl Three", title="Painter")
        call_command("employee", "similar", str(lead.pk), "--json")
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert {row["id"] for row in rows} == {pair[0].pk, pair[1].pk}

    def test_the_command_counts_and_rebuilds(self, capsys, pair):
        call_command("embeddings", "rebuild", "--now", "--json")
        call_command("embeddings", "status", "--json")
        rebuilt, status = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert rebuilt == {"noted": 2, "due": 0}
        assert (status["embedder"], status["vectors"], status["due"]) == ("hash@1", 2, 0)
