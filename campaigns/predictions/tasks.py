"""Background work of predictions."""

from campaigns.predictions import training


def learn() -> str:
    """Tonight's knowledge."""
    night = training.learn()
    return f"{night.people_count} people"
