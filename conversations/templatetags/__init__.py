"""Template tags of the conversations wing."""
