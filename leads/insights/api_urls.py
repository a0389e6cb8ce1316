"""API addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from leads.insights import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("companies/<int:pk>/insight/", api.CompanyInsightView.as_view(), name="api-company-insight"),
    path("companies/<int:pk>/research/", api.CompanyResearchView.as_view(), name="api-company-research"),
    path("leads/<int:pk>/insight/", api.LeadInsightView.as_view(), name="api-lead-insight"),
    path("leads/<int:pk>/research/", api.LeadResearchView.as_view(), name="api-lead-research"),
    path("leads/<int:pk>/similar/", api.SimilarView.as_view(), name="api-lead-similar"),
    path("segments/<int:pk>/research/", api.SegmentResearchView.as_view(), name="api-segment-research"),
]
