"""The plan and the measure: campaigns, candidates, drafts, sequences, outcomes and reports."""
