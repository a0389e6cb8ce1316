"""Pages of briefs and verdicts."""

from django.urls import path

from leads.qualification import views
from leads.qualification.labelling import pages

app_name = "briefs"
urlpatterns = [
    path("", views.brief_list, name="list"),
    path("new/", views.brief_edit, name="create"),
    path("try/", views.brief_try, name="try"),
    path("<int:pk>/", views.brief_edit, name="edit"),
    path("<int:pk>/labels/", pages.label_page, name="label"),
    path("<int:pk>/labels/answer/", pages.label_answer, name="label-answer"),
    path("<int:pk>/labels/learner/", pages.label_learner, name="learner"),
    path("<int:pk>/versions/<int:number>/restore/", views.brief_restore, name="restore"),
    path("<int:pk>/delete/", views.brief_delete, name="delete"),
    path("leads/<int:lead_id>/", views.lead_verdicts, name="verdicts"),
    path("leads/<int:lead_id>/qualify/", views.lead_qualify, name="qualify"),
    path("leads/<int:lead_id>/<int:brief_id>/decision/", views.lead_decide, name="decide"),
]
