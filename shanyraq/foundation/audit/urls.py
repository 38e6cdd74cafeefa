from django.urls import path

from shanyraq.foundation.audit.views import Trail

urlpatterns = [path("", Trail.as_view(), name="audit")]
