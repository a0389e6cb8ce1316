"""Pages of traces."""

from django.urls import path

from outreach.llm import views

app_name = "traces"
urlpatterns = [path("traces/<uuid:pk>/", views.detail, name="detail")]
