"""The feed of changes: what happened to the rows that a client may see, in the one order of the log.

A version is the place of an entry in the log, counted from 1: it only grows, has no gaps, and nothing arrives late,
since the sequencer numbers what is committed. A page looks at a bounded stretch of the log by its key and says where
the next one begins, so its cost does not depend on the length of the log or on how little of it the client may see.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from shanyraq.domains.placement.queries import visible as placement
from shanyraq.domains.registry.queries import visible as registry
from shanyraq.foundation import ledger
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.clients.queries import ClientCard
from shanyraq.foundation.clients.scopes import Resource, Verb
from shanyraq.foundation.ledger import Logged
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.webhooks.sending import Stretch

STRETCH: Final = 2_000  # places of the log that one page looks at
LIMIT: Final = 500
Seer: TypeAlias = Callable[[str], Sequence[Actor]]  # resource -> actors who must all see a row; none: not asked for


class Change(StrEnum):
    """What became of a row. `deleted`: it counts no more; the guide says which rows can still be read."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    REKEYED = "rekeyed"  # it goes on under another id: read there


@dataclass(frozen=True, slots=True)
class Effect:
    """What an entry says of one resource; `fact` names the id in the payload, "" is the subject of the entry; `now` the
    id under which it goes on."""

    resource: str
    change: Change
    fact: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One change of one row; `now`: its id since, when the key is another."""

    version: int
    resource: str
    id: UUID
    change: Change
    at: datetime
    kind: str
    now: UUID | None = None

    @property
    def href(self) -> str:
        """Where the row is read; of a change of many rows, which they are."""
        return f"/api/v1/{self.resource}/{self.now or self.id}{'/rows' if self.resource == 'batches' else ''}"


@dataclass(frozen=True, slots=True)
class Page:
    """Changes after a version; `next` is the version to ask after next, `latest` the end of the log."""

    items: tuple[Item, ...]
    next: int
    latest: int


def _effects(change: Change, kinds: str, *resources: str, fact: str = "") -> dict[str, list[Effect]]:
    return {kind: [Effect(resource, change, fact) for resource in resources] for kind in kinds.split()}


_TOLD: Final = (
    _effects(Change.CREATED, "placement.ApplicationFiled", "applications"),
    _effects(
        Change.CHANGED,
        """placement.WishesChanged placement.OpenPlaceRequested placement.RightClaimed placement.DocumentConfirmed
        placement.DocumentRefused placement.ApplicationResumed placement.OfferMade placement.OfferAccepted
        placement.OfferDeclined placement.OfferLapsed placement.ReferralExtended placement.ReferralLapsed
        placement.AdmissionRefused placement.Enrolled placement.VoucherGiven placement.VoucherTaken
        placement.VoucherRefused placement.VoucherLost placement.VoucherRestored placement.KindergartenChosen
        placement.WaitingListJoined placement.WaitingListLeft placement.ContractSigned""",
        "applications",
    ),
    _effects(Change.DELETED, "placement.ApplicationWithdrawn placement.ApplicationAnnulled", "applications"),
    _effects(Change.CREATED, "placement.RightClaimed", "documents", fact="document"),
    _effects(Change.CHANGED, "placement.DocumentConfirmed placement.DocumentRefused", "documents", fact="document"),
    _effects(Change.CREATED, "placement.OfferMade placement.KindergartenChosen", "offers", fact="offer"),
    _effects(
        Change.CHANGED,
        """placement.OfferAccepted placement.OfferDeclined placement.OfferLapsed placement.ReferralExtended
        placement.ReferralLapsed placement.AdmissionRefused placement.Enrolled placement.ContractSigned""",
        "offers",
        fact="offer",
    ),
    _effects(Change.CHANGED, "placement.PlaceOpened", "groups", fact="group"),
    _effects(Change.CREATED, "placement.PlacesAllocated", "rounds"),
    _effects(Change.CHANGED, "placement.RoundPublished", "rounds"),
    _effects(Change.CREATED, "registry.OrganisationOpened", "organisations"),
    _effects(Change.CHANGED, "registry.OrganisationChanged", "organisations"),
    _effects(Change.DELETED, "registry.OrganisationClosed", "organisations"),
    _effects(Change.CREATED, "registry.GroupOpened", "groups"),
    _effects(Change.CHANGED, "registry.PlacesChanged", "groups"),
    _effects(Change.CHANGED, "registry.GroupChanged", "groups"),
    _effects(Change.DELETED, "registry.GroupClosed", "groups"),
    _effects(Change.CREATED, "registry.ChildEnrolled", "enrolments"),
    _effects(Change.DELETED, "registry.EnrolmentEnded", "enrolments"),
    _effects(Change.CREATED, "registry.StaffAppointed", "employments"),
    _effects(Change.CHANGED, "registry.StaffChanged", "employments"),
    _effects(Change.DELETED, "registry.StaffLeft", "employments"),
    _effects(Change.CREATED, "registry.CircumstanceNoted", "circumstances"),
    _effects(Change.DELETED, "registry.CircumstanceEnded", "circumstances"),
    _effects(Change.CREATED, "registry.PersonRegistered", "people"),
    _effects(Change.CHANGED, "registry.IinGiven registry.PersonCorrected", "people"),
    _effects(Change.CHANGED, "registry.PeopleMerged registry.PeopleSeparated", "people", fact="kept"),
    {"registry.PeopleMerged": [Effect("people", Change.REKEYED, now="kept")]},
    _effects(Change.CREATED, "registry.PeopleSeparated", "people"),
    _effects(Change.CREATED, "registry.BatchApplied", "batches"),
    _effects(Change.CREATED, "registry.PeopleMerged registry.OrganisationReorganised", "batches", fact="batch"),
    _effects(Change.DELETED, "registry.BatchUndone", "batches"),
    _effects(Change.DELETED, "registry.PeopleSeparated", "batches", fact="batch"),
    _effects(Change.CHANGED, "registry.GuardianAdded registry.GuardianEnded", "people", fact="child"),
    _effects(Change.CHANGED, "registry.ResidenceMoved", "people", fact="person"),
)
_PLACEMENT: Final = frozenset(("applications", "documents", "offers", "rounds"))
_PUBLIC: Final = frozenset(("batches", "groups", "organisations"))  # need no scope but read:changes


def _joined(parts: Iterable[Mapping[str, list[Effect]]]) -> dict[str, list[Effect]]:
    joined: dict[str, list[Effect]] = {}
    for part in parts:
        for kind, effects in part.items():
            joined.setdefault(kind, []).extend(effects)
    return joined


EFFECTS: Final = _joined(_TOLD)
RESOURCES: Final = tuple(sorted({effect.resource for effects in EFFECTS.values() for effect in effects}))


def changes(
    seer: Seer, *, since: int, resources: Collection[str] = (), limit: int = LIMIT, until: int | None = None
) -> Page:
    """The changes after a version, and up to another, that someone may see; at most `limit` versions; all resources
    when none is named.

    2 queries and one for each resource among them, people 2. Raises Refusal("feed.version_ahead").
    """
    latest = ledger.size() if until is None else until
    if since > latest:
        raise Refusal("feed.version_ahead", field="since", latest=latest)
    entries = ledger.logged(since, min(since + STRETCH, latest))
    asked = {name: seer(name) for name in (resources or RESOURCES)}
    found = [item for entry in entries for item in _items(entry) if asked.get(item.resource)]
    seen = {name: _visible(name, actors, found) for name, actors in asked.items() if actors}
    told = [item for item in found if item.id in seen[item.resource]]
    return _cut(told, reached=since + len(entries), latest=latest, limit=limit)


def every_change(seer: Seer, *, since: int, until: int, resources: Collection[str] = ()) -> Iterator[Item]:
    """All changes after a version up to another. As `changes`, page by page."""
    while since < until:
        page = changes(seer, since=since, resources=resources, limit=STRETCH, until=until)
        yield from page.items
        since = page.next


def seer_of(client: ClientCard) -> Seer:
    """What a client may see: with `read:changes`, and `read:<resource>` where the resource is not public."""
    base = client.acting(Verb.READ, Resource.CHANGES)

    def actors(resource: str) -> Sequence[Actor]:
        if base is None or resource in _PUBLIC:
            return () if base is None else (base,)
        own = client.acting(Verb.READ, Resource(resource))
        return () if own is None else (base, own)

    return actors


def for_hook(client: ClientCard, resources: tuple[str, ...], territory: str, since: int) -> Stretch:
    """What a hook hears after a version: rows and versions, nothing of their content."""
    seer = seer_of(client)
    there = Actor(user=None, grants=(Grant(Role.SYSTEM, territory),)) if territory else None

    def narrowed(resource: str) -> Sequence[Actor]:
        actors = seer(resource)
        return (*actors, there) if actors and there else actors

    page = changes(narrowed, since=since, resources=resources)
    return Stretch([_message(one) for one in page.items], page.next)


def _message(item: Item) -> dict[str, object]:
    told = {"version": item.version, "resource": item.resource, "id": str(item.id), "change": item.change.value}
    return {**told, "now": str(item.now)} if item.now else told


def seer_for(actor: Actor) -> Seer:
    """What one actor may see, by the rules of each resource."""
    return lambda resource: (actor,)


def _items(entry: Logged) -> Iterator[Item]:
    for effect in EFFECTS.get(entry.kind, ()):
        named = entry.payload.get(effect.fact) if effect.fact else entry.subject
        if named:
            now = UUID(str(entry.payload[effect.now])) if effect.now else None
            yield Item(entry.index + 1, effect.resource, UUID(str(named)), effect.change, entry.at, entry.kind, now)


def _visible(resource: str, actors: Sequence[Actor], found: Iterable[Item]) -> set[UUID]:
    ids = {item.id for item in found if item.resource == resource}
    if not ids:
        return set()
    domain = placement if resource in _PLACEMENT else registry
    return set(domain.visible(resource, ids, actors))


def _cut(told: Sequence[Item], *, reached: int, latest: int, limit: int) -> Page:
    """The first versions of what was found: all items of a version stay together."""
    versions = sorted({item.version for item in told})
    if len(versions) <= limit:
        return Page(tuple(told), reached, latest)
    last = versions[limit - 1]
    return Page(tuple(item for item in told if item.version <= last), last, latest)
