from django.urls import include, path

urlpatterns = [
    path("audit/", include("shanyraq.foundation.audit.urls")),
    path("", include("shanyraq.foundation.exports.urls")),
]
