"""Which leads to write to today, learned from what came of earlier ones: four policies behind one protocol.

Pure numpy, the same for the same seed. Knows no database: `leads.learning` feeds it and keeps what it learned.
"""
