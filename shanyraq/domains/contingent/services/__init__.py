"""The verbs of the contingent, one module per noun: transfers, denials, corrections, rollovers, deadlines, telling."""
