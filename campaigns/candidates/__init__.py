"""Who is in a campaign: frozen audience, stages, qualification of candidates."""
