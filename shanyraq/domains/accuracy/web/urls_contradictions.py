from django.urls import path

from shanyraq.domains.accuracy.web import contradictions

app_name = "contradictions"
urlpatterns = [
    path("", contradictions.WorkList.as_view(), name="list"),
    path("<uuid:contradiction>/", contradictions.Case.as_view(), name="case"),
]
