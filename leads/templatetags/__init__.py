"""What templates need to show leads and companies."""
