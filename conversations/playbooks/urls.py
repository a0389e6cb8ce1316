"""Pages of playbooks."""

from django.urls import path

from conversations.playbooks import views

app_name = "playbooks"
urlpatterns = [
    path("", views.playbook_list, name="list"),
    path("new/", views.playbook_edit, name="create"),
    path("import/", views.playbook_import, name="import"),
    path("<int:pk>/", views.playbook_detail, name="detail"),
    path("<int:pk>/edit/", views.playbook_edit, name="edit"),
    path("<int:pk>/file/", views.playbook_file, name="file"),
    path("<int:pk>/default/", views.playbook_default, name="default"),
    path("<int:pk>/archive/", views.playbook_archive, name="archive"),
]
