"""Prompt packs: Markdown files parsed, linted, versioned by content and rendered."""
