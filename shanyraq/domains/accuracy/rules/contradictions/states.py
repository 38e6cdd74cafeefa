from enum import StrEnum


class ContradictionState(StrEnum):
    """What became of a row that contradicts other evidence."""

    OPEN = "open"
    FALSE = "false"  # the row is not true: it is put right by its own procedure
    TRUE = "true"  # the row is true, and why is noted
