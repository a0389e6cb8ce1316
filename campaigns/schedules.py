"""All periodic work of this wing."""

from outreach.jobs.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("candidates.live", "campaigns.audience.tasks.keep_live_sets", 10, "default"),
    Schedule("campaigns.complete", "campaigns.launch.tasks.complete_finished", 60, "default"),
    Schedule("campaigns.daily", "campaigns.daily.tasks.run_due", 60, "default"),
    Schedule("campaigns.weights", "campaigns.learning.tasks.learn_all", 86_400, "llm"),
    Schedule("campaigns.predictions", "campaigns.predictions.tasks.learn", 86_400, "llm"),
    Schedule("experiments", "campaigns.experiments.tasks.look", 3600, "llm"),
    Schedule("campaigns.agents", "campaigns.learning.tasks.tell_agents", 86_400, "llm"),
    Schedule("campaigns.turns", "campaigns.journey.tasks.look_at_turns", 30, "default"),
    Schedule("rollups", "campaigns.rollups.tasks.keep", 30, "default"),
    Schedule("reports.send", "campaigns.sharing.tasks.send_due", 300, "web"),
    Schedule("sandbox", "campaigns.demo.sandbox.tasks.play_due", every_seconds=5),
]
