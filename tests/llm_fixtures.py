"""A fake model server and settings that point at it, for every room that asks models."""

from collections.abc import Iterator

import pytest

from outreach.configuration import Configuration
from tests.servers.fake_openai import FakeOpenAI


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    server = FakeOpenAI().start()
    yield server
    server.stop()


def configured(
    settings, fake: FakeOpenAI, *, chain: list[str] | None = None, routes: dict | None = None, **llm
) -> None:
    """Point the routes at the fake server."""
    settings.OUTREACH = Configuration.model_validate(
        {
            "llm": {
                "providers": {"fake": {"base_url": fake.base_url}, "second": {"base_url": fake.base_url}},
                "routes": {"default": {"chain": chain or ["fake/fake-model"]}, **(routes or {})},
                "retry_base_seconds": 0,
                **llm,
            }
        }
    )
