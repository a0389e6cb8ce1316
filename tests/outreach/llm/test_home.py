"""A model that does not answer is loud on the home page."""

import pytest

from tests.campaigns.factories import make_user
from tests.llm_fixtures import configured
from tests.outreach.llm.test_complete import ask

pytestmark = pytest.mark.django_db


def test_the_home_page_says_that_rules_stand_in_and_why(client, settings, fake):
    configured(settings, fake)
    client.force_login(make_user("operator"))
    ask()
    assert "Model not answering" not in client.get("/").content.decode()
    fake.always = "401"
    ask()
    page = client.get("/").content.decode()
    assert "Model not answering" in page and "401" in page
