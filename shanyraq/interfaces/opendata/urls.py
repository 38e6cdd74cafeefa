from django.urls import path

from shanyraq.interfaces.opendata import views

app_name = "opendata"
urlpatterns = [
    path("", views.Catalogue.as_view(), name="catalogue"),
    path("<slug:table>.csv", views.download, {"kind": "csv"}, name="csv"),
    path("<slug:table>.json", views.download, {"kind": "json"}, name="json"),
    path("<slug:name>/", views.Dataset.as_view(), name="dataset"),
]
