"""What the templates of segments need."""
