from django.urls import include, path

urlpatterns = [path("inbox/", include("shanyraq.foundation.notices.urls"))]
