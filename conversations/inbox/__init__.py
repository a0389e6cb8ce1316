"""The inbox and conversation pages."""
