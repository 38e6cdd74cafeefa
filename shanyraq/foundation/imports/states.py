from enum import StrEnum


class ImportState(StrEnum):
    """Where a file to be imported stands."""

    RECEIVED = "received"  # kept; its rows are being looked at
    EXAMINED = "examined"  # nothing is written yet: the preview waits for a yes
    APPLYING = "applying"  # some rows are written: it can go on, or be taken back
    APPLIED = "applied"
    UNDONE = "undone"
    REFUSED = "refused"  # the file as a whole is of no use
    EXPIRED = "expired"  # it waited too long, or was put aside
