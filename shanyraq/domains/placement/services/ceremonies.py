"""The ceremony that draws the seed of a round: opened, handed in to, sealed, drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from shanyraq.domains.placement.access import require_district
from shanyraq.domains.placement.events import ceremony as events
from shanyraq.domains.placement.models import Ceremony, CeremonyMessage, CeremonyParty, Counter, Round
from shanyraq.domains.placement.models.ceremonies import LIVE
from shanyraq.domains.placement.queries import ceremonies as queries
from shanyraq.domains.placement.rules import seed, seed_files
from shanyraq.domains.placement.rules.seed import (
    CeremonyPhase,
    CeremonyState,
    SeedMessage,
    SeedStep,
)
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import audit, ledger
from shanyraq.foundation.access import Actor
from shanyraq.foundation.refusal import Refusal

SUBJECT: Final = "placement_ceremony"
MOST_LETTERS: Final = 60_000  # of a file with several messages


@dataclass(frozen=True, slots=True)
class NewCeremony:
    """What an officer fixes when opening one. parties: three files with public keys; a beacon, or none."""

    district: str
    parties: tuple[str, ...]
    commit_by: datetime
    confirm_by: datetime
    reveal_by: datetime
    recover_by: datetime
    beacon_source: str = ""
    beacon_round: str = ""


@transaction.atomic
def open_ceremony(*, actor: Actor, new: NewCeremony, now: datetime) -> UUID:
    """Open a ceremony for the next round of a district, which then waits for its seed.

    Raises NotAllowed; Refusal("placement.no_such_district", "placement.ceremony_exists", "placement.ceremony_days",
    "placement.ceremony_parties", "placement.seed_beacon", "placement.seed_malformed").
    """
    require_district(actor, new.district)
    _require_sound(new, now)
    parties = [seed_files.read_party(text) for text in new.parties]
    if len({one.sign_key for one in parties}) != 3 or len({one.box_key for one in parties}) != 3:
        raise Refusal("placement.ceremony_parties", field="party_1")
    number = _next_round(new.district)
    row = Ceremony(
        district_id=new.district,
        number=number,
        beacon_source=new.beacon_source.strip(),
        beacon_round=new.beacon_round.strip(),
        opened_at=now,
        opened_by=actor.user,
        commit_ends_at=new.commit_by,
        confirm_ends_at=new.confirm_by,
        reveal_ends_at=new.reveal_by,
        recover_ends_at=new.recover_by,
    )
    row.save(force_insert=True)
    CeremonyParty.objects.bulk_create(
        CeremonyParty(ceremony=row, place=place, name=one.name, box_key=one.box_key, sign_key=one.sign_key)
        for place, one in enumerate(parties, start=1)
    )
    _record(row, _opened(row, parties), now)
    audit.wrote(actor, "placement.open_ceremony", at=now, subject=SUBJECT, subject_id=row.pk)
    return row.pk


@transaction.atomic
def hand_in(*, actor: Actor, ceremony: UUID, file: str, now: datetime) -> int:
    """Take what a party hands in, whoever brings it: its signature says whose it is. How many messages were new.

    Repeated, it changes nothing. What can be sealed or drawn then, is. Raises Refusal("placement.no_such_ceremony",
    "placement.ceremony_over", "placement.seed_forged") and those of `rules.seed.accept`.
    """
    row = _held(ceremony)
    parties = list(CeremonyParty.objects.filter(ceremony=row).order_by("place"))
    messages = list(CeremonyMessage.objects.filter(ceremony=row).order_by("at", "id"))
    state = queries.state_of(row, messages, parties)
    before = {(one.body, one.signature) for one in messages}
    fresh = [one for one in _read(file) if one not in before]
    if fresh and row.status != "open":
        raise Refusal("placement.ceremony_over")
    by_place = {one.place: one for one in parties}
    for body, signature in fresh:
        keys = {place: one.sign_key for place, one in by_place.items()}
        message = seed_files.checked(row.pk.hex, body, signature, keys)
        state = seed.accept(queries.plan_of(row), state, message, now)
        _keep(row, by_place[message.party], message, (body, signature), now)
        state = _advance(row, state, now)
    if fresh:
        facts = {"messages": [0, len(fresh)]}
        audit.wrote(actor, "placement.hand_in", at=now, subject=SUBJECT, subject_id=row.pk, facts=facts)
    return len(fresh)


@transaction.atomic
def go_on(*, actor: Actor, ceremony: UUID, now: datetime, beacon: str = "") -> str:
    """Seal or draw what is due; the status after it. `beacon`: the public value, when nothing more can come.

    The ceremony goes by its own rules: who calls this decides nothing. Raises NotAllowed;
    Refusal("placement.no_such_ceremony", "placement.seed_beacon", "placement.seed_early").
    """
    row = _held(ceremony)
    require_district(actor, row.district_id)
    if row.status != "open":
        return row.status
    parties = list(CeremonyParty.objects.filter(ceremony=row).order_by("place"))
    messages = list(CeremonyMessage.objects.filter(ceremony=row).order_by("at", "id"))
    state = queries.state_of(row, messages, parties)
    if beacon.strip():
        if seed.phase(queries.plan_of(row), state, now) is not CeremonyPhase.READY:
            raise Refusal("placement.seed_early", day=row.recover_ends_at)
        row.beacon = beacon.strip()
    was = row.sealed_at
    _advance(row, state, now)
    if (row.sealed_at, row.status) != (was, "open"):
        audit.wrote(actor, "placement.go_on_ceremony", at=now, subject=SUBJECT, subject_id=row.pk)
    return row.status


def go_on_due(*, actor: Actor, now: datetime) -> int:
    """Seal and draw in every ceremony whose day has come, each in a transaction of its own; how many were looked at."""
    found = queries.due(now)
    for ceremony in found:
        go_on(actor=actor, ceremony=ceremony, now=now)
    return len(found)


def _require_sound(new: NewCeremony, now: datetime) -> None:
    card = registry.territory(new.district)
    if card is None or card.parent is None:
        raise Refusal("placement.no_such_district", field="district")
    days = (now, new.commit_by, new.confirm_by, new.reveal_by, new.recover_by)
    if list(days) != sorted(set(days)):
        raise Refusal("placement.ceremony_days", field="commit_by")
    if bool(new.beacon_source.strip()) != bool(new.beacon_round.strip()):
        raise Refusal("placement.seed_beacon", field="beacon_source")
    if len(new.parties) != len(seed.PARTIES):
        raise Refusal("placement.ceremony_parties", field="party_1")


def _next_round(district: str) -> int:
    """The round that will take the seed; its counter is held, so that no round is begun meanwhile."""
    name = f"round {district}"
    Counter.objects.get_or_create(name=name)
    list(Counter.objects.select_for_update().filter(name=name))
    number = (Round.objects.filter(district=district).aggregate(last=Max("number"))["last"] or 0) + 1
    if Ceremony.objects.filter(district=district, number=number, status__in=LIVE).exists():
        raise Refusal("placement.ceremony_exists", field="district")
    return int(number)


def _held(ceremony: UUID) -> Ceremony:
    row = Ceremony.objects.select_for_update().filter(pk=ceremony).first()
    if row is None:
        raise Refusal("placement.no_such_ceremony")
    return row


def _read(file: str) -> list[tuple[str, str]]:
    if len(file) > MOST_LETTERS:
        raise Refusal("placement.seed_malformed", field="file")
    return seed_files.read_messages(file)


def _keep(row: Ceremony, party: CeremonyParty, message: SeedMessage, sent: tuple[str, str], now: datetime) -> None:
    CeremonyMessage(
        ceremony=row,
        party=party,
        step=message.step.value,
        about=message.about,
        body=sent[0],
        signature=sent[1],
        at=now,
    ).save(force_insert=True)
    _record(row, _told(message), now)


def _told(message: SeedMessage) -> events.SeedEvent:
    """What the log says of a message."""
    party, about = str(message.party), str(message.about)
    holders = tuple(map(str, seed.holders(message.party)))
    if message.step is SeedStep.COMMIT:
        return events.SeedCommitted(party, holders, message.hashes)
    if message.step is SeedStep.CONFIRM:
        return events.SeedConfirmed(party, about)
    if message.step is SeedStep.SHOW:
        return events.SeedShown(party, about, message.shares[0])
    if message.step is SeedStep.REVEAL:
        return events.SeedRevealed(party, holders, message.shares)
    return events.SeedHandedBack(party, about, message.shares[0])


def _advance(row: Ceremony, state: CeremonyState, now: datetime) -> CeremonyState:
    """Seal, then draw, as far as the rules of the ceremony let it."""
    plan = queries.plan_of(row)
    if seed.can_seal(plan, state, now):
        state = _seal(row, state, now)
    ready = row.status == "open" and state.sealed is not None
    if ready and seed.phase(plan, state, now) is CeremonyPhase.READY and bool(row.beacon) == plan.beacon:
        _draw(row, state, now)
    return state


def _seal(row: Ceremony, state: CeremonyState, now: datetime) -> CeremonyState:
    try:
        state = seed.seal(queries.plan_of(row), state, now)
    except Refusal as refusal:
        _fail(row, refusal.code, now)
        return state
    numbers = Counter.objects.select_for_update().filter(name="application")  # waits for who is filing just now
    row.sealed_at, row.drawn = now, numbers.values_list("value", flat=True).first() or 0
    row.save(update_fields=["sealed_at", "drawn"])
    _record(row, events.SeedSealed(tuple(map(str, state.sealed or ())), row.drawn), now)
    return state


def _draw(row: Ceremony, state: CeremonyState, now: datetime) -> None:
    try:
        drawn = seed.draw(queries.plan_of(row), state, now, row.beacon)
    except Refusal as refusal:
        _fail(row, refusal.code, now)
        return
    for party in drawn.parties:
        if party not in state.revealed:
            holders = tuple(map(str, seed.holders(party)))
            _record(row, events.SeedRecovered(str(party), holders, seed.shares_of(state, party)), now)
    row.status, row.seed, row.closed_at = "drawn", drawn.seed, now
    row.save(update_fields=["status", "seed", "beacon", "closed_at"])
    _record(row, events.SeedDrawn(drawn.seed, tuple(map(str, drawn.parties)), drawn.beacon), now)


def _fail(row: Ceremony, code: str, now: datetime) -> None:
    row.status, row.reason, row.closed_at = "failed", code, now
    row.save(update_fields=["status", "reason", "closed_at"])
    _record(row, events.SeedFailed(code), now)


def _opened(row: Ceremony, parties: Sequence[seed_files.SeedParty]) -> events.SeedCeremonyOpened:
    return events.SeedCeremonyOpened(
        district=row.district_id,
        number=row.number,
        parties=tuple(one.name for one in parties),
        box_keys=tuple(one.box_key for one in parties),
        sign_keys=tuple(one.sign_key for one in parties),
        commit_by=row.commit_ends_at,
        confirm_by=row.confirm_ends_at,
        reveal_by=row.reveal_ends_at,
        recover_by=row.recover_ends_at,
        beacon_source=row.beacon_source,
        beacon_round=row.beacon_round,
    )


def _record(row: Ceremony, event: events.SeedEvent, now: datetime) -> None:
    ledger.note(event, row.pk, at=now, code=row.pk.hex)
