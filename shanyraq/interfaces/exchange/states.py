from enum import StrEnum


class LoadState(StrEnum):
    """Where a package that came in stands."""

    EXAMINED = "examined"  # its preview is there, its file waits
    APPLIED = "applied"
    UNDONE = "undone"
    EXPIRED = "expired"  # nobody said yes in time
