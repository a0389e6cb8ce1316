"""What the domain name system says of domains, ours and theirs: which mail provider is behind one, and how to ask."""
