"""Who may do what with doubts about the record."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Q

from shanyraq.foundation.access import Actor, Grant, Role, Rule, Rules, every_row, in_territory


class Do(StrEnum):
    """Actions of accuracy."""

    READ_DUPLICATES = "accuracy.read_duplicates"
    DECIDE_DUPLICATE = "accuracy.decide_duplicate"
    SEARCH_DUPLICATES = "accuracy.search_duplicates"
    READ_CONTRADICTIONS = "accuracy.read_contradictions"
    DECIDE_CONTRADICTION = "accuracy.decide_contradiction"
    SEARCH_CONTRADICTIONS = "accuracy.search_contradictions"
    READ_FIGURES = "accuracy.read_figures"
    NOTE_FIGURE = "accuracy.note_figure"
    TAKE_FIGURES = "accuracy.take_figures"
    LOAD_FIGURES = "accuracy.load_figures"
    LOAD_ACTIVITIES = "accuracy.load_activities"


def _one_there(actor: Actor, grant: Grant) -> Q:
    if not grant.territory:
        return Q()
    return in_territory("first_kato", grant) | in_territory("second_kato", grant)


def _there(actor: Actor, grant: Grant) -> Q:
    return in_territory("kato", grant)


def _both_there(actor: Actor, grant: Grant) -> Q:
    if not grant.territory:
        return Q()
    return in_territory("first_kato", grant) & in_territory("second_kato", grant)


_OPERATOR: Final = Rule(Role.OPERATOR, every_row)
_OFFICES: Final = (Role.OFFICER, Role.REGION)
READERS: Final = (*_OFFICES, Role.AUDITOR, Role.OPERATOR)

DUPLICATE_RULES: Rules = {
    # A pair across two districts is seen in both, and decided where both are at home: by the region, or the operator.
    Do.READ_DUPLICATES: (*(Rule(role, _one_there) for role in _OFFICES), Rule(Role.AUDITOR, every_row), _OPERATOR),
    Do.DECIDE_DUPLICATE: (*(Rule(role, _both_there) for role in _OFFICES), _OPERATOR),
    Do.SEARCH_DUPLICATES: (_OPERATOR,),
}

FIGURE_READERS: Final = (*_OFFICES, Role.MINISTRY, Role.AUDITOR, Role.OPERATOR)
_NATIONAL: Final = (Rule(Role.MINISTRY, every_row), _OPERATOR)


def _figures_there(actor: Actor, grant: Grant) -> Q:
    return in_territory("territory", grant)


FIGURE_RULES: Rules = {
    Do.READ_FIGURES: (
        *(Rule(role, _figures_there) for role in _OFFICES), Rule(Role.AUDITOR, every_row), *_NATIONAL,
    ),
    Do.NOTE_FIGURE: (*(Rule(role, _figures_there) for role in _OFFICES), *_NATIONAL),
    Do.LOAD_FIGURES: (Rule(Role.REGION, _figures_there), *_NATIONAL),
    Do.TAKE_FIGURES: _NATIONAL,
}  # fmt: skip


def may_note(actor: Actor, territory: str) -> bool:
    """Whether the actor may say something of the figures of a territory ("" is the country)."""
    national = actor.has(Role.MINISTRY, Role.OPERATOR)
    local = any(one.role in _OFFICES and one.territory and territory.startswith(one.territory) for one in actor.grants)
    return national or local


def keeps_journals(actor: Actor) -> frozenset[UUID]:
    """The organisations of which the actor may say who was there: those of a head."""
    return frozenset(one.organisation for one in actor.grants if one.role is Role.HEAD and one.organisation)


CONTRADICTION_RULES: Rules = {
    Do.READ_CONTRADICTIONS: (*(Rule(role, _there) for role in _OFFICES), Rule(Role.AUDITOR, every_row), _OPERATOR),
    Do.DECIDE_CONTRADICTION: tuple(Rule(role, _there) for role in _OFFICES),
    Do.SEARCH_CONTRADICTIONS: (_OPERATOR, Rule(Role.SYSTEM, every_row)),
}
