"""One file for each language that model servers speak. An adapter makes one call: no retries, no fallback.

What comes back is an `Answer` or a `ModelFault`, nothing else. Vendors' SDKs are imported at the first call: they are
hundreds of modules that an installation without a model never loads.
"""
