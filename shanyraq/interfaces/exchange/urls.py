from django.urls import path

from shanyraq.interfaces.exchange import pages

app_name = "exchange"
urlpatterns = [
    path("", pages.Exchange.as_view(), name="home"),
    path("package/", pages.Pack.as_view(), name="package"),
    path("reconcile/", pages.Reconcile.as_view(), name="reconcile"),
    path("load/", pages.Load.as_view(), name="load"),
    path("loads/<uuid:load>/", pages.One.as_view(), name="loaded"),
    path("loads/<uuid:load>/undo/", pages.Undo.as_view(), name="undo"),
    path("roster/", pages.Roster.as_view(), name="roster"),
]
