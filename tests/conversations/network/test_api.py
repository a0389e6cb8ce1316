"""Who knows whom is read over the API; nobody writes it there."""

import pytest
from rest_framework.test import APIClient

from conversations.network.relations import relation_for
from outreach.access.models import User
from outreach.access.roles import Role
from tests.conversations.factories import make_lead, make_sender

pytestmark = pytest.mark.django_db


def test_relations_are_listed_by_lead_sender_and_state():
    user = User.objects.create(username="viewer")
    user.set_role(Role.VIEWER)
    user.save()
    api = APIClient()
    api.force_authenticate(user)
    lead, sender = make_lead(), make_sender(channel="network", adapter="network", address="net.example/in/us")
    relation = relation_for(lead=lead, sender=sender)
    relation_for(lead=make_lead(), sender=sender)
    url = "/api/v1/network/relations/"
    [row] = api.get(f"{url}?lead={lead.pk}").data["results"]
    assert (row["id"], row["sender"], row["state"]) == (relation.pk, sender.pk, "none")
    assert len(api.get(f"{url}?sender={sender.pk}&state=none").data["results"]) == 2
    assert api.get(f"{url}?state=connected").data["results"] == []
    assert api.get(f"{url}{relation.pk}/").data["lead"] == lead.pk
    assert api.post(url, {"lead": lead.pk}).status_code in {403, 405}
