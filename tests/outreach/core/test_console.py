"""The operators' console: what every list of it is made of, and what its front page costs."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from conversations.services import conversation_for
from outreach.access.roles import Role
from outreach.core.admin import COUNT_CAP, CappedPaginator, Console
from outreach.core.audit import record
from outreach.core.models import Actor
from tests.leads.factories import make_company, make_lead
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db


def front_page(client, role=Role.ADMINISTRATOR):
    client.force_login(make_user(role))
    return LexborHTMLParser(client.get("/admin/").content.decode())


def test_every_list_is_a_short_one_whose_count_is_capped():
    for model, site in admin.site._registry.items():
        assert isinstance(site, Console), model
        assert site.paginator is CappedPaginator and site.list_per_page <= 30, model
    assert COUNT_CAP == 10_000


def test_the_front_page_takes_few_queries_and_little_html(client, django_assert_max_num_queries):
    front_page(client)
    with django_assert_max_num_queries(16):
        page = client.get("/admin/").content
    assert len(page) < 80_000


def test_the_sidebar_and_the_front_page_list_every_model_once_each(client):
    tree = front_page(client)
    for place in ("#nav-sidebar-apps details", ".console-sections"):
        links = [link.attributes["href"] for link in tree.css(f"{place} a")]
        assert len(links) == len(set(links)) == len(admin.site._registry)


def test_operators_see_no_lists_of_users(client):
    hrefs = {link.attributes.get("href") for link in front_page(client, Role.OPERATOR).css("a")}
    assert "/admin/access/user/" not in hrefs and "/admin/jobs/job/" in hrefs


def test_the_section_of_the_present_list_is_open(client):
    client.force_login(make_user(Role.ADMINISTRATOR))
    tree = LexborHTMLParser(client.get("/admin/jobs/job/").content.decode())
    (opened,) = tree.css("#nav-sidebar-apps details[open]")
    (current,) = opened.css("a[aria-current]")
    assert current.attributes["href"] == "/admin/jobs/job/"
    assert len(tree.css("main")) == 1


BIG = (
    "leads.lead", "leads.company", "campaigns.candidate", "campaigns.outcome", "drafts.draft", "conversations.message",
    "conversations.messageevent", "conversations.conversation", "qualification.verdict", "core.auditentry", "llm.interaction",
    "llm.trace",
)  # fmt: skip


@pytest.mark.parametrize("name", BIG)
def test_a_search_of_a_big_table_goes_by_indexes(name, client):
    """No scan by `LIKE`, no comparison in upper case, no number as text."""
    client.force_login(make_user(Role.ADMINISTRATOR))
    url = reverse(f"admin:{name.replace('.', '_')}_changelist")
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url, {"q": "Ann 12"} if admin.site._registry[apps.get_model(name)].search_fields else {})
    assert answer.status_code == 200
    for query in asked.captured_queries:
        assert " LIKE " not in query["sql"] and "UPPER(" not in query["sql"] and "::varchar" not in query["sql"]


def test_a_search_finds_people_and_what_belongs_to_them(client):
    client.force_login(make_user(Role.ADMINISTRATOR))
    lead = make_lead("Anna Berg", email="anna@firm.example")
    make_lead("Boris Other")
    conversation_for(lead=lead)
    company = make_company("Zeta Works")
    for url, terms in (
        ("/admin/leads/lead/", ("anna", "berg an", "ANNA@firm.example")),
        ("/admin/conversations/conversation/", ("berg",)),
        ("/admin/leads/company/", ("zeta",)),
    ):
        for term in terms:
            shown = client.get(url, {"q": term}).context["cl"].result_list
            assert [row.pk for row in shown] in ([lead.pk], [lead.conversation.pk], [company.pk]), (url, term)
        assert not client.get(url, {"q": "nobody"}).context["cl"].result_list


def test_a_search_by_equals_compares_numbers_and_texts_by_their_own_type(client):
    client.force_login(make_user(Role.ADMINISTRATOR))
    lead = make_lead("Anna")
    entry = record("lead.tested", subject=lead, actor=Actor.system("test"))
    for term, found in ((str(lead.pk), True), ("x", False), ("999999", False)):
        shown = client.get("/admin/core/auditentry/", {"q": term, "action": entry.action}).context["cl"].result_list
        assert bool(shown) is found, term


def test_a_page_reads_only_its_own_rows(client):
    client.force_login(make_user(Role.ADMINISTRATOR))
    people = [make_lead(f"P{number}") for number in range(65)]
    shown = [row.pk for n in (1, 2, 3) for row in client.get("/admin/leads/lead/", {"p": n}).context["cl"].result_list]
    assert shown == [lead.pk for lead in reversed(people)]


def test_a_big_table_offers_common_values_and_the_orders_of_its_indexes(client, monkeypatch):
    client.force_login(make_user(Role.ADMINISTRATOR))
    for number in range(20):
        make_lead(f"P{number}", country="DE" if number % 2 else "US")
    monkeypatch.setattr("outreach.core.admin.rows_about", lambda _model: COUNT_CAP + 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead")
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/admin/leads/lead/")
    assert not [query for query in asked.captured_queries if "SELECT DISTINCT" in query["sql"]]
    tree = LexborHTMLParser(page.content.decode())
    offered = {link.attributes.get("href") or "" for link in tree.css("a")}
    assert {"?country=DE", "?country=US"} <= offered
    assert "title" not in page.context["cl"].sortable_by
