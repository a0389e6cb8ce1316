"""Addresses of sources."""

from django.urls import path, re_path

from leads.sources import views

app_name = "sources"
urlpatterns = [
    path("", views.crawl_list, name="list"),
    path("new/", views.crawl_create, name="create"),
    path("<int:pk>/", views.crawl_detail, name="detail"),
    path("<int:pk>/refresh/", views.crawl_refresh, name="refresh"),
    re_path(r"^(?P<pk>\d{1,18})/(?P<action>pause|resume|retry|cancel)/$", views.crawl_action, name="action"),
    path("records/<int:pk>/", views.record_detail, name="record"),
]
