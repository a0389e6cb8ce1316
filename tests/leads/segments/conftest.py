from datetime import timedelta

import pytest
from django.test import Client

from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from tests.leads.segments.factories import CompanyFactory, LeadFactory


def user_of(role: str) -> User:
    return User.objects.create_user(f"{role}-of-segments", password="a long enough password", role=role)


@pytest.fixture
def operator(db):
    return user_of(Role.OPERATOR)


@pytest.fixture
def client_of(db):
    def make(user):
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def fintech(db):
    """A CTO and a head of IT who match, and six who each miss one condition."""
    firm = CompanyFactory(name="Plata", country="RU", industry="Fintech", is_sme=True)
    now = clock.now()
    match = [
        LeadFactory(title="CTO", company=firm),
        LeadFactory(title="Head of IT", company=firm, last_contacted_at=now - timedelta(days=61)),
    ]
    LeadFactory(title="Director", company=firm)
    LeadFactory(title="CTO", company=firm, last_contacted_at=now - timedelta(days=59))
    LeadFactory(title="CTO", company=CompanyFactory(country="DE", industry="Fintech", is_sme=True))
    LeadFactory(title="CTO", company=CompanyFactory(country="RU", industry="Retail", is_sme=True))
    LeadFactory(title="CTO", company=CompanyFactory(country="RU", industry="Fintech", is_sme=None))
    LeadFactory(title="CTO", company=None)
    return match


CRITERIA = {
    "all": [
        {"field": "company.country", "operator": "in", "value": ["RU"]},
        {"field": "company.is_sme", "operator": "equals", "value": True},
        {"field": "company.industry", "operator": "any_of", "value": ["fintech"]},
        {"field": "lead.title", "operator": "any_of", "value": ["CTO", "Head of IT"]},
        {"field": "lead.last_contacted_at", "operator": "not_within_days", "value": 60},
    ]
}


@pytest.fixture
def criteria():
    return CRITERIA
