"""A channel whose recipients are simulated; it reaches reserved addresses only."""
