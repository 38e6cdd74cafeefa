from django.urls import path

from shanyraq.domains.certification.web import views

app_name = "certification"
urlpatterns = [
    path("", views.Systems.as_view(), name="systems"),
    path("new/", views.Register.as_view(), name="register"),
    path("<uuid:system>/", views.One.as_view(), name="system"),
    path("<uuid:system>/show/", views.Show.as_view(), name="show"),
    path("<uuid:system>/withdraw/", views.Withdraw.as_view(), name="withdraw"),
    path("<uuid:system>/runs/<uuid:run>/", views.Run.as_view(), name="run"),
]
