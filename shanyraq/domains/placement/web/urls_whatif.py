from django.urls import path

from shanyraq.domains.placement.web import views_whatif as views

app_name = "whatif"
urlpatterns = [
    path("", views.Comparisons.as_view(), name="list"),
    path("new/", views.NewComparison.as_view(), name="new"),
    path("<uuid:comparison>/", views.Comparison.as_view(), name="one"),
    path("<uuid:comparison>/publish/", views.PublishComparison.as_view(), name="publish"),
    path("<uuid:comparison>/<str:table>.csv", views.ComparisonFile.as_view(), name="file"),
]
