from django.urls import path

from shanyraq.foundation.notices.views import Inbox

urlpatterns = [path("", Inbox.as_view(), name="inbox")]
