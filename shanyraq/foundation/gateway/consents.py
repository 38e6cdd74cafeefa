"""Consent to ask a state base about a person: requested at the state access-control service, which asks the person
(by SMS 1414 or eGov) and gives a token that goes with each question.

Source: law 94-V on personal data; rules of the field, sections 11.1 and 11.4.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.db import transaction

from shanyraq.foundation.clients import secrecy
from shanyraq.foundation.gateway.asking import Gateway
from shanyraq.foundation.gateway.models import Consent
from shanyraq.foundation.refusal import Refusal

SERVICE: Final = "access-consent"
ASKED, GIVEN, REFUSED, WITHDRAWN = "asked", "given", "refused", "withdrawn"


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """A consent as a person may see it."""

    id: UUID
    purpose: str
    state: str
    asked_at: datetime
    given_at: datetime | None
    ends_at: datetime | None


def request(gateway: Gateway, *, person: UUID, iin: str, purpose: str, until: datetime, now: datetime) -> UUID:
    """Ask a person, through the state service, for consent to a purpose until an instant; the consent's id.

    One that waits for its answer is not asked again before its end. Raises what Gateway.ask raises, gateway.unreadable.
    """
    asked = Consent.objects.filter(person_id=person, purpose=purpose, state=ASKED, ends_at__gt=now)
    waiting = asked.order_by("-asked_at").first()
    if waiting is not None:
        return waiting.id
    data = _xml("request", iin=iin, purpose=purpose, until=until.isoformat(timespec="seconds"))
    told = _read(gateway.ask(SERVICE, data, purpose="consent", now=now).data)
    if not told.get("number"):
        raise Refusal("gateway.unreadable")
    row = Consent(person_id=person, purpose=purpose, number=told["number"], state=ASKED, asked_at=now, ends_at=until)
    row.save(force_insert=True)
    return row.id


def look(gateway: Gateway, *, consent: UUID, now: datetime) -> ConsentCard:
    """What became of a request; the token of a consent that was given is kept sealed. Raises what Gateway.ask raises,
    and Refusal("gateway.consent_unknown")."""
    row = Consent.objects.filter(pk=consent).first()
    if row is None:
        raise Refusal("gateway.consent_unknown")
    if row.state == ASKED:
        told = _read(gateway.ask(SERVICE, _xml("state", number=row.number), purpose="consent", now=now).data)
        row = _settled(consent, told, now)
    return _card(row)


def token(*, person: UUID, purpose: str, now: datetime) -> str:
    """The token that goes with a question about a person. 1 query. Raises Refusal("gateway.consent_missing")."""
    row = Consent.objects.filter(person_id=person, purpose=purpose, state=GIVEN, ends_at__gt=now)
    held = row.order_by("-given_at").values_list("token", flat=True).first()
    if held is None:
        raise Refusal("gateway.consent_missing")
    return secrecy.unsealed(held).decode()


@transaction.atomic
def withdraw(*, person: UUID, purpose: str, now: datetime) -> int:
    """The person takes consent back: from now on nothing is asked for this purpose; how many. 1 query."""
    rows = Consent.objects.filter(person_id=person, purpose=purpose, state__in=(ASKED, GIVEN))
    return rows.update(state=WITHDRAWN, token=None)


def of_person(person: UUID) -> tuple[ConsentCard, ...]:
    """Consents of a person, newest first. 1 query."""
    return tuple(_card(row) for row in Consent.objects.filter(person_id=person).order_by("-asked_at", "-id"))


@transaction.atomic
def _settled(consent: UUID, told: dict[str, str], now: datetime) -> Consent:
    """The consent with its answer, unless the person has taken it back while the state was asked."""
    row = Consent.objects.select_for_update().get(pk=consent)
    if row.state != ASKED:
        return row
    if told.get("state") == GIVEN and told.get("token"):
        row.state, row.given_at, row.token = GIVEN, now, secrecy.sealed(told["token"].encode())
    elif told.get("state") == REFUSED:
        row.state = REFUSED
    row.save(update_fields=["state", "given_at", "token"])
    return row


def _card(row: Consent) -> ConsentCard:
    return ConsentCard(row.id, row.purpose, row.state, row.asked_at, row.given_at, row.ends_at)


def _xml(kind: str, **values: str) -> str:
    root = Element(kind)
    for name, value in values.items():
        SubElement(root, name).text = value
    return tostring(root, encoding="unicode")


def _read(data: str) -> dict[str, str]:
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise Refusal("gateway.unreadable") from None
    return {str(one.tag): (one.text or "").strip() for one in root}
