"""Pages of prompt packs."""

from django.urls import path

from outreach.prompts import benchmark_views, views

app_name = "prompts"
urlpatterns = [
    path("prompts/", views.pack_list, name="list"),
    path("prompts/benchmarks/", benchmark_views.index, name="benchmarks"),
    path("prompts/benchmarks/<int:pk>/", benchmark_views.detail, name="benchmark"),
    path("prompts/<slug:name>/", views.pack_detail, name="detail"),
    path("prompts/<slug:name>/check/", views.check, name="check"),
    path("prompts/<slug:name>/simulation/", views.simulation, name="simulation"),
    path("prompts/<slug:name>/tests/", views.tests, name="tests"),
    path("prompts/<slug:name>/versions/<str:sha>/label/", views.label, name="label"),
    path("prompts/<slug:name>/versions/<str:sha>/file/", views.export, name="file"),
]
