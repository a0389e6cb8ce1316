"""Pages of the inbox."""

from django.urls import path

from conversations.inbox import answering, bulk, memories, saved_views, views

app_name = "inbox"
urlpatterns = [
    path("inbox/", views.inbox, name="list"),
    path("inbox/settings/", answering.preferences, name="settings"),
    path("inbox/filters/<slug:name>/", views.filter_choices, name="filter-choices"),
    path("inbox/patterns/", views.recurring, name="patterns"),
    path("inbox/bulk/", bulk.bulk, name="bulk"),
    path("inbox/saved-replies/", saved_views.saved_list, name="saved-replies"),
    path("inbox/saved-replies/new/", saved_views.saved_edit, name="saved-reply-new"),
    path("inbox/saved-replies/<int:pk>/", saved_views.saved_edit, name="saved-reply"),
    path("inbox/saved-replies/<int:pk>/delete/", saved_views.saved_delete, name="saved-reply-delete"),
    path("inbox/<int:pk>/saved-replies/", saved_views.saved_choice, name="saved-choice"),
    path("inbox/<int:pk>/unread/", views.unread, name="unread"),
    path("inbox/<int:pk>/", views.conversation, name="conversation"),
    path("inbox/<int:pk>/timeline/", views.timeline, name="timeline"),
    path("inbox/<int:pk>/claim/", views.take_over, name="claim"),
    path("inbox/<int:pk>/release/", views.release, name="release"),
    path("inbox/<int:pk>/assignment/", views.assignment, name="assignment"),
    path("inbox/<int:pk>/snooze/", views.snooze, name="snooze"),
    path("inbox/<int:pk>/state/", views.state, name="state"),
    path("inbox/<int:pk>/no-answer/", views.no_answer, name="no-answer"),
    path("inbox/<int:pk>/hold/", views.hold, name="hold"),
    path("inbox/<int:pk>/tags/", views.tags, name="tags"),
    path("inbox/<int:pk>/notes/", views.notes, name="notes"),
    path("inbox/<int:pk>/memories/", memories.add, name="memories"),
    path("inbox/memories/<int:pk>/", memories.change, name="memory"),
    path("inbox/<int:pk>/answers/", answering.answer, name="answers"),
    path("inbox/<int:pk>/suggestions/", answering.regenerate, name="suggestions"),
    path("inbox/<int:pk>/presence/", views.presence, name="presence"),
    path("inbox/answers/<int:pk>/back/", answering.take_back, name="take-back"),
    path("inbox/answers/<int:pk>/now/", answering.send_now, name="send-now"),
    path("messages/<int:pk>/forward/", answering.forward, name="forward"),
    path("suggestions/<int:pk>/", answering.suggestion, name="suggestion"),
    path("messages/<int:pk>/reading/", views.reading, name="reading"),
]
