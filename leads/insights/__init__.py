"""Knowledge about leads and companies: research with sources, insights that cite, vectors, files, search words.

It reads the web and files and writes facts; it decides nothing about whom to write to, and nothing here is sent.
"""
