"""The family's signature under a statement: made on its device, checked here, its trace kept."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import audit
from shanyraq.foundation.access import Actor
from shanyraq.foundation.accounts import signature
from shanyraq.foundation.refusal import NotAllowed, Refusal


@transaction.atomic
def sign(
    *, actor: Actor, statement: str, document: str, subject: str, subject_id: UUID, child: UUID, now: datetime
) -> None:
    """Check that the acting person signed the statement, and keep that it was signed, with the hash of its text.

    document: the signed XML of the person's device; in the demonstration, where there is none, the seam signs itself.
    Raises NotAllowed; Refusal("accounts.signature_away") and those of `signature.verify`.
    """
    if actor.person is None:
        raise NotAllowed("access.denied", action="placement.sign")
    service = signature.service()
    if service is None:
        raise Refusal("accounts.signature_away")
    iin = registry.revealed_iin(actor.person) or ""
    if isinstance(service, signature.FakeSignatures) and not document:
        document = service.sign(
            statement, iin=iin, valid_from=now - timedelta(days=1), valid_until=now + timedelta(days=1)
        )
    signature.verify(service, document, iin=iin, now=now)
    facts = {"statement_sha256": sha256(statement.encode("utf-8")).hexdigest()}
    audit.wrote(actor, "placement.sign", at=now, subject=subject, subject_id=subject_id, child=child, facts=facts)
