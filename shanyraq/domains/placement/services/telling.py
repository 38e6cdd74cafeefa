"""Telling many families at once: names are read together, notices are written together."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from shanyraq.domains.placement.models import Application, Outcome, Round
from shanyraq.domains.placement.queries.rounds import VOUCHER
from shanyraq.domains.placement.rules.reasons import Reason
from shanyraq.domains.placement.services import steps
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import notices
from shanyraq.foundation.text import Fact


class Family(NamedTuple):
    """Of an application, what is needed to tell its family; a row of the table will do as well."""

    pk: UUID
    applicant_id: UUID
    child_id: UUID


# who is told, code, kindergarten to name, further facts
News = tuple[Application | Family, str, UUID | None, Mapping[str, Fact]]


def families(news: Iterable[News], *, now: datetime) -> int:
    """Tell the applicant of each application, naming the child and the kindergarten; how many. A fixed number of
    queries for each 2 000."""
    rows = list(news)
    if not rows:
        return 0
    children = registry.names_of([row.child_id for row, *_ in rows])
    homes = registry.organisation_cards([home for *_, home, _ in rows if home is not None])
    return notices.tell_many(
        [
            notices.NewNotice(
                row.applicant_id,
                code,
                {
                    "child": children[row.child_id],
                    **({} if home is None else {"kindergarten": homes[home].name}),
                    **facts,
                },
                steps.page_of(row),
            )
            for row, code, home, facts in rows
        ],
        at=now,
    )


def publish(row: Round, due: date, now: datetime) -> int:
    """Tell the families what a round decided. Who got nothing is told after the first round only."""
    before = Outcome.objects.filter(
        application=OuterRef("application"), round__status="published", round__number__lt=row.number
    )
    outcomes = Outcome.objects.filter(round=row).annotate(told_before=Exists(before)).order_by("id")
    decided = (_Decided(*one) for one in outcomes.values_list(*_Decided._fields))
    return families([news for one in decided for news in _of_outcome(one, due)], now=now)


class _Decided(NamedTuple):
    application: UUID
    application__applicant: UUID
    application__child: UUID
    position: int
    wish_rank: int | None
    group__organisation: UUID | None
    reason: str
    told_before: bool


def _of_outcome(one: _Decided, due: date) -> Iterable[News]:
    family = Family(*one[:3])
    if one.wish_rank is not None and one.group__organisation is not None:
        yield family, "placement.offered", one.group__organisation, {"answer_by": due}
    elif one.reason == VOUCHER:
        yield family, "placement.voucher_given", None, {"take_by": due}
    elif one.told_before:
        return
    elif one.reason == Reason.KEPT:
        yield family, "placement.stays", None, {}
    else:
        yield family, "placement.not_placed", None, {"position": one.position}
