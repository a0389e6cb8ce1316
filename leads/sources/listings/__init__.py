"""Classified-ad sites and job pages: result pages in the layouts of many years, postings old and new, JSON-LD JobPosting."""
