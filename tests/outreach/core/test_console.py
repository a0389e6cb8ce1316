"""The operators' console: what every list of it is made of, and what its front page costs."""

from __future__ import annotations

import pytest
from django.contrib import admin
from selectolax.lexbor import LexborHTMLParser

from outreach.access.roles import Role
from outreach.core.admin import COUNT_CAP, CappedPaginator, Console
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
