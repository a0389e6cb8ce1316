"""Plugins of `manage.py employee`."""
