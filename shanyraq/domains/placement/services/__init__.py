"""The verbs of placement, one module per noun: applications, documents, rounds, offers, vouchers, deadlines, swaps."""
