from django.urls import path

from shanyraq.interfaces.exchange import pages

app_name = "exchange"
urlpatterns = [
    path("", pages.Exchange.as_view(), name="home"),
    path("package/", pages.Pack.as_view(), name="package"),
    path("reconcile/", pages.Reconcile.as_view(), name="reconcile"),
    path("roster/", pages.Roster.as_view(), name="roster"),
]
