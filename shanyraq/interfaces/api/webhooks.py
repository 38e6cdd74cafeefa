"""Webhooks over the API: a client registers addresses, changes their secrets, and looks after what did not arrive."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from shanyraq.foundation import ledger
from shanyraq.foundation.clients.queries import ClientCard
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.rest import paging
from shanyraq.foundation.rest.needs import actor_of, client_of, needs, now_of
from shanyraq.foundation.rest.paging import Cursor, Limit, Page
from shanyraq.foundation.rest.serving import Made
from shanyraq.foundation.webhooks import queries, services
from shanyraq.foundation.webhooks.states import DeliveryState, Failure, HookState
from shanyraq.interfaces import feed
from shanyraq.interfaces.api.schemas import START, In, Out
from shanyraq.interfaces.api.steps import NothingIn

router = Router()


class HookIn(In):
    """An address that wants to hear of changes."""

    url: str = Field(min_length=1, max_length=300, description="https; in the demonstration also http to this machine")
    resources: list[str] = Field(default=[], max_length=20, description="empty: all that the scopes allow")
    territory: str = Field("", pattern=r"^([0-9]{2,9})?$", description="KATO or its beginning; empty: all of the scope")
    since: int | None = Field(None, ge=0, le=2**53, description="changes after this version; left out: from now on")


class HookOut(Out):
    """A webhook without its secret."""

    id: UUID
    url: str
    resources: list[str]
    territory: str
    state: HookState
    reason: Failure | None = Field(description="why it is disabled")
    former_ends_at: datetime | None = Field(description="until when the secret before signs too")
    planned: int = Field(description="last version that was planned")
    waiting: int = Field(description="messages that wait")
    dead: int = Field(description="messages that were given up")
    created_at: datetime


class SecretOut(Out):
    """A webhook's secret: shown now, and not again."""

    id: UUID
    secret: str = Field(description="whsec_ and base64; signs HMAC-SHA256 over `id.timestamp.body`")


class DeliveryOut(Out):
    """A message; its id is the header `webhook-id` of each attempt."""

    id: UUID
    first: int = Field(description="first version in it")
    last: int = Field(description="last version in it")
    state: DeliveryState
    attempts: int
    due_at: datetime
    answered: int | None = Field(description="status of the last answer")
    problem: Failure | None
    created_at: datetime
    closed_at: datetime | None


class AgainOut(Out):
    """How many messages were planned once more."""

    planned: int


@router.post("/webhooks", auth=needs("write", "webhooks"), response={201: SecretOut}, summary="Register a webhook")
def register(request: HttpRequest, body: HookIn) -> Made:
    """The secret stands in this answer only. Private networks are refused; redirects are not followed."""
    client = client_of(request)
    names = tuple(dict.fromkeys(body.resources))
    _require_scopes(client, names)
    latest = ledger.size()
    if body.since is not None and body.since > latest:
        raise Refusal("feed.version_ahead", field="since", latest=latest)
    new = services.NewHook(body.url, names, body.territory, latest if body.since is None else body.since)
    made = services.register(actor=actor_of(request), client=client, new=new, now=now_of(request))
    return Made(SecretOut.model_validate(made), f"{START}/webhooks/{made.id}")


@router.get("/webhooks", auth=needs("read", "webhooks"), response=Page[HookOut], summary="The client's webhooks")
def hooks(request: HttpRequest, cursor: Cursor = "", limit: Limit = paging.LIMIT) -> Page[HookOut]:
    """By id. 1 query."""
    rows = sorted(queries.hooks(client_of(request).id), key=lambda one: str(one.id))
    page, after = paging.cut(rows, key=lambda one: str(one.id), after=cursor, limit=limit)
    return Page[HookOut](items=[HookOut.model_validate(one) for one in page], next=after)


@router.get("/webhooks/{uuid:hook}", auth=needs("read", "webhooks"), response=HookOut, summary="One webhook")
def hook(request: HttpRequest, hook: UUID) -> HookOut:
    """Only its own client sees it."""
    return HookOut.model_validate(queries.hook(hook, client_of(request).id))


