"""Who is in a campaign and why: frozen audiences, live sets, verdicts, and a person's decisions."""
