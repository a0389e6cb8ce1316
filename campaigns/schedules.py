"""All periodic work of this wing."""

from django.utils.translation import gettext_lazy as _

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule(
        "candidates.live",
        "campaigns.audience.tasks.keep_live_sets",
        10,
        "default",
        title=_("Keep live audiences up to date"),
    ),
    Schedule(
        "campaigns.complete",
        "campaigns.launch.tasks.complete_finished",
        60,
        "default",
        title=_("End finished campaigns"),
    ),
    Schedule("campaigns.daily", "campaigns.daily.tasks.run_due", 60, "default", title=_("Run daily campaigns")),
    Schedule(
        "campaigns.weights",
        "campaigns.learning.tasks.learn_all",
        86_400,
        "llm",
        title=_("Learn the weights of scores"),
    ),
    Schedule(
        "campaigns.predictions",
        "campaigns.predictions.tasks.learn",
        86_400,
        "llm",
        title=_("Learn the predictions"),
    ),
    Schedule("experiments", "campaigns.experiments.tasks.look", 3600, "llm", title=_("Look at the experiments")),
    Schedule(
        "campaigns.agents",
        "campaigns.learning.tasks.tell_agents",
        86_400,
        "llm",
        title=_("Compare ways of choosing"),
    ),
    Schedule(
        "campaigns.turns",
        "campaigns.journey.tasks.look_at_turns",
        30,
        "default",
        title=_("Advance people whose step is due"),
    ),
    Schedule("rollups", "campaigns.rollups.tasks.keep", 30, "default", title=_("Keep the reports' numbers")),
    Schedule("reports.send", "campaigns.sharing.tasks.send_due", 300, "web", title=_("Send scheduled reports")),
    Schedule(
        "sandbox", "campaigns.demo.sandbox.tasks.play_due", every_seconds=5, title=_("Play the sandbox's recipients")
    ),
]
