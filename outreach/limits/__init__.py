"""Token buckets, rolling windows and calendars: pure rules, and one locked row per limited thing."""
