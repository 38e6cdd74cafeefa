from django.urls import include, path

urlpatterns = [
    path("", include("shanyraq.interfaces.portal.urls")),
]

handler500 = "shanyraq.foundation.ui.views.failed"
