"""Choices of a column from a closed list."""

from enum import StrEnum


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """Every member, by its value."""
    return [(member.value, member.value) for member in kind]
