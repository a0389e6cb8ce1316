"""Probable duplicates of people and companies: found by index when something changed, decided by a person, undone."""
