"""Pictures and documents of a lead: their text, how good they are, what they name, and one signal of all together."""
