from tests.campaigns.drafts.conftest import *  # noqa: F403 - the fake model, as in the room of drafts
