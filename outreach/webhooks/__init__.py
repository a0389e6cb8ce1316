"""Events to other systems: signed webhooks, chat and CRMs, each delivered from the event log at least once."""
