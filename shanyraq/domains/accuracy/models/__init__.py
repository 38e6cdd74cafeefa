"""The tables of accuracy. Suspicions, not facts: people are named by plain ids, so that a suspicion never stands in the
way of a merge or of taking an import back."""

from shanyraq.domains.accuracy.models.contradictions import Activity, Contradiction, ContradictionSearch
from shanyraq.domains.accuracy.models.duplicates import Duplicate, DuplicateSearch
from shanyraq.domains.accuracy.models.reconciliation import Figure, FigureNote

__all__ = ["Activity", "Contradiction", "ContradictionSearch", "Duplicate", "DuplicateSearch", "Figure", "FigureNote"]
