"""What was said, what may be said, and the one door out. Knows nothing of campaigns."""
