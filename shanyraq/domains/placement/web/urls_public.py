from django.urls import path

from shanyraq.domains.placement.web import views_ceremony, views_packages
from shanyraq.domains.placement.web import views_public as views

app_name = "public"
urlpatterns = [
    path("places/", views.Places.as_view(), name="places"),
    path("places/places.csv", views.PlacesFile.as_view(), name="places_file"),
    path("places/<str:kato>/", views.place, name="place"),
    path("kindergartens/<uuid:organisation>/", views.Kindergarten.as_view(), name="kindergarten"),
    path("rounds/", views.Rounds.as_view(), name="rounds"),
    path("ceremonies/", views_ceremony.Ceremonies.as_view(), name="ceremonies"),
    path("ceremonies/<uuid:ceremony>/", views_ceremony.Ceremony.as_view(), name="ceremony"),
    path("ceremonies/<uuid:ceremony>/ceremony.json", views_ceremony.ceremony_file, name="ceremony_file"),
    path("rounds/verify_round.py", views_packages.verifier, name="verifier"),
    path("rounds/<uuid:round>/package.zip", views_packages.package, name="package"),
    path("rounds/<uuid:round>/", views.Round.as_view(), name="round"),
]
