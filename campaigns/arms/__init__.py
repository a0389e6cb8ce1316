"""Who is in which arm of an experiment; drafting asks here which variant to write."""
