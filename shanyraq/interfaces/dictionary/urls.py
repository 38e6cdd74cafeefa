from django.urls import path

from shanyraq.interfaces.dictionary import views

app_name = "dictionary"
urlpatterns = [
    path("", views.Tables.as_view(), name="tables"),
    path("fields.csv", views.FieldsFile.as_view(), name="fields"),
    path("codebooks/", views.Codebooks.as_view(), name="codebooks"),
    path("codebooks/<slug:codebook>/", views.OneCodebook.as_view(), name="codebook"),
    path("codebooks/<slug:codebook>.csv", views.CodebookFile.as_view(), name="codebook_csv"),
    path("codebooks/<slug:codebook>.json", views.CodebookJson.as_view(), name="codebook_json"),
    path("<slug:table_name>/", views.OneTable.as_view(), name="table"),
]
