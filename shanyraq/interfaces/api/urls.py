from django.urls import path

from shanyraq.interfaces.api.public import api, unknown

urlpatterns = [path("v1/", api.urls), path("<path:rest>", unknown)]
