"""The operators' console under its policy: every list opens, the console stays quiet, no foreign host is asked."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import expect

from outreach.core.audit import record
from outreach.core.models import Actor
from tests.browser.conftest import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_front_page(signed_in_page: Any, screenshot: Any) -> None:
    page = signed_in_page("administrator", "/admin/")
    expect(page.get_by_text("drafts to review")).to_be_visible()
    page.wait_for_load_state("networkidle")
    screenshot(page, "admin")


def test_lists_and_forms_of_the_shell_open(signed_in_page: Any, screenshot: Any) -> None:
    user = make_user("administrator")
    record("user.created", subject=user, actor=Actor.of(user), reason="To see a row")
    page = signed_in_page("administrator", "/admin/core/auditentry/")
    page.wait_for_load_state("networkidle")
    screenshot(page, "admin-audit")
    page.goto(page.url.replace("core/auditentry", f"access/user/{user.pk}/change"))
    page.wait_for_load_state("networkidle")
    screenshot(page, "admin-user")


@pytest.mark.long
def test_every_registered_list_opens(signed_in_page: Any) -> None:
    page = signed_in_page("administrator", "/admin/")
    base = page.url.removesuffix("/admin/")
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        answer = page.goto(base + address)
        assert answer.ok, address


@pytest.mark.parametrize("path", ["/admin/", "/api/docs/"])
@pytest.mark.parametrize(
    ("theme", "system", "is_dark"), [("", "dark", True), ("", "light", False), ("dark", "light", True)]
)
def test_vendors_pages_follow_the_viewers_theme(
    signed_in_page: Any, path: str, theme: str, system: str, is_dark: bool
) -> None:
    user = make_user("administrator", theme=theme)
    page = signed_in_page("administrator", "/profile/", user=user)
    page.emulate_media(color_scheme=system)
    page.goto(page.url.replace("/profile/", path))
    page.wait_for_load_state("networkidle")
    html = page.evaluate("document.documentElement.className")
    assert ("dark" in html) is is_dark
