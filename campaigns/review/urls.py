"""Pages of drafts."""

from django.urls import path

from campaigns.review import pair_views, rule_views, stack_views, views

app_name = "drafts"
urlpatterns = [
    path("drafts/", views.queue, name="queue"),
    path("drafts/bulk/", views.bulk, name="bulk"),
    path("drafts/undo/", stack_views.undo, name="undo"),
    path("drafts/groups/approval/", stack_views.group_approval, name="group_approval"),
    path("drafts/groups/rejection/", stack_views.group_rejection, name="group_rejection"),
    path("drafts/groups/rows/", stack_views.group_rows, name="group_rows"),
    path("drafts/rules/", rule_views.index, name="rules"),
    path("drafts/rules/judge/", rule_views.judge, name="judge"),
    path("drafts/rules/<int:pk>/switch/", rule_views.switch, name="switch_rule"),
    path("drafts/pairs/", pair_views.index, name="pairs"),
    path("drafts/pairs/judge/", pair_views.judge, name="judge_pairs"),
    path("drafts/<int:pk>/pairs/", pair_views.compare, name="compare"),
    path("drafts/<int:pk>/", views.detail, name="detail"),
    path("drafts/<int:pk>/edit/", views.edit, name="edit"),
    path("drafts/<int:pk>/more/", views.more, name="more"),
    path("drafts/<int:pk>/wording/", stack_views.wording, name="wording"),
    path("drafts/<int:pk>/assignment/", stack_views.assignment, name="assignment"),
    path("drafts/<int:pk>/received/", stack_views.as_received, name="received"),
    path("drafts/<int:pk>/test/", stack_views.test_message, name="test"),
    path("drafts/<int:pk>/group/", views.group, name="group"),
    path("drafts/<int:pk>/approval/", views.approval, name="approval"),
    path("drafts/<int:pk>/rejection/", views.rejection, name="rejection"),
    path("drafts/<int:pk>/review/", views.back_to_review, name="back_to_review"),
    path("drafts/<int:pk>/rewriting/", views.rewriting, name="rewriting"),
    path("drafts/<int:pk>/exclusion/", views.exclusion, name="exclusion"),
    path("drafts/<int:pk>/proposals/<int:revision_id>/", views.proposal, name="proposal"),
    path("campaigns/<int:campaign_id>/drafts/", views.review, name="review"),
    path("campaigns/<int:campaign_id>/drafts/generation/", views.generate, name="generate"),
    path("campaigns/<int:campaign_id>/drafts/rules/", views.apply_rules, name="apply_rules"),
]
