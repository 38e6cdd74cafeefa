"""Webhooks: a client gives an address, and hears there what has changed for it. Signed, in order, at least once.

Deliveries are planned from the feed of changes by a routine and sent by a job, never in a request. A delivery names
rows and versions only: who hears it reads the rows through the API, with its scopes. See docs/guides/open-data.md.
"""
