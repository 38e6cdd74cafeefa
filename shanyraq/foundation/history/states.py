from enum import StrEnum


class BatchState(StrEnum):
    RUNNING = "running"  # some of its rows are written: it can be resumed or taken back
    APPLIED = "applied"
    UNDONE = "undone"
