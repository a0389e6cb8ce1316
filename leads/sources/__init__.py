"""Sources of leads other than files: crawl jobs, their adapters, and the raw records.

The pages themselves are fetched by `outreach.web`, which holds manners and safety; adapters only know their sites.
"""
