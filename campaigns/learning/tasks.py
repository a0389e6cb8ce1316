"""Background work of nightly learning."""

from campaigns.learning import services


def learn_all() -> str:
    """Tonight's step for every daily campaign; who has had it keeps it."""
    return f"{services.learn_all()} learned"
