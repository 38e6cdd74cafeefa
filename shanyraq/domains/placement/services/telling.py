"""Telling many families at once: names are read together, notices are written together."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from shanyraq.domains.placement.models import Application, Outcome, Round
from shanyraq.domains.placement.queries.rounds import VOUCHER
from shanyraq.domains.placement.rules.reasons import Reason
from shanyraq.domains.placement.services import steps
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import notices
from shanyraq.foundation.text import Fact

News = tuple[Application, str, UUID | None, Mapping[str, Fact]]  # row, code, kindergarten to name, further facts


def families(news: Iterable[News], *, now: datetime) -> int:
    """Tell the applicant of each application, naming the child and the kindergarten; how many. A fixed number of
    queries for each 2 000."""
    rows = list(news)
    if not rows:
        return 0
    children = registry.person_cards([row.child_id for row, *_ in rows])
    homes = registry.organisation_cards([home for *_, home, _ in rows if home is not None])
    return notices.tell_many(
        [
            notices.NewNotice(
                row.applicant_id,
                code,
                {
                    "child": children[row.child_id].name,
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
    outcomes = Outcome.objects.filter(round=row).annotate(told_before=Exists(before))
    return families(
        [news for one in outcomes.select_related("application", "group") for news in _of_outcome(one, due)], now=now
    )


def _of_outcome(one: Outcome, due: date) -> Iterable[News]:
    if one.wish_rank is not None and one.group is not None:
        yield one.application, "placement.offered", one.group.organisation_id, {"answer_by": due}
    elif one.reason == VOUCHER:
        yield one.application, "placement.voucher_given", None, {"take_by": due}
    elif one.told_before:  # type: ignore[attr-defined]  # annotated
        return
    elif one.reason == Reason.KEPT:
        yield one.application, "placement.stays", None, {}
    else:
        yield one.application, "placement.not_placed", None, {"position": one.position}
