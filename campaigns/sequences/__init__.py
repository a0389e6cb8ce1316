"""Steps of a campaign and their hand-over to delivery."""
