from django.urls import path

from shanyraq.domains.accuracy.web import duplicates

app_name = "duplicates"
urlpatterns = [
    path("", duplicates.WorkList.as_view(), name="list"),
    path("search/", duplicates.Search.as_view(), name="search"),
    path("<uuid:duplicate>/", duplicates.Pair.as_view(), name="pair"),
    path("<uuid:duplicate>/merge/", duplicates.MergePage.as_view(), name="merge"),
    path("<uuid:duplicate>/undo/", duplicates.Undo.as_view(), name="undo"),
]
