"""Token buckets, rolling windows and calendars: pure rules, and one locked row a limited thing."""
