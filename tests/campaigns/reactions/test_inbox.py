"""The inbox can be narrowed to the people of one campaign."""

from __future__ import annotations

import pytest

from campaigns.models import Candidate
from conversations.inbox import queues
from conversations.inbox.queues import View
from conversations.models import Conversation
from outreach.access.models import User
from outreach.core import clock
from tests.campaigns.factories import make_campaign
from tests.conversations.factories import make_conversation

pytestmark = pytest.mark.django_db


def test_the_inbox_shows_the_answers_to_one_campaign():
    campaign, ann = make_campaign(), User.objects.create_user("ann", role="reviewer")
    inside, outside = make_conversation(), make_conversation()
    Candidate.objects.create(campaign=campaign, lead=inside.lead)
    Conversation.objects.filter(pk__in=[inside.pk, outside.pk]).update(last_inbound_at=clock.now())
    for value, found in ((str(campaign.pk), [inside]), ("0", []), ("x", [])):
        rows, _following = queues.page(View.of({"queue": "all", "campaign": value}), user=ann, now=clock.now())
        assert [row.conversation for row in rows] == found
