"""Where leads come from besides files: crawl jobs, their adapters, the raw records and what was read out of them.

The pages themselves are fetched by `outreach.web`, which holds manners and safety; adapters only know their sites.
"""
