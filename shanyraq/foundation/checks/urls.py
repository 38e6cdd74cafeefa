from django.urls import path

from shanyraq.foundation.checks import pages, pages_explaining

app_name = "checks"
urlpatterns = [
    path("", pages.Board.as_view(), name="board"),
    path("file/", pages.BoardFile.as_view(), name="board_file"),
    path("explanations/<uuid:explanation>/withdraw/", pages_explaining.Withdraw.as_view(), name="withdraw"),
    path("<str:code>/", pages.One.as_view(), name="one"),
    path("<str:code>/file/", pages.OneFile.as_view(), name="one_file"),
    path("<str:code>/explain/", pages_explaining.Explain.as_view(), name="explain"),
    path("<str:code>/run/", pages.RunNow.as_view(), name="run"),
]
