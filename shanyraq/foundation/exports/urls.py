from django.urls import path

from shanyraq.foundation.exports import pages, trail

urlpatterns = [
    path("exports/", pages.Exports.as_view(), name="exports"),
    path("exports/<uuid:export>/", pages.One.as_view(), name="exports_one"),
    path("exports/<uuid:export>/decide/", pages.Decide.as_view(), name="exports_decide"),
    path("exports/<uuid:export>/file/", pages.Fetch.as_view(), name="exports_fetch"),
    path("audit/file/", trail.TrailFile.as_view(), name="audit_file"),
]
