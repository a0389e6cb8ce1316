"""DNS facts about domains, ours and theirs: mail provider and lookups."""
