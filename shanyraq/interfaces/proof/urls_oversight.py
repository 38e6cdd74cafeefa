"""Addresses of the auditor's pages of the log, under /audit/log/."""

from django.urls import path

from shanyraq.interfaces.proof import oversight

app_name = "oversight"
urlpatterns = [
    path("", oversight.Entries.as_view(), name="entries"),
    path("entries/<int:index>/", oversight.Entry.as_view(), name="entry"),
    path("time/", oversight.Timing.as_view(), name="timing"),
    path("verify/", oversight.Verify.as_view(), name="verify"),
    path("verify/<uuid:check>/", oversight.Checked.as_view(), name="check"),
]
