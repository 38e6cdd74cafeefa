"""Checks of the record as files: what contradicts itself, what that means, who mends it and how. See README.md.

    loader.load()                       the checks of checks/, each read and proved to be one SELECT
    running.run(check, now=now)         one check over the whole record: counts by territory and organisation
    running.run_batch(batch, now=now)   those that can look at the rows of one batch
    queries.board(actor, now)           what an actor sees of the last runs

This package knows no process of education: a check is a query over tables, and names come from whoever registered
them (`subjects.register`). The modules load late: this package is a Django application.
"""
