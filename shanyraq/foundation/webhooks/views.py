"""What the operator sees of webhooks: every hook, and what was given up."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase

from shanyraq.foundation.access import Role
from shanyraq.foundation.ui.pages import Context, Page, see_other
from shanyraq.foundation.webhooks import queries, services
from shanyraq.foundation.webhooks.states import MOST_DEAD, HookState

HOME = "/webhooks/"


class Hooks(Page):
    """Hooks with their state, and dead letters with the way to send them again."""

    template = "webhooks/hooks.html"
    roles = (Role.OPERATOR,)

    def context(self) -> Context:
        number = self.request.GET.get("page", "1")
        page = queries.dead_letters(page=int(number) if number.isdecimal() else 1)
        return {"hooks": queries.hooks(), "page": page, "letters": page.object_list, "most": MOST_DEAD}


class Step(Page):
    """What is done by a button; who comes by the address is taken to the list."""

    roles = (Role.OPERATOR,)

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Nothing is done."""
        return see_other(HOME)


class SendAgain(Step):
    """One dead letter, or all of a hook."""

    def post(self, request: HttpRequest, hook: UUID, delivery: UUID | None = None) -> HttpResponseBase:
        """Plan them once more."""
        count = services.send_again(actor=self.actor, hook=hook, delivery=delivery, now=self.now)
        messages.success(request, self.say("webhooks.sent_again", n=count))
        return see_other(HOME)


class PutState(Step):
    """A hook hears again, or nothing for a while."""

    def post(self, request: HttpRequest, hook: UUID, state: str) -> HttpResponseBase:
        """Put the state."""
        put = HookState.ACTIVE if state == "resume" else HookState.PAUSED
        services.put_state(actor=self.actor, hook=hook, state=put, now=self.now)
        messages.success(request, self.say(f"webhooks.done.{state}"))
        return see_other(HOME)
