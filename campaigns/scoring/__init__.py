"""The cheap score: what each feature of a lead is worth to one campaign, in days of recency.

It orders a campaign's live set before anyone is qualified. It judges no one: that is `leads.qualification`.
"""
