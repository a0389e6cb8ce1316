"""The files that a step of a campaign encloses with each of its messages."""
