"""Addresses of the suppression list."""

from django.urls import path

from conversations.consent import views

app_name = "consent"
urlpatterns = [
    path("consents/", views.ledger_list, name="ledger"),
    path("consents/add/", views.ledger_add, name="ledger_add"),
    path("consents/import/", views.ledger_import, name="ledger_import"),
    path("suppressions/", views.suppression_list, name="list"),
    path("suppressions/add/", views.suppression_add, name="add"),
    path("suppressions/<int:pk>/lifting/", views.suppression_lifting, name="lifting"),
]
