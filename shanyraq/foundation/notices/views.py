from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from shanyraq.foundation.notices import queries, services
from shanyraq.foundation.ui.pages import Context, Page, see_other


class Inbox(Page):
    """Messages to the one who is signed in."""

    template = "notices/inbox.html"
    private = True

    def context(self) -> Context:
        number = self.request.GET.get("page", "1")
        page = queries.inbox(self.actor, self.lang, page=int(number) if number.isdecimal() else 1)
        return {"page": page, "letters": page.object_list, "waiting": queries.unread_count(self.actor)}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Mark one as read, or all."""
        services.mark_read(actor=self.actor, now=self.now, notice=_uuid(request.POST.get("notice", "")))
        return see_other("/inbox/")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
