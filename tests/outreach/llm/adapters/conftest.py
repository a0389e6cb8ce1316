from tests.llm_fixtures import fake

__all__ = ["fake"]
