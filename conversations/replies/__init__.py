"""What a reply means and what to answer: intents, rules and model, suggested answers."""
