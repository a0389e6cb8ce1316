"""Settings → Models: connecting providers, testing them, choosing models for each purpose. Pages, API and command."""
