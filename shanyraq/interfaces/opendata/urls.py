from django.urls import path, re_path

from shanyraq.interfaces.opendata import views

app_name = "opendata"
urlpatterns = [
    path("", views.Catalogue.as_view(), name="catalogue"),
    path("<slug:name>/", views.Dataset.as_view(), name="dataset"),
    re_path(r"^(?P<file>[a-z-]+\.(?:csv|json))$", views.download, name="file"),
]
