"""What the web adds to `manage.py inspect`."""
