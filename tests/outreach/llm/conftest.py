from tests.llm_fixtures import configured, fake

__all__ = ["configured", "fake"]
