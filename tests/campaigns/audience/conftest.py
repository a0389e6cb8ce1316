from itertools import count

import pytest

from campaigns.audience import live_index
from campaigns.models import Campaign
from leads.segments.services import save_segment
from tests.campaigns.factories import make_campaign

_numbers = count(1)


@pytest.fixture
def make_live(db):
    """A daily campaign that is ready, for criteria."""

    def make(criteria, **fields):
        version = save_segment(name=f"Live {next(_numbers)}", criteria=criteria, created_by=None)
        return make_campaign(
            segment_version=version, mode=Campaign.Mode.DAILY, state=fields.pop("state", "ready"), **fields
        )

    return make


@pytest.fixture(autouse=True)
def nothing_kept():
    live_index.forget()
