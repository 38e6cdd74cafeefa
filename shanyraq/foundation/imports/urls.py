from django.urls import path, register_converter

from shanyraq.foundation.imports import pages


class FormConverter:
    """The form of a file."""

    regex = "xlsx|csv"

    def to_python(self, value: str) -> str:
        """The form as it is written."""
        return value

    def to_url(self, value: str) -> str:
        """The form as it is written."""
        return value


register_converter(FormConverter, "file_form")

urlpatterns = [
    path("imports/", pages.Imports.as_view(), name="imports"),
    path("imports/new/<str:kind>/", pages.New.as_view(), name="imports_new"),
    path("imports/template/<str:kind>/template.<file_form:form>", pages.Template.as_view(), name="imports_template"),
    path("imports/<uuid:upload>/", pages.One.as_view(), name="imports_one"),
    path("imports/<uuid:upload>/faults/", pages.Faults.as_view(), name="imports_faults"),
    path("imports/<uuid:upload>/changes/", pages.Changes.as_view(), name="imports_changes"),
    path("imports/<uuid:upload>/failed.<file_form:form>", pages.FailedRows.as_view(), name="imports_failed"),
    path("imports/<uuid:upload>/apply/", pages.Apply.as_view(), name="imports_apply"),
    path("imports/<uuid:upload>/undo/", pages.Undo.as_view(), name="imports_undo"),
    path("imports/<uuid:upload>/resume/", pages.Resume.as_view(), name="imports_resume"),
    path("imports/<uuid:upload>/put-aside/", pages.PutAside.as_view(), name="imports_put_aside"),
]
