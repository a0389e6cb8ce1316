"""What the templates of qualification need."""
