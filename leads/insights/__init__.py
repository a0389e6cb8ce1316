"""Knowledge about leads and companies: research with sources, insights that cite, vectors, files, search words.

It reads the web and files and writes facts; it does not decide who is written to, and sends nothing.
"""
