"""The operations that the product's specifications name are there, under their own paths."""

from __future__ import annotations

import pytest
from django.urls import resolve

REQUIRED = [
    "POST /campaigns",
    "POST /campaigns/7/discover",
    "POST /campaigns/7/qualify",
    "GET /campaigns/7/leads",
    "GET /jobs/7",
    "GET /leads",
    "GET /leads/7",
    "POST /leads/7/qualify",
    "POST /leads/7/feedback",
    "POST /qualification/qualify/7",
    "POST /scraper/jobs",
    "GET /scraper/jobs",
    "GET /scraper/queue/status",
    "POST /ml/predict",
    "POST /ml/feedback",
    "GET /ml/metrics",
    "GET /suppressions",
    "POST /suppressions",
    "POST /suppressions/7/lifting",
    "GET /consents",
    "POST /consents",
    "POST /consents/import",
]


@pytest.mark.parametrize("operation", REQUIRED)
def test_the_operation_is_there(operation):
    method, path = operation.split()
    callback = resolve(f"/api/v1{path}/").func
    actions = getattr(callback, "actions", None) or {name: name for name in dir(callback.cls)}
    assert method.lower() in actions


@pytest.mark.django_db
@pytest.mark.parametrize("operation", REQUIRED)
def test_it_is_found_as_it_is_written_without_a_slash(operation, client):
    method, path = operation.split()
    response = client.generic(method, f"/api/v1{path}")
    assert response.status_code == 401
