from django.urls import path

from shanyraq.foundation.audit.views import Trail
from shanyraq.foundation.audit.views_reading import ChildReaders, Reader, Readers

urlpatterns = [
    path("", Trail.as_view(), name="audit"),
    path("readers/", Readers.as_view(), name="audit_readers"),
    path("readers/<uuid:user>/", Reader.as_view(), name="audit_reader"),
    path("children/<uuid:child>/", ChildReaders.as_view(), name="audit_child"),
]
