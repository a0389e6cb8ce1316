"""Assistants that speak the Model Context Protocol: what they may read and propose."""
