"""What every button of a page does, whoever presses it."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from outreach.access.pages import action
from outreach.access.roles import Role, at_least
from outreach.core.errors import Refused
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db


def press(view, *, role=Role.OPERATOR, method="post", headers=None, **kwargs):
    request = getattr(RequestFactory(), method)("/", headers=headers or {})
    request.user, request.session, request.htmx = make_user(role), {}, HtmxDetails(request)
    request._messages = FallbackStorage(request)
    return view(request, **kwargs), [str(message) for message in get_messages(request)]


@action(Role.OPERATOR, back="leads:detail")
def greet(request, pk, word="hello"):
    if word == "no":
        raise Refused("Not now.")
    return HttpResponse(word) if word == "page" else f"{word} {pk}"


def test_it_says_what_happened_and_goes_back():
    response, said = press(greet, pk=7, word="hello")
    assert (response.status_code, response["Location"], said) == (302, "/leads/7/", ["hello 7"])


def test_a_refusal_is_told_and_goes_back():
    response, said = press(greet, pk=7, word="no")
    assert (response["Location"], said) == ("/leads/7/", ["Not now."])


def test_htmx_gets_the_refusal_itself():
    with pytest.raises(Refused):
        press(greet, pk=7, word="no", headers={"HX-Request": "true"})


def test_an_answer_of_its_own_is_passed_on():
    response, said = press(greet, pk=7, word="page")
    assert (response.content, said) == (b"page", [])


def test_only_a_post_of_somebody_with_the_role_does_anything():
    assert press(greet, pk=7, method="get")[0].status_code == 405
    with pytest.raises(PermissionDenied):
        press(greet, pk=7, role=Role.REVIEWER)


def test_roles_are_ordered():
    assert at_least(Role.OPERATOR) == ("operator", "administrator")
    assert at_least(Role.VIEWER) == ("viewer", "reviewer", "operator", "administrator")


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        (Role.VIEWER, set()),
        (Role.REVIEWER, {"review"}),
        (Role.OPERATOR, {"review", "operate"}),
        (Role.ADMINISTRATOR, {"review", "operate", "administer"}),
    ],
)
def test_templates_ask_for_permissions_that_follow_from_the_role(role, granted):
    user = make_user(role)
    assert {name for name in ("review", "operate", "administer") if user.has_perm(f"outreach.{name}")} == granted


def test_an_unknown_permission_is_not_granted():
    assert not make_user(Role.OPERATOR).has_perm("outreach.nonsense")
