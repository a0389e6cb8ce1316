"""Who we might talk to: companies, people and their addresses, and how they are found and judged. Knows nothing of
messages."""
