"""Command line of replies."""
