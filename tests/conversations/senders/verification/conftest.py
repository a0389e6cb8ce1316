import pytest

from tests.servers.fake_leadmagic import KEY, FakeLeadmagic


@pytest.fixture
def leadmagic(settings, monkeypatch):
    """A local Leadmagic with the key of this installation."""
    with FakeLeadmagic() as fake:
        monkeypatch.setenv("LEADMAGIC_API_KEY", KEY)
        config = settings.OUTREACH.leadmagic.model_copy(update={"base_url": fake.url, "timeout_seconds": 10})
        settings.OUTREACH = settings.OUTREACH.model_copy(update={"leadmagic": config})
        yield fake
