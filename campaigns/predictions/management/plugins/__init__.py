"""Plugins of commands of other rooms."""
