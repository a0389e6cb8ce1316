"""Addresses of insights."""

from django.urls import path

from leads.insights import views

app_name = "insights"
urlpatterns = [
    path("leads/<int:pk>/", views.lead_insight, name="lead"),
    path("companies/<int:pk>/", views.company_insight, name="company"),
    path("segments/<int:pk>/", views.segment_research, name="segment"),
]