@router.delete(
    "/webhooks/{uuid:hook}", auth=needs("write", "webhooks"), response={204: None}, summary="Remove a webhook"
)
def remove(request: HttpRequest, hook: UUID) -> None:
    """With all that waits for it."""
    services.remove(actor=actor_of(request), hook=hook, client=client_of(request).id, now=now_of(request))


@router.post(
    "/webhooks/{uuid:hook}/secret", auth=needs("write", "webhooks"), response=SecretOut, summary="Change the secret"
)
def rotate(request: HttpRequest, hook: UUID, body: NothingIn) -> SecretOut:
    """For a day each message carries two signatures: of the new secret and of the one before."""
    made = services.rotate(actor=actor_of(request), hook=hook, client=client_of(request).id, now=now_of(request))
    return SecretOut.model_validate(made)


@router.post("/webhooks/{uuid:hook}/pause", auth=needs("write", "webhooks"), response=HookOut, summary="Pause it")
def pause(request: HttpRequest, hook: UUID, body: NothingIn) -> HookOut:
    """Nothing is sent; nothing is lost."""
    return _put(request, hook, HookState.PAUSED)


@router.post(
    "/webhooks/{uuid:hook}/resume", auth=needs("write", "webhooks"), response=HookOut, summary="Switch a webhook on"
)
def resume(request: HttpRequest, hook: UUID, body: NothingIn) -> HookOut:
    """Also one that was disabled: it goes on where it stopped."""
    return _put(request, hook, HookState.ACTIVE)


@router.get(
    "/webhooks/{uuid:hook}/deliveries",
    auth=needs("read", "webhooks"),
    response=Page[DeliveryOut],
    summary="Messages of a webhook",
)
def deliveries(
    request: HttpRequest,
    hook: UUID,
    state: DeliveryState | None = None,
    cursor: Cursor = "",
    limit: Limit = paging.LIMIT,
) -> Page[DeliveryOut]:
    """By id: those that wait, those given up, and those delivered within seven days. 2 queries."""
    queries.hook(hook, client_of(request).id)
    rows = queries.deliveries(hook, state, after=paging.read_uuid(cursor), limit=limit + 1)
    items, following = paging.page(rows, key=lambda row: str(row.id), limit=limit)
    return Page[DeliveryOut](items=[DeliveryOut.model_validate(row) for row in items], next=following)


@router.post(
    "/webhooks/{uuid:hook}/send-again",
    auth=needs("write", "webhooks"),
    response=AgainOut,
    summary="Send again what was given up",
)
def send_all_again(request: HttpRequest, hook: UUID, body: NothingIn) -> AgainOut:
    """All of it, in the order of versions, with the ids of before."""
    return _again(request, hook, None)


@router.post(
    "/webhooks/{uuid:hook}/deliveries/{uuid:delivery}/send-again",
    auth=needs("write", "webhooks"),
    response=AgainOut,
    summary="Send one message again",
)
def send_again(request: HttpRequest, hook: UUID, delivery: UUID, body: NothingIn) -> AgainOut:
    """One that was given up."""
    return _again(request, hook, delivery)


def _put(request: HttpRequest, hook: UUID, state: HookState) -> HookOut:
    own = client_of(request).id
    services.put_state(actor=actor_of(request), hook=hook, state=state, client=own, now=now_of(request))
    return HookOut.model_validate(queries.hook(hook, own))


def _again(request: HttpRequest, hook: UUID, delivery: UUID | None) -> AgainOut:
    count = services.send_again(
        actor=actor_of(request), hook=hook, delivery=delivery, client=client_of(request).id, now=now_of(request)
    )
    return AgainOut(planned=count)


def _require_scopes(client: ClientCard, names: tuple[str, ...]) -> None:
    seer = feed.seer_of(client)
    for name in names or ("groups",):
        if name not in feed.RESOURCES or not seer(name):
            raise Refusal("webhooks.resource", field="resources", resource=name[:40])
