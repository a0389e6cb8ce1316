"""The arithmetic of predictions. Pure numpy and scipy: knows no database, and is given the time."""
