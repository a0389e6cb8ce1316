from tests.servers.fixtures import fake_twilio

__all__ = ["fake_twilio"]
