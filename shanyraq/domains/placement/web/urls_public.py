from django.urls import path

from shanyraq.domains.placement.web import views_packages
from shanyraq.domains.placement.web import views_public as views

app_name = "public"
urlpatterns = [
    path("places/", views.Places.as_view(), name="places"),
    path("places/places.csv", views.PlacesFile.as_view(), name="places_file"),
    path("places/<str:kato>/", views.place, name="place"),
    path("kindergartens/<uuid:organisation>/", views.Kindergarten.as_view(), name="kindergarten"),
    path("rounds/", views.Rounds.as_view(), name="rounds"),
    path("rounds/verify_round.py", views_packages.verifier, name="verifier"),
    path("rounds/<uuid:round>/package.zip", views_packages.package, name="package"),
    path("rounds/<uuid:round>/", views.Round.as_view(), name="round"),
]
