"""Background work: `enqueue` (the one seam to django-q2), broker, lanes, schedules, visible job rows, heartbeats."""
