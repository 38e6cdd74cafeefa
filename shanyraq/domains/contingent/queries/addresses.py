"""Where the pages of this domain are, for notices and redirects. No queries."""

from uuid import UUID


def transfer(pk: UUID) -> str:
    """The page of a transfer for the organisations and the region."""
    return f"/contingent/transfers/{pk}/"


def family_transfer(pk: UUID) -> str:
    """The page of a transfer for the family."""
    return f"/family/transfers/{pk}/"


def denial(pk: UUID) -> str:
    """The page of a denied enrolment for the organisation and the office."""
    return f"/contingent/denials/{pk}/"


def correction(pk: UUID) -> str:
    """The page of a request to correct for the office and the head."""
    return f"/contingent/corrections/{pk}/"


def listing(child: UUID) -> str:
    """Where a child is listed, for the family."""
    return f"/family/listings/{child}/"
