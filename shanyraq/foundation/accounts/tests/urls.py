from django.urls import include, path

from shanyraq.foundation.ui.pages import Page


class Home(Page):
    template = "ui/page.html"


urlpatterns = [
    path("", Home.as_view()),
    path("", include("shanyraq.foundation.accounts.urls")),
    path("inbox/", include("shanyraq.foundation.notices.urls")),
    path("audit/", include("shanyraq.foundation.audit.urls")),
]
