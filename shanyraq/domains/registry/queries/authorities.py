"""The administration of education: the ministry, its regional and district offices."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shanyraq.domains.registry.models import Authority
from shanyraq.domains.registry.rules.kinds import AuthorityKind
from shanyraq.foundation import history
from shanyraq.foundation.text import Text


@dataclass(frozen=True, slots=True)
class AuthorityCard:
    """One office; `seat`: the KATO of the territory that it looks after, none for the ministry."""

    id: UUID
    code: str
    parent: UUID | None
    kind: AuthorityKind
    name: Text
    seat: str | None
    since: date
    until: date | None


def authorities(on: date, known: datetime | None = None) -> tuple[AuthorityCard, ...]:
    """The offices at work on a day, as they were known at an instant, by level and code. 1 query."""
    order = list(AuthorityKind)
    cards = [_card(row) for row in history.as_of(Authority, valid=on, known=known)]
    return tuple(sorted(cards, key=lambda card: (order.index(card.kind), card.code)))


def authority_of(district: str) -> UUID | None:
    """The present office of a district. 1 query."""
    rows = Authority.objects.filter(seat_id=district, valid_to__isnull=True).order_by("-valid_from", "id")
    return rows.values_list("id", flat=True).first()


def offices() -> dict[str, UUID]:
    """The present offices by the territory of their seat. 1 query."""
    rows = Authority.objects.filter(seat__isnull=False, valid_to__isnull=True).order_by("valid_from", "id")
    return dict(rows.values_list("seat_id", "id"))


def _card(row: Authority) -> AuthorityCard:
    name = Text(row.name_kk, row.name_ru, row.name_en)
    kind = AuthorityKind(row.kind)
    return AuthorityCard(row.pk, row.code, row.parent_id, kind, name, row.seat_id, row.valid_from, row.valid_to)
