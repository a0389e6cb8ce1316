"""Background work of nightly learning."""

from campaigns.learning import feedback, services


def learn_all() -> str:
    """Tonight's step for every daily campaign; who has had it keeps it."""
    return f"{services.learn_all()} learned"


def tell_agents() -> str:
    """Feedback for the agents of briefs on everyone written to a week ago."""
    return f"{feedback.tell_agents()} told"
