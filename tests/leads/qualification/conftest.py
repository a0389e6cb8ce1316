from collections.abc import Iterator

import pytest

from leads.qualification import services
from outreach.access.models import User
from outreach.access.roles import Role
from tests.outreach.llm.conftest import configured as configured
from tests.servers.fake_openai import FakeOpenAI

FACTORS = {
    "keywords": {"wanted": ["fintech"]},
    "place": {"countries": ["RU"]},
    "experience": {"levels": ["executive", "head"]},
}


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    server = FakeOpenAI().start()
    yield server
    server.stop()


@pytest.fixture
def reviewer(db):
    return User.objects.create_user("rita", password="a long enough password", role=Role.REVIEWER)


@pytest.fixture
def brief(db):
    return services.save_brief(name="CTOs", description="", factors=FACTORS, use_model=False, created_by=None)


@pytest.fixture
def judged_brief(db):
    return services.save_brief(
        name="Judged",
        description="People who decide about technology.",
        factors=FACTORS,
        use_model=True,
        created_by=None,
    )
