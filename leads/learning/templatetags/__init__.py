"""How templates show what a policy knows."""
