from django.urls import path

from shanyraq.interfaces.api.api import api
from shanyraq.interfaces.api.unknown import unknown

urlpatterns = [path("v1/", api.urls), path("<path:rest>", unknown)]
