"""Domain events: written in the transaction, delivered to subscribers after commit, at least once."""
