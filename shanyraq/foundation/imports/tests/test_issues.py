"""Faults as a whole: what is said of one cell."""

from shanyraq.foundation.imports import issues
from shanyraq.foundation.imports.issues import Issue, Severity


def test_a_cell_that_cannot_be_read_is_not_called_missing_too():
    found = issues.framed(
        [
            Issue(2, "iin", "iin_absent", Severity.HINT),
            Issue(2, "iin", "shown_as_power", Severity.BLOCKS),
            Issue(2, "sex", "iin_sex", Severity.HINT),
            Issue(3, "iin", "iin_absent", Severity.HINT),
        ]
    )
    assert issues.worst(found).select("row", "code").rows() == [
        (2, "shown_as_power"),
        (2, "iin_sex"),
        (3, "iin_absent"),
    ]


def test_of_no_faults_nothing_is_left():
    assert issues.worst(issues.none()).is_empty()
