"""Pages of this part of the product."""

from django.urls import URLPattern, URLResolver, include, path

from leads.directory import lists, views
from leads.directory.models import ListKind
from outreach.core.replica import reads_only


def _list_urls(kind: ListKind) -> list[URLPattern]:
    given = {"kind": kind}
    return [
        path("", reads_only(lists.index), given, name="list"),
        path("export/", lists.export, given, name="export"),
        path("bulk/", lists.apply_action, given, name="bulk"),
        path("bulk/export/", lists.export_selection, given, name="bulk-export"),
    ]


leads_urls = (
    [
        *_list_urls(ListKind.PEOPLE),
        path("new/", views.lead_create, name="create"),
        path("bulk/<int:pk>/", lists.bulk_job, name="bulk-job"),
        path("views/<str:kind>/", lists.save_view, name="save-view"),
        path("views/<str:kind>/columns/", lists.choose_columns, name="columns"),
        path("views/<int:pk>/deletion/", lists.delete_view, name="delete-view"),
        path("<int:pk>/", views.lead_detail, name="detail"),
        path("<int:pk>/edit/", views.lead_edit, name="edit"),
        path("<int:pk>/erase/", views.lead_erase, name="erase"),
        path("<int:pk>/identities/", views.lead_identities, name="identities"),
        path("identities/<int:pk>/primary/", views.identity_primary, name="identity-primary"),
    ],
    "leads",
)
companies_urls = (
    [
        *_list_urls(ListKind.COMPANIES),
        path("new/", views.company_create, name="create"),
        path("<int:pk>/", views.company_detail, name="detail"),
        path("<int:pk>/edit/", views.company_edit, name="edit"),
    ],
    "companies",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("briefs/", include("leads.qualification.urls")),
    path("companies/", include(companies_urls)),
    path("duplicates/", include("leads.duplicates.urls")),
    path("imports/", include("leads.imports.urls")),
    path("insights/", include("leads.insights.urls")),
    path("learning/", include("leads.learning.urls")),
    path("leads/", include(leads_urls)),
    path("network/", include("leads.sources.network.urls")),
    path("segments/", include("leads.segments.urls")),
    path("sources/", include("leads.sources.urls")),
]
