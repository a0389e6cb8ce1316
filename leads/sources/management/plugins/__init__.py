"""What sources add to `manage.py inspect`."""
