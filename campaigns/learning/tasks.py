"""Background work of nightly learning."""

from campaigns.learning import feedback, services
from leads.learning.agents import sampling


def learn_all() -> str:
    """Tonight's step for every daily campaign; who has had it keeps it."""
    return f"{services.learn_all()} learned"


def tell_agents() -> str:
    """Feedback for the agents of briefs on everyone written to a week ago; then their policies are compared again."""
    told = feedback.tell_agents()
    return f"{told} told, {sampling.refresh_all()} compared"
