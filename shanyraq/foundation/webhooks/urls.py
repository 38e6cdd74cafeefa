from django.urls import path

from shanyraq.foundation.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.Hooks.as_view(), name="hooks"),
    path("<uuid:hook>/send-again/", views.SendAgain.as_view(), name="send_again"),
    path("<uuid:hook>/<uuid:delivery>/send-again/", views.SendAgain.as_view(), name="send_one_again"),
    path("<uuid:hook>/resume/", views.PutState.as_view(), {"state": "resume"}, name="resume"),
    path("<uuid:hook>/pause/", views.PutState.as_view(), {"state": "pause"}, name="pause"),
]
