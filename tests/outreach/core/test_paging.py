"""Pages by the id of their last row."""

import pytest

from outreach.access.models import User
from outreach.core.paging import newest
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db


def test_pages_follow_each_other_without_a_gap():
    users = [make_user() for _number in range(5)][::-1]
    rows = User.objects.filter(pk__in=[user.pk for user in users])
    first, following = newest(rows, size=2)
    second, further = newest(rows, str(following), size=2)
    last, end = newest(rows, str(further), size=2)
    assert (first + second + last, end) == (users, None)


def test_a_page_that_is_just_full_is_the_last():
    users = [make_user() for _number in range(2)]
    assert newest(User.objects.filter(pk__in=[user.pk for user in users]), size=2)[1] is None


@pytest.mark.parametrize("before", ["", "x", "-1", "²"])
def test_what_is_no_id_is_the_first_page(before):
    assert newest(User.objects.all(), before)[0] == list(User.objects.order_by("-pk"))


def test_an_id_that_no_row_can_have_is_beyond_them_all():
    user = make_user()
    assert user in newest(User.objects.all(), "9" * 40)[0]
