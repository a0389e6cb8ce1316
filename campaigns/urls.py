"""Pages of campaigns."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from campaigns.audience import live_views
from campaigns.audience import views as audience
from campaigns.daily import views as daily
from campaigns.journey import views as journey
from campaigns.launch import spend
from campaigns.launch import views as launch
from campaigns.learning import views as learning
from campaigns.overview import home
from campaigns.overview import views as overview
from campaigns.predictions import views as predictions
from campaigns.sharing.views import shared
from outreach.core.replica import reads_only

campaigns = [
    path("", reads_only(overview.index), name="list"),
    path("new/", launch.create, name="create"),
    path("start/", launch.quick_start, name="quick_start"),
    path("start/audience/", launch.audience_summary, name="audience_summary"),
    path("daily/new/", daily.create, name="create_daily"),
    path("situations/", home.situations, name="situations"),
    path("tomorrow/", journey.tomorrow, name="tomorrow"),
    path("tasks/", journey.tasks, name="tasks"),
    re_path(r"^tasks/(?P<turn_id>\d{1,18})/(?P<action>done|skip)/$", journey.settle_task, name="settle_task"),
    path("predictions/", predictions.index, name="prediction-models"),
    path("predictions/card.md", predictions.card, name="prediction-card"),
    path("audience-count/", launch.audience_count, name="audience_count"),
    path("<int:pk>/", overview.detail, name="detail"),
    path("<int:pk>/edit/", launch.edit, name="edit"),
    path("<int:pk>/criteria/", live_views.change_criteria, name="criteria"),
    path("<int:pk>/live/", live_views.page, name="live"),
    path("<int:pk>/weights/", learning.page, name="weights"),
    path("<int:pk>/training-set/", learning.training_set, name="training-set"),
    path("<int:pk>/weights/freeze/", learning.freeze, name="freeze-weights"),
    path("<int:pk>/weights/learn/", learning.learn_now, name="learn-now"),
    path("<int:pk>/weights/<int:night_id>/roll-back/", learning.roll_back, name="roll-back-weights"),
    path("<int:pk>/predictions/", predictions.page, name="predictions"),
    path("<int:pk>/predictions/follow/", predictions.follow, name="follow-predictions"),
    path("<int:pk>/spend-cap/", spend.set_cap, name="spend-cap"),
    path("<int:pk>/preflight/", launch.page, name="preflight"),
    path("<int:pk>/preflight/recipients/", launch.check_recipients, name="check_recipients"),
    path("<int:pk>/progress/", overview.progress, name="progress"),
    path("<int:pk>/timeline/", journey.timeline, name="timeline"),
    path("<int:pk>/timeline.csv", journey.download, name="timeline_download"),
    path("<int:pk>/freeze/", overview.freeze, name="freeze"),
    path("<int:pk>/discover/", overview.discover, name="discover"),
    path("<int:pk>/qualify/", overview.qualify, name="qualify"),
    path("<int:pk>/take-everyone/", overview.take_everyone, name="take-everyone"),
    path("<int:pk>/keep-busy/", overview.keep_busy, name="keep-busy"),
    path("<int:pk>/send-now/", overview.send_now, name="send-now"),
    path("<int:pk>/widen-hours/", overview.widen_hours, name="widen-hours"),
    path("<int:pk>/generate/", overview.generate, name="generate"),
    path("<int:pk>/run-day/", overview.run_day, name="run-day"),
    path("<int:pk>/start/", overview.start, name="start"),
    path("<int:pk>/pause/", overview.pause, name="pause"),
    path("<int:pk>/resume/", overview.resume, name="resume"),
    path("<int:pk>/complete/", overview.complete, name="complete"),
    path("<int:pk>/archive/", overview.archive, name="archive"),
    path("<int:pk>/candidates/", audience.index, name="candidates"),
    path("<int:pk>/candidates/<int:candidate_id>/", audience.detail, name="candidate"),
    path("<int:pk>/candidates/<int:candidate_id>/decision/", audience.decide, name="decide"),
    path("<int:pk>/candidates/<int:candidate_id>/outcomes/", audience.record_outcome, name="outcome"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("campaigns.review.urls")),
    path("campaigns/", include((campaigns, "campaigns"))),
    path("campaigns/", include("campaigns.steps.urls")),
    path("campaigns/", include("campaigns.writing.urls")),
    path("experiments/", include("campaigns.experiments.urls")),
    path("reports/dashboard/", include("campaigns.dashboard.urls")),
    path("reports/patterns/", include("campaigns.patterns.urls")),
    path("reports/saved/", include("campaigns.sharing.urls")),
    path("shared/<str:token>/", shared, name="shared_report"),
    path("reports/", include("campaigns.reports.urls")),
]
