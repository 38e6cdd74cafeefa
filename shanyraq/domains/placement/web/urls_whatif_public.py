from django.urls import path

from shanyraq.domains.placement.web import views_whatif_public as views

app_name = "what-if"
urlpatterns = [
    path("", views.Published.as_view(), name="list"),
    path("<uuid:comparison>/", views.PublishedOne.as_view(), name="one"),
    path("<uuid:comparison>/package.zip", views.Package.as_view(), name="package"),
    path("<uuid:comparison>/<str:table>.csv", views.PublishedFile.as_view(), name="file"),
]
