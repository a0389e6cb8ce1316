"""Pages of providers and routes."""

from django.urls import path

from outreach.llm.costs import views as costs
from outreach.llm.setup import views

app_name = "models"
urlpatterns = [
    path("", views.index, name="index"),
    path("connect/<slug:kind>/", views.connect, name="connect"),
    path("providers/<slug:name>/", views.provider, name="provider"),
    path("providers/<slug:name>/edit/", views.edit, name="edit"),
    path("providers/<slug:name>/test/", views.test, name="test"),
    path("providers/<slug:name>/price/", views.price, name="price"),
    path("providers/<slug:name>/remove/", views.remove, name="remove"),
    path("costs/", costs.index, name="costs"),
    path("costs.csv", costs.export, name="costs-export"),
    path("calls/", costs.calls, name="calls"),
    path("policy/", views.policy, name="policy"),
    path("routes/<slug:name>/", views.route, name="route"),
]
