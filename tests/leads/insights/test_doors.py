import json

import pytest
from django.core.management import call_command

from leads.insights import embedding
from leads.models import Lead
from outreach.access.models import User
from outreach.access.roles import Role
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


class TestResearch:
    def test_starts_from_the_page_and_is_shown_with_its_sources(self, client, operator, site, acme):
        from outreach.jobs.draining import drain

        answer = client.post(f"/insights/companies/{acme.pk}/")
        assert answer.status_code == 302
        assert "Research in progress" in client.get(f"/companies/{acme.pk}/").content.decode()
        drain()
        page = client.get(f"/companies/{acme.pk}/").content.decode()
        assert "We are hiring a Head of Supply Planning in Warsaw." in page
        assert 'href="http://acme.example/jobs"' in page

    def test_the_fragment_comes_alone(self, client, operator, acme):
        page = client.get(f"/insights/companies/{acme.pk}/").content.decode()
        assert "<html" not in page
        assert "Nothing researched yet" in page

    def test_a_page_with_markup_in_its_text_shows_it_as_text(self, client, operator, acme):
        from leads.insights.services import research_company

        acme.website = acme.domain = ""
        acme.research_text = "Acme is a maker of <script>alert(1)</script> pumps for water works."
        acme.save()
        research_company(company=acme)
        page = client.get(f"/companies/{acme.pk}/").content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_over_the_api(self, client, operator, site, acme):
        from outreach.jobs.draining import drain

        lead = make_lead("Anna One", title="Painter", company=acme)
        assert client.get(f"/api/v1/leads/{lead.pk}/insight/").json()["code"] == "not_researched"
        started = client.post(f"/api/v1/leads/{lead.pk}/research/", content_type="application/json")
        assert started.status_code == 202
        drain()
        insight = client.get(f"/api/v1/leads/{lead.pk}/insight/").json()
        cited = {
            fact for part in ("summary", "triggers", "pains") for point in insight[part] for fact in point["facts"]
        }
        assert cited
        assert cited <= {source["id"] for source in insight["sources"]}
        assert client.get(f"/api/v1/companies/{acme.pk}/insight/").status_code == 200
        assert client.post(f"/api/v1/companies/{acme.pk}/research/").status_code == 202

    def test_a_viewer_starts_none(self, client, acme):
        client.force_login(User.objects.create_user("vera", password="a long enough password", role=Role.VIEWER))
        assert client.post(f"/api/v1/companies/{acme.pk}/research/").status_code == 403
        client.post(f"/insights/companies/{acme.pk}/")
        from outreach.jobs.models import Job

        assert not Job.objects.exists()

    def test_of_a_segment(self, client, operator, pair, capsys):
        from leads.segments.services import save_segment

        criteria = {"all": [{"field": "lead.country", "operator": "missing"}]}
        segment = save_segment(name="Without a country", criteria=criteria, created_by=None).segment
        answer = client.post(f"/api/v1/segments/{segment.pk}/research/", {"limit": 1}, content_type="application/json")
        assert answer.status_code == 202
        call_command("segment", "research", segment.name, "--json")
        assert json.loads(capsys.readouterr().out)["job"] == answer.json()["job"]

    def test_on_the_command_line(self, capsys, site, acme, pair):
        call_command("company", "research", str(acme.pk), "--json")
        row = json.loads(capsys.readouterr().out)
        assert [text.partition(" [")[0] for text in row["triggers"]] == [
            "We are hiring a Head of Supply Planning in Warsaw."
        ]
        assert any("http://acme.example/jobs (website)" in source for source in row["sources"])
        call_command("employee", "research", "anna@firm.example", "--json")
        assert json.loads(capsys.readouterr().out)["about"] == "Anna One"
