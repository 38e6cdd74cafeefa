from django.urls import path

from shanyraq.domains.accuracy.web import reconciliation

app_name = "reconciliation"
urlpatterns = [
    path("", reconciliation.Table.as_view(), name="table"),
    path("file/", reconciliation.TableFile.as_view(), name="file"),
    path("note/", reconciliation.Note.as_view(), name="note"),
    path("published/", reconciliation.Published.as_view(), name="published"),
]
