"""Pages of learning."""

from django.urls import path

from leads.learning.agents import views as agents
from leads.learning.measurements import views

app_name = "learning"
urlpatterns = [
    path("", views.index, name="list"),
    path("compare/", views.compare, name="compare"),
    path("agents/<int:brief_id>/", agents.page, name="agent"),
    path("<int:pk>/", views.detail, name="detail"),
]
