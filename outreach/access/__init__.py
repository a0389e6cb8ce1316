"""Who may do what: users, roles, API keys, first-administrator links, login protection."""
