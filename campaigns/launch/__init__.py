"""From a plan to a campaign that sends: creating, changing, checking, starting, pausing and ending it."""
